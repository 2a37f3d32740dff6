//! How a provider's records become people.

use super::super::body;
use super::super::caller::{Configurer, Reader};
use super::super::etag::{Match, Tag};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::find;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_sync::import::Source;

/// `GET /providers/{provider}/source`: its own definition, or the standard one for SCIM users.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let provider = find(&state, caller.workspace(), &name).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let source = engine.source(&provider).await?;
    Ok(Tag::of(&source).on(StatusCode::OK, source))
}

/// `PUT /providers/{provider}/source`.
pub(crate) async fn set(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let source: Source = body::read(&state, &headers, body).await?;
    let provider = find(&state, caller.workspace(), &name).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    condition.check_state(&engine.source(&provider).await?)?;
    engine.set_source(&provider, &source, &caller.actor()).await?;
    Ok(Tag::of(&source).on(StatusCode::OK, source))
}
