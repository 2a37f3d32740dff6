//! The keys with which a provider signs, and what became of sign-ins at Microsoft 365.

use super::super::aside;
use super::super::caller::{Configurer, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::paging;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use crate::state::{State, now};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::federated_signin::{Line, Outcome};
use provost_store::signing_key::Kept;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A key, by its certificate: the private half is in no answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SigningKey")]
pub(crate) struct Key {
    /// `current` signs, `next` is published beside it, `retired` does neither any more.
    slot: &'static str,
    subject: String,
    /// The thumbprint that Microsoft's portal shows.
    sha1: String,
    sha256: String,
    /// The certificate as Base64 of its DER: `signingCertificate` of Microsoft Graph.
    certificate: String,
    expires: Moment,
    /// Whether it is over: nothing is signed with it.
    is_over: bool,
    created: Moment,
    /// Who had it made.
    actor: String,
    /// Since when it is in its slot.
    since: Moment,
}

/// The keys of a provider, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SigningKeys")]
pub(crate) struct Keys {
    signing_keys: Vec<Key>,
}

fn key(kept: &Kept) -> Key {
    Key {
        slot: kept.slot.as_str(),
        subject: kept.certificate.subject().to_owned(),
        sha1: kept.certificate.sha1(),
        sha256: kept.certificate.sha256(),
        certificate: kept.certificate.base64(),
        expires: Moment::at(kept.expires()),
        is_over: kept.is_over(now()),
        created: Moment::at(kept.created),
        actor: kept.actor.clone(),
        since: Moment::at(kept.since),
    }
}

/// `GET /microsoft-365-providers/{name}/signing-keys`.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Keys>> {
    let workspace = caller.workspace();
    let found = super::find(&state, workspace, &name).await?;
    let engine = super::engine(&state)?;
    let all = engine.provider_signing_keys(workspace, &found.name).await?;
    Ok(Json(Keys {
        signing_keys: all.iter().map(key).collect(),
    }))
}

/// `POST /microsoft-365-providers/{name}/signing-keys`.
pub(super) async fn prepare(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<Json<Key>> {
    let (workspace, actor) = (caller.workspace(), caller.actor());
    let found = super::find(&state, workspace, &name).await?;
    let engine = super::engine(&state)?;
    let deed = async move {
        engine
            .prepare_provider_signing_key(workspace, &found.name, &actor)
            .await
    };
    let Json(made) = aside(deed).await?;
    Ok(Json(key(&made)))
}

/// `POST /microsoft-365-providers/{name}/signing-keys/swap`.
pub(super) async fn swap(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<Json<Keys>> {
    let (workspace, actor) = (caller.workspace(), caller.actor());
    let found = super::find(&state, workspace, &name).await?;
    let engine = super::engine(&state)?;
    let both = engine
        .swap_provider_signing_keys(workspace, &found.name, &actor)
        .await?;
    Ok(Json(Keys {
        signing_keys: both.iter().map(key).collect(),
    }))
}

/// `POST /microsoft-365-providers/{name}/signing-keys/retire`.
pub(super) async fn retire(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<Json<Key>> {
    let (workspace, actor) = (caller.workspace(), caller.actor());
    let found = super::find(&state, workspace, &name).await?;
    let engine = super::engine(&state)?;
    let retired = engine
        .retire_provider_signing_key(workspace, &found.name, &actor)
        .await?;
    Ok(Json(key(&retired)))
}

/// Which sign-ins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SignInsAsked")]
pub(crate) struct Asked {
    /// `issued` or `refused`; without it, both.
    outcome: Option<String>,
    /// The `next` of the page before; without it, the newest.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A request to sign in at Microsoft 365, and what became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederatedSignIn")]
struct Shown {
    at: Moment,
    /// `saml` or `ws_federation`.
    protocol: &'static str,
    /// `issued` or `refused`.
    outcome: &'static str,
    /// Why it was refused; empty where it was not. A request that could not be read has the reader's code behind a colon.
    reason: String,
    /// None where nobody was known, and while they are deleted.
    person: Option<Uuid>,
    label: String,
    /// The userPrincipalName that was sent.
    name: String,
    /// The id of the assertion.
    assertion: String,
    /// How they had proved who they are: `passkey`.
    method: String,
    /// The network address of the browser.
    address: String,
}

/// A page of sign-ins, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederatedSignIns")]
pub(crate) struct SignIns {
    sign_ins: Vec<Shown>,
    next: Option<String>,
}

/// `GET /microsoft-365-providers/{name}/sign-ins`.
pub(super) async fn sign_ins(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<SignIns>> {
    let asked = parameters(asked)?;
    let outcome = asked.outcome.as_deref().map(outcome).transpose()?;
    let before = asked.after.as_deref().map(paging::place).transpose()?;
    let (workspace, limit) = (caller.workspace(), paging::lines(asked.limit));
    let found = super::find(&state, workspace, &name).await?;
    let engine = super::engine(&state)?;
    let lines = engine
        .provider_sign_ins(workspace, &found.name, outcome, before, limit)
        .await?;
    let next = paging::next(&lines, limit, |last| last.key.to_string());
    Ok(Json(SignIns {
        sign_ins: lines.into_iter().map(shown).collect(),
        next,
    }))
}

fn outcome(text: &str) -> Result<Outcome> {
    text.parse()
        .map_err(|_| Problem::request("`outcome` is `issued` or `refused`", "Leave it out for both."))
}

fn shown(line: Line) -> Shown {
    Shown {
        at: Moment::at(line.at),
        protocol: line.protocol.as_str(),
        outcome: line.outcome.as_str(),
        reason: line.reason,
        person: line.person,
        label: line.label,
        name: line.name,
        assertion: line.assertion,
        method: line.method,
        address: line.address,
    }
}
