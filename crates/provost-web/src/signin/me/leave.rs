//! `POST /me/{workspace}/sign-out`.

use super::who::{Me, people};
use crate::console::page;
use crate::console::refusal::Result;
use crate::signin::cookie;
use crate::state::{State, now};
use axum::extract;
use axum::response::Response;

/// Ends the session, here and in the browser.
pub(super) async fn send(extract::State(state): extract::State<State>, me: Me) -> Result<Response> {
    let signed = &me.signed;
    people(&state)?.end(signed, signed.session.key, now()).await?;
    let mut response = page::elsewhere(&me.at("/sign-in"));
    cookie::close_person(&state, &mut response);
    Ok(response)
}
