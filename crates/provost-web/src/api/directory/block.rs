//! Blocking a person: every target disables the account, whatever a provider says, until the block is lifted.

use super::super::body;
use super::super::caller::Operator;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::shown::answer;
use super::{look, nobody};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::directory::{self, Object};
use schemars::JsonSchema;
use serde::Deserialize;

/// Why a person is blocked.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Because")]
pub(crate) struct Because {
    /// For whoever asks later.
    reason: String,
}

/// `POST /people/{who}/block`.
pub(crate) async fn block(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(who): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let because: Because = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let person = look(tx, workspace, Kind::Person, &who)?.ok_or_else(|| nobody(Kind::Person, &who))?;
        Ok::<_, Problem>(directory::block(tx, &actor, now, &person, &because.reason)?)
    };
    let after: Object = state.db().write(write).await?;
    answer(&state, StatusCode::OK, after).await
}

/// `POST /people/{who}/unblock`.
pub(crate) async fn unblock(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(who): Path<String>,
) -> Result<Response> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let person = look(tx, workspace, Kind::Person, &who)?.ok_or_else(|| nobody(Kind::Person, &who))?;
        Ok::<_, Problem>(directory::unblock(tx, &actor, now, &person)?)
    };
    let after: Object = state.db().write(write).await?;
    answer(&state, StatusCode::OK, after).await
}
