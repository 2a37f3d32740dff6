//! OAuth clients of inbound providers. Only a hash of each secret is kept.

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
use provost_store::client::{self, Client};
use schemars::JsonSchema;
use serde::Serialize;

/// A client in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Client")]
struct Line {
    key: i64,
    client_id: String,
    label: String,
    /// `valid`, `expired` or `revoked`.
    state: &'static str,
    created: Moment,
    expires: Option<Moment>,
    /// When it last got a token.
    last_used: Option<Moment>,
    revoked: Option<Moment>,
}

/// A provider's clients.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Clients {
    clients: Vec<Line>,
}

/// A new client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClientMade")]
pub(crate) struct Made {
    key: i64,
    client_id: String,
    /// It is shown this once.
    client_secret: String,
    /// Where it gets its tokens.
    token_url: Option<String>,
    tenant_url: Option<String>,
    expires: Option<Moment>,
}

/// `GET /providers/{provider}/clients`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Clients>> {
    let key = find(&state, caller.workspace(), &name).await?.key;
    let all: Vec<Client> = state.db().read(move |tx| client::of_provider(tx, key)).await?;
    let now = now();
    let line = |one: Client| Line {
        state: standing(one.revoked, one.is_live(now)),
        key: one.key,
        client_id: one.id,
        label: one.label,
        created: Moment::at(one.created),
        expires: one.expires.map(Moment::at),
        last_used: one.last_used.map(Moment::at),
        revoked: one.revoked.map(Moment::at),
    };
    let clients = all.into_iter().map(line).collect();
    Ok(Json(Clients { clients }))
}

/// `POST /providers/{provider}/clients`.
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
        Ok::<_, Problem>(client::create(tx, &actor, now, &provider, &new.label, expires)?)
    };
    let minted = state.db().write(write).await?;
    let made = Made {
        key: minted.key,
        client_id: minted.id,
        client_secret: minted.secret,
        token_url: state
            .settings()
            .public_url
            .as_ref()
            .map(|url| format!("{url}/oauth/token")),
        tenant_url: tenant_url(&state),
        expires: expires.map(Moment::at),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// `DELETE /providers/{provider}/clients/{key}`.
pub(crate) async fn revoke(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let provider = look(tx, workspace, &name)?;
        Ok::<_, Problem>(client::revoke(tx, &actor, now, &provider, key)?)
    };
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let list = "providers/{provider}/clients";
    Err(Problem::unknown(
        "PRV-CLIENT-UNKNOWN",
        "live client",
        &key.to_string(),
        list,
    ))
}
