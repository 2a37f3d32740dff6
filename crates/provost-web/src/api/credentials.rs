//! `/api/v1/credentials`: every credential of both directions with its end, the earliest first.

use super::caller::Reader;
use super::moment::Moment;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract;
use axum::response::Json;
use provost_store::{Tx, api_token, certificate, client, connection, provider, token};
use schemars::JsonSchema;
use serde::Serialize;

/// Tokens of the interface that are looked at.
const TOKENS: i64 = 1_000;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new(
        "Credentials",
        "every credential of both directions that is in use, the one that ends first in front",
    );
    api.get(
        "/api/v1/credentials",
        Act::Look,
        list,
        about.answers::<Credentials>(),
    )
}

/// A credential.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Credential")]
struct Line {
    /// `token` and `client` of an inbound provider, `api_token` of this interface, `connection`: what we show the target;
    /// of a Microsoft 365 provider `signing_certificate`, `next_signing_certificate` and `onboarding_certificate`.
    kind: &'static str,
    /// The provider's or the connection's name; none for a token of this interface.
    of: Option<String>,
    /// The key of a token, a client or a signing key.
    key: Option<i64>,
    label: String,
    /// None: it does not end, or nobody has said when.
    expires: Option<Moment>,
    /// Whether it has ended.
    is_expired: bool,
    last_used: Option<Moment>,
    /// What is sorted by.
    #[serde(skip)]
    #[schemars(skip)]
    ends: i64,
}

/// The credentials of the workspace.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Credentials {
    credentials: Vec<Line>,
}

async fn list(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Credentials>> {
    let (workspace, now) = (caller.workspace(), now());
    let read = move |tx: &mut Tx| inbound(tx, workspace, now);
    let mut credentials: Vec<Line> = state.db().read(read).await?;
    let all = state
        .db()
        .read(move |tx: &mut Tx| connection::all(tx, workspace))
        .await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    for one in all {
        let ends = engine.credential_expiry(one.key).await?;
        credentials.push(line(
            "connection",
            Some(one.name.clone()),
            None,
            one.name,
            ends,
            None,
            now,
        ));
    }
    credentials.sort_by_key(|one| one.ends);
    Ok(Json(Credentials { credentials }))
}

fn inbound(tx: &mut Tx, workspace: i64, now: i64) -> Result<Vec<Line>> {
    let mut all = Vec::new();
    for provider in provider::all(tx, workspace)? {
        for one in token::of_provider(tx, provider.key)? {
            if one.revoked.is_none() {
                let of = Some(provider.name.clone());
                all.push(line(
                    "token",
                    of,
                    Some(one.key),
                    one.label,
                    one.expires,
                    one.last_used,
                    now,
                ));
            }
        }
        for one in client::of_provider(tx, provider.key)? {
            if one.revoked.is_none() {
                let of = Some(provider.name.clone());
                all.push(line(
                    "client",
                    of,
                    Some(one.key),
                    one.label,
                    one.expires,
                    one.last_used,
                    now,
                ));
            }
        }
    }
    for one in api_token::list(tx, workspace, 0, TOKENS)? {
        let one = one.token;
        if one.revoked.is_none() {
            all.push(line(
                "api_token",
                None,
                Some(one.key),
                one.label,
                one.expires,
                one.last_used,
                now,
            ));
        }
    }
    for one in certificate::of_workspace(tx, workspace)? {
        let key = Some(one.key).filter(|_| one.usage != certificate::Usage::Onboarding);
        let (of, ends) = (Some(one.provider), Some(one.ends));
        all.push(line(one.usage.as_str(), of, key, one.subject, ends, None, now));
    }
    Ok(all)
}

fn line(
    kind: &'static str,
    of: Option<String>,
    key: Option<i64>,
    label: String,
    expires: Option<i64>,
    last_used: Option<i64>,
    now: i64,
) -> Line {
    Line {
        kind,
        of,
        key,
        label,
        expires: expires.map(Moment::at),
        is_expired: expires.is_some_and(|at| at <= now),
        last_used: last_used.map(Moment::at),
        ends: expires.unwrap_or(i64::MAX),
    }
}
