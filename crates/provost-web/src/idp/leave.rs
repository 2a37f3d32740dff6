//! `/idp/{id}/logout`: signing out, when Microsoft 365 asks for it.

use super::{Id, door, federation, told};
use crate::console::page;
use crate::console::refusal::Result;
use crate::signin::{Knock, close_person, me};
use crate::state::{State, now};
use axum::extract::{self, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::federation::{Door, Leaving};

/// What Microsoft 365, or a link, leads to.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    left(&state, &knock, &door, &query.unwrap_or_default()).await
}

/// Ends the session of this browser, and says so.
pub(super) async fn left(state: &State, knock: &Knock, door: &Door, query: &str) -> Result<Response> {
    let signed = me::signed(state, &knock.headers, door.provider.workspace).await?;
    let leaving = federation(state)?
        .leave(door, query, signed.as_ref(), now())
        .await;
    let mut response = match leaving {
        Ok(Leaving::Answer(address)) => page::elsewhere(&address),
        Ok(Leaving::Left) => told::left(knock.language, door),
        // It comes in a frame or a picture, where nothing is shown.
        Ok(Leaving::Noted) => return Ok(page::plain(StatusCode::OK)),
        Err(error) => return told::failed(knock.language, door, error),
    };
    if signed.is_some() {
        close_person(state, &mut response);
    }
    Ok(page::reachable(response))
}
