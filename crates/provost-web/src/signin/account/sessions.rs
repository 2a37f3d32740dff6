//! `/account/sessions`: ending what was opened elsewhere.

use super::{nothing, signin};
use crate::console::refusal::{Refusal, Result};
use crate::console::{done, page};
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::response::Response;

/// Ends one of the visitor's sessions.
pub(super) async fn end(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: std::result::Result<Path<i64>, PathRejection>,
) -> Result<Response> {
    let Path(key) = key.map_err(Refusal::address)?;
    if !signin(&state)?.end(&visitor.signed, key, now()).await? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after("/account", "ended")))
}

/// Ends all of them but this one.
pub(super) async fn end_others(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    signin(&state)?.end_others(&visitor.signed, now()).await?;
    Ok(page::elsewhere(&done::after("/account", "ended")))
}
