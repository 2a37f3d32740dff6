//! `POST /signout`.

use super::{cookie, signin};
use crate::console::page;
use crate::console::refusal::Result;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;

/// Ends the session, here and in the browser.
pub(super) async fn send(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let signed = &visitor.signed;
    signin(&state)?.end(signed, signed.session.key, now()).await?;
    let mut response = page::elsewhere("/signin");
    cookie::close(&state, &mut response);
    Ok(response)
}
