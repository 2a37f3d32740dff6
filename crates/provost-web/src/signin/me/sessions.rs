//! `/me/{workspace}/sessions`: ending what was opened elsewhere.

use super::passkeys::nothing;
use super::who::{Me, people};
use crate::console::refusal::{Refusal, Result};
use crate::console::{done, page};
use crate::state::{State, now};
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::response::Response;

/// Ends one of their sessions.
pub(super) async fn end(
    extract::State(state): extract::State<State>,
    me: Me,
    key: std::result::Result<Path<(String, i64)>, PathRejection>,
) -> Result<Response> {
    let Path((_, key)) = key.map_err(Refusal::address)?;
    if !people(&state)?.end(&me.signed, key, now()).await? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after(&me.home(), "ended")))
}

/// Ends all of them but this one.
pub(super) async fn end_others(extract::State(state): extract::State<State>, me: Me) -> Result<Response> {
    people(&state)?.end_others(&me.signed, now()).await?;
    Ok(page::elsewhere(&done::after(&me.home(), "ended")))
}
