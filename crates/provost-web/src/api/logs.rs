//! `GET /api/v1/logs`: the provisioning log, newest first, a page at a time.

use super::caller::Reader;
use super::connections::{self, parameters, time};
use super::object;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::State;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::provider::{self, Provider};
use provost_store::provisioning_log::{self, Asked, Entry};
use provost_store::{Error as Store, Tx, connection};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lines on a page when nothing is said, and at most.
const PAGE: usize = 50;
const MOST: usize = 500;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new("Status", "the provisioning log, newest first");
    api.get(
        "/api/v1/logs",
        Act::Look,
        search,
        about.query::<Search>().answers::<shape::answer::Log>(),
    )
}

/// What is asked for. Every condition must hold.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LogAsked")]
pub(crate) struct Search {
    /// The name of a connection.
    connection: Option<String>,
    /// The id of an inbound provider, for what came in.
    provider: Option<String>,
    /// A cycle's key.
    cycle: Option<i64>,
    /// An import run's key, as in the answer of a bulk upload.
    run: Option<i64>,
    /// A person or group: an id, or a person's userName.
    object: Option<String>,
    /// Lines of this action, such as `create`.
    action: Option<String>,
    /// `success`, `failure`, `skipped` or `warning`.
    status: Option<String>,
    /// Lines with this code.
    code: Option<String>,
    /// With this in the name, the target's id or the reason.
    text: Option<String>,
    /// From this time on, RFC 3339.
    since: Option<String>,
    /// Before this time, RFC 3339.
    until: Option<String>,
    /// The `next` of the page before; without it, the newest.
    after: Option<String>,
    /// The same, under its older name.
    cursor: Option<String>,
    /// Lines on the page: 50, at most 500.
    limit: Option<usize>,
}

/// Answers a page of the log.
pub(crate) async fn search(
    extract::State(state): extract::State<State>,
    caller: Reader,
    search: std::result::Result<Query<Search>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let search = parameters(search)?;
    let workspace = caller.workspace();
    let asked = asked(&state, workspace, search).await?;
    let read = move |tx: &mut Tx| {
        let page = provisioning_log::search(tx, workspace, &asked)?;
        let mut names: BTreeMap<i64, (&str, String)> = BTreeMap::new();
        for one in connection::all(tx, workspace)? {
            names.insert(one.key, ("connection", one.name));
        }
        for one in provider::all(tx, workspace)? {
            names.insert(one.key, ("provider", one.name));
        }
        Ok::<_, Store>((page, names))
    };
    let (page, names) = state.db().read(read).await?;
    let entries: Vec<Value> = page.entries.iter().map(|entry| shown(entry, &names)).collect();
    let next = page.next.map(|key| key.to_string());
    Ok(Json(json!({"entries": entries, "next": next})))
}

async fn asked(state: &State, workspace: i64, search: Search) -> Result<Asked> {
    let connection = match (&search.connection, &search.provider) {
        (Some(_), Some(_)) => {
            let hint = "Leave one of the two out.";
            return Err(Problem::request(
                "a line belongs to a connection or to a provider",
                hint,
            ));
        }
        (Some(name), None) => Some(connections::find(state, workspace, name).await?.key),
        (None, Some(id)) => Some(provider_of(state, workspace, id).await?.key),
        (None, None) => None,
    };
    let object = match &search.object {
        Some(text) => Some(object::find(state, workspace, text).await?),
        None => None,
    };
    let before_key = match search.after.as_ref().or(search.cursor.as_ref()) {
        Some(text) => Some(text.parse().map_err(|_| {
            Problem::request(
                "the cursor is none of ours",
                "Send the \"next\" of the page before, or none.",
            )
        })?),
        None => None,
    };
    Ok(Asked {
        connection,
        cycle: search.cycle.or(search.run),
        object,
        action: search.action,
        status: search.status,
        code: search.code,
        text: search.text,
        since: moment("since", search.since.as_deref())?,
        until: moment("until", search.until.as_deref())?,
        before_key,
        limit: search.limit.unwrap_or(PAGE).clamp(1, MOST),
    })
}

async fn provider_of(state: &State, workspace: i64, id: &str) -> Result<Provider> {
    let all: Vec<Provider> = state.db().read(move |tx| provider::all(tx, workspace)).await?;
    all.into_iter()
        .find(|one| one.id.to_string() == id)
        .ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "PRV-PROVIDER-UNKNOWN",
                "the workspace has no inbound provider with this id",
                "`provost provider list --json` shows the ids.",
            )
        })
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let time: jiff::Timestamp = text.parse().map_err(|_| {
        Problem::request(
            format!("{name} is no time"),
            "Write it as in RFC 3339: 2026-02-01T08:00:00Z.",
        )
    })?;
    Ok(Some(time.as_millisecond()))
}

fn shown(entry: &Entry, names: &BTreeMap<i64, (&str, String)>) -> Value {
    let (sort, name) = names
        .get(&entry.connection)
        .map_or(("connection", ""), |(sort, name)| (*sort, name.as_str()));
    let mut out = json!({
        "id": entry.key.to_string(),
        "time": time(entry.at),
        "object": {
            "kind": match entry.kind { Kind::Person => "person", Kind::Group => "group" },
            "id": (!entry.object_id.is_nil()).then(|| entry.object_id.to_string()),
            "label": entry.label,
        },
        "target_id": entry.target_id,
        "action": entry.action,
        "status": entry.status,
        "code": entry.code,
        "reason": entry.reason,
        "detail": entry.detail,
        "change_id": entry.change_id,
        "duration_ms": entry.micros as f64 / 1_000.0,
        "initiator": entry.initiator,
        "steps": entry.trace.steps,
        "modified": entry.trace.modified,
    });
    out[sort] = name.into();
    let run = if sort == "provider" { "run" } else { "cycle" };
    out[run] = entry.cycle.into();
    out
}
