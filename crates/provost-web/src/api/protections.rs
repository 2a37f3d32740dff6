//! `/api/v1/protections`: people and groups that nothing removes without a person's decision.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{body, object, paging};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::protection::{self, Protected};
use provost_store::{Tx, connection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Protections", summary);
    api.get(
        "/api/v1/protections",
        Act::Look,
        list,
        about("who is protected")
            .query::<Asked>()
            .answers::<Protections>(),
    )
    .post(
        "/api/v1/protections",
        Act::Access,
        add,
        about("each removal of somebody waits for a decision from now on")
            .body::<New>()
            .silent(),
    )
    .delete(
        "/api/v1/protections/{key}",
        Act::Access,
        end,
        about("ends a protection").silent(),
    )
}

/// Which are listed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ProtectionsAsked")]
pub(crate) struct Asked {
    /// Only what holds in this connection.
    connection: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A protection.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Protection")]
struct Line {
    key: i64,
    /// Where it holds; none: everywhere.
    connection: Option<String>,
    /// None when they are gone for good.
    id: Option<Uuid>,
    /// `person` or `group`.
    kind: String,
    label: String,
    /// Why, for whoever has to decide.
    reason: String,
    since: Moment,
    actor: String,
}

/// A page of protections.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Protections {
    protections: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Protections>> {
    let asked = parameters(asked)?;
    let workspace = caller.workspace();
    let within = match &asked.connection {
        Some(name) => Some(connections::find(&state, workspace, name).await?.key),
        None => None,
    };
    let after = asked
        .after
        .as_deref()
        .map(paging::place::<i64>)
        .transpose()?
        .unwrap_or(0);
    let limit = paging::lines(asked.limit);
    let read = move |tx: &mut Tx| {
        let found = protection::list(tx, workspace, within, after, limit)?;
        let names = connection::all(tx, workspace)?
            .into_iter()
            .map(|one| (one.key, one.name));
        Ok::<_, Problem>((found, names.collect::<BTreeMap<i64, String>>()))
    };
    let (found, names): (Vec<Protected>, _) = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| last.key.to_string());
    let line = |one: Protected| Line {
        key: one.key,
        connection: one.connection.and_then(|key| names.get(&key).cloned()),
        id: one.id,
        kind: one.kind.to_string(),
        label: one.label,
        reason: one.reason,
        since: Moment::at(one.created),
        actor: one.actor,
    };
    let protections = found.into_iter().map(line).collect();
    Ok(Json(Protections { protections, next }))
}

/// Who is protected, and where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewProtection")]
pub(crate) struct New {
    /// The person or group: an id, or a userName.
    object: String,
    /// Only in this connection; without it, everywhere.
    #[serde(default)]
    connection: Option<String>,
    /// Why, for whoever has to decide.
    #[serde(default)]
    reason: String,
}

async fn add(
    extract::State(state): extract::State<State>,
    caller: Operator,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let new: New = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let within = match &new.connection {
        Some(name) => Some(connections::find(&state, workspace, name).await?),
        None => None,
    };
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found =
            object::present(tx, workspace, &new.object)?.ok_or_else(|| object::nobody(&new.object))?;
        Ok::<_, Problem>(protection::add(
            tx,
            &actor,
            now,
            within.as_ref(),
            &found,
            &new.reason,
        )?)
    };
    state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| protection::remove(tx, &actor, now, workspace, key);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::unknown(
        "PRV-PROTECTION-UNKNOWN",
        "protection",
        &key.to_string(),
        "protections",
    ))
}
