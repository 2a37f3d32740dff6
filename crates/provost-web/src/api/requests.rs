//! `/api/v1/requests`: what inbound providers sent, and what it meant. Values were masked before they were kept.

use super::caller::Reader;
use super::connections::parameters;
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{paging, providers};
use crate::policy::Act;
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::request::{self, Entry, Search};
use provost_store::{Tx, provider};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Requests", summary);
    api.get(
        "/api/v1/requests",
        Act::Look,
        list,
        about("what inbound providers sent, newest first")
            .query::<Asked>()
            .answers::<Requests>(),
    )
    .get(
        "/api/v1/requests/{key}",
        Act::Look,
        one,
        about("one request with its body").answers::<Whole>(),
    )
}

/// Which requests. Every condition must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RequestsAsked")]
pub(crate) struct Asked {
    /// Of this inbound provider: its name or id.
    provider: Option<String>,
    /// Only those that failed.
    failed: bool,
    /// Only those that were meant to change something.
    changes: bool,
    /// About this person or group: the beginning of the name, or the id; or with this in the path.
    search: Option<String>,
    /// From this time on, RFC 3339.
    since: Option<String>,
    /// The `next` of the page before; without it, the newest.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A request in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Request")]
struct Line {
    key: i64,
    provider: Option<String>,
    time: Moment,
    duration_ms: f64,
    method: String,
    path: String,
    /// The HTTP status of the answer.
    status: u16,
    /// The person or group that it was about.
    object: Option<Uuid>,
    subject: String,
    /// What it meant, in one line.
    meaning: String,
    /// Why it failed; empty when it did not.
    error: String,
    /// The tolerated habits that it was understood by.
    habits: Vec<String>,
}

/// A page of requests. It may have fewer lines than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Requests {
    requests: Vec<Line>,
    next: Option<String>,
}

/// A request with its body.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RequestWhole")]
pub(crate) struct Whole {
    #[serde(flatten)]
    line: Line,
    /// The body, masked; may be empty.
    body: String,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Requests>> {
    let asked = parameters(asked)?;
    let workspace = caller.workspace();
    let provider = match &asked.provider {
        Some(text) => Some(providers::find(&state, workspace, text).await?.key),
        None => None,
    };
    let search = Search {
        workspace,
        provider,
        failed: asked.failed,
        changes: asked.changes,
        text: asked.search,
        before: asked.after.as_deref().map(paging::place).transpose()?,
        since: Moment::read("since", asked.since.as_deref())?,
        glance: None,
    };
    let limit = paging::count(asked.limit);
    let read = move |tx: &mut Tx| {
        let page = request::search(tx, &search, limit)?;
        Ok::<_, Problem>((page, names(tx, workspace)?))
    };
    let (page, names) = state.db().read(read).await?;
    let next = page.next.map(|key| key.to_string());
    let requests = page
        .entries
        .into_iter()
        .map(|entry| line(entry, &names).0)
        .collect();
    Ok(Json(Requests { requests, next }))
}

fn names(tx: &mut Tx, workspace: i64) -> Result<BTreeMap<i64, String>> {
    let all = provider::all(tx, workspace)?.into_iter();
    Ok(all.map(|one| (one.key, one.name)).collect())
}

/// A line, and the body.
fn line(entry: Entry, names: &BTreeMap<i64, String>) -> (Line, String) {
    let line = Line {
        key: entry.key,
        provider: names.get(&entry.provider).cloned(),
        time: Moment::at(entry.at),
        duration_ms: entry.micros as f64 / 1_000.0,
        method: entry.method,
        path: entry.path,
        status: entry.status,
        object: entry.object,
        subject: entry.subject,
        meaning: entry.meaning,
        error: entry.error,
        habits: entry.habits,
    };
    (line, entry.request)
}

async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(key): Path<i64>,
) -> Result<Json<Whole>> {
    let workspace = caller.workspace();
    let read =
        move |tx: &mut Tx| Ok::<_, Problem>((request::get(tx, workspace, key)?, names(tx, workspace)?));
    let (found, names) = state.db().read(read).await?;
    let found = found
        .ok_or_else(|| Problem::unknown("PRV-REQUEST-UNKNOWN", "request", &key.to_string(), "requests"))?;
    let (line, body) = line(found, &names);
    Ok(Json(Whole { line, body }))
}
