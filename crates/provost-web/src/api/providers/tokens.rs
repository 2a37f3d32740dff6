//! Tokens of inbound providers. Only a hash of each is kept.

use super::super::body;
use super::super::caller::{Configurer, Reader};
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::validity::{New, standing};
use super::{find, look, tenant_url};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::Tx;
use provost_store::token::{self, Minted, Token};
use schemars::JsonSchema;
use serde::Serialize;

/// A token in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct Line {
    key: i64,
    label: String,
    /// Its first characters, by which it is told from others.
    start: String,
    /// Who made it.
    actor: String,
    /// `valid`, `expired` or `revoked`.
    state: &'static str,
    created: Moment,
    expires: Option<Moment>,
    /// To the minute.
    last_used: Option<Moment>,
    revoked: Option<Moment>,
}

/// A provider's tokens.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Tokens {
    tokens: Vec<Line>,
}

/// A new token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenMade")]
pub(crate) struct Made {
    key: i64,
    /// What the identity provider must send after `Bearer`; it is shown this once.
    token: String,
    /// The address that goes beside it into the identity provider.
    tenant_url: Option<String>,
    expires: Option<Moment>,
}

impl Made {
    pub fn new(state: &State, minted: Minted, expires: Option<i64>) -> Self {
        Self {
            key: minted.key,
            token: minted.text,
            tenant_url: tenant_url(state),
            expires: expires.map(Moment::at),
        }
    }
}

/// `GET /providers/{provider}/tokens`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Tokens>> {
    let key = find(&state, caller.workspace(), &name).await?.key;
    let all: Vec<Token> = state.db().read(move |tx| token::of_provider(tx, key)).await?;
    let now = now();
    let line = |one: Token| Line {
        state: standing(one.revoked, one.is_live(now)),
        key: one.key,
        label: one.label,
        start: one.start,
        actor: one.actor,
        created: Moment::at(one.created),
        expires: one.expires.map(Moment::at),
        last_used: one.last_used.map(Moment::at),
        revoked: one.revoked.map(Moment::at),
    };
    let tokens = all.into_iter().map(line).collect();
    Ok(Json(Tokens { tokens }))
}

/// `POST /providers/{provider}/tokens`.
pub(crate) async fn add(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>)> {
    let new: New = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let expires = new.validity.ends(now)?;
    let write = move |tx: &mut Tx| {
        let provider = look(tx, workspace, &name)?;
        Ok::<_, Problem>(token::mint(tx, &actor, now, &provider, &new.label, expires)?)
    };
    let minted = state.db().write(write).await?;
    Ok((StatusCode::CREATED, Json(Made::new(&state, minted, expires))))
}

/// `DELETE /providers/{provider}/tokens/{key}`.
pub(crate) async fn revoke(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let provider = look(tx, workspace, &name)?;
        Ok::<_, Problem>(token::revoke(tx, &actor, now, &provider, key)?)
    };
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let list = "providers/{provider}/tokens";
    Err(Problem::unknown(
        "PRV-TOKEN-UNKNOWN",
        "live token",
        &key.to_string(),
        list,
    ))
}
