//! `/api/v1/connections`: what there is, in which state it is, and what its next cycle would do.

use super::caller::Reader;
use super::etag::Tag;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::counted;
use crate::policy::Act;
use crate::state::State;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{Json, Response};
use provost_scim::resource::rfc3339;
use provost_store::connection::{self, Connection};
use provost_store::{Tx, change_log};
use provost_sync::{Engine, Preview};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Connections on a page at most, and when nothing is said.
const PAGE: usize = 100;
/// Steps that a plan names at most, and when nothing is said.
const MOST_STEPS: usize = 1_000;
const STEPS: usize = 100;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    api.get(
        "/api/v1/connections",
        Act::Look,
        list,
        about("connections by name")
            .query::<Page>()
            .answers::<shape::answer::Connections>(),
    )
    .get(
        "/api/v1/connections/{name}",
        Act::Look,
        one,
        about("one of them, with what waits in it")
            .answers::<shape::answer::ConnectionWhole>()
            .tagged(),
    )
    .get(
        "/api/v1/connections/{name}/plan",
        Act::Look,
        plan,
        about("what the next cycle would do; changes nothing and asks the target nothing")
            .query::<Extent>()
            .answers::<shape::plan::Preview>(),
    )
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConnectionsAsked")]
pub(crate) struct Page {
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Connections on the page: 100, at most 100.
    limit: Option<usize>,
}

/// `GET /connections`: by name, a page at a time.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    page: std::result::Result<Query<Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let workspace = caller.workspace();
    let all: Vec<Connection> = state.db().read(move |tx| connection::all(tx, workspace)).await?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let after = page.after.unwrap_or_default();
    let mut rest = all.iter().skip_while(|one| one.name.as_str() <= after.as_str());
    let shown: Vec<&Connection> = rest.by_ref().take(limit).collect();
    let next = rest.next().and(shown.last()).map(|last| last.name.as_str());
    let connections: Vec<Value> = shown.iter().map(|one| brief(one)).collect();
    Ok(Json(json!({"connections": connections, "next": next})))
}

/// `GET /connections/{name}`: one of them, with what waits in it.
pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let found = find(&state, caller.workspace(), &name).await?;
    let one = found.clone();
    let read = move |tx: &mut Tx| change_log::waiting_since(tx, one.workspace, one.watermark.max(0));
    let waiting: Option<i64> = state.db().read(read).await?;
    let queues = counted::queues(state.db(), &found).await?;
    let given_up = counted::given_up(state.db(), found.key).await?;
    let mut shown = brief(&found);
    shown["preferences"] = json!(found.preferences);
    if let (Some(shown), Value::Object(facts)) = (shown.as_object_mut(), super::setup::facts(&found)) {
        shown.extend(facts);
    }
    shown["last_run"] = time(found.last_run);
    shown["reconciled"] = time(found.reconciled);
    shown["oldest_unsent_change"] = waiting.map_or(Value::Null, time);
    shown["queues"] = json!({
        "retries": queues.retries,
        "given_up": given_up,
        "staged": queues.staged,
        "plans": queues.plans,
    });
    Ok(tag(&found).on(StatusCode::OK, shown))
}

/// The tag of what a change of a connection replaces: not of what happens in it.
pub(super) fn tag(found: &Connection) -> Tag {
    Tag::of(&(&found.name, &found.connector, &found.settings, &found.preferences))
}

/// How much of a plan.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extent {
    /// Steps that are named: 100, at most 1,000.
    limit: Option<usize>,
}

/// `GET /connections/{name}/plan`: what the next cycle would do. Changes nothing, and asks the target nothing.
pub(crate) async fn plan(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    extent: std::result::Result<Query<Extent>, extract::rejection::QueryRejection>,
) -> Result<Json<Preview>> {
    let limit = parameters(extent)?.limit.unwrap_or(STEPS).min(MOST_STEPS);
    let found = find(&state, caller.workspace(), &name).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    Ok(Json(engine.plan(found.key, limit, None).await?))
}

/// The workspace's connection of this name.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn find(state: &State, workspace: i64, name: &str) -> Result<Connection> {
    let wanted = name.to_owned();
    let found = state
        .db()
        .read_short(move |tx| connection::by_name(tx, workspace, &wanted))
        .await?;
    found.ok_or_else(|| unknown(name))
}

/// The refusal of a name that no connection has.
pub(super) fn unknown(name: &str) -> Problem {
    Problem::unknown("PRV-CONNECTION-UNKNOWN", "connection", name, "connections")
}

/// The engine, and the key of the workspace's connection of this name.
///
/// # Errors
/// 404 when there is no such connection; 503 in a process that runs none.
pub(super) async fn engine(state: &State, workspace: i64, name: &str) -> Result<(Engine, i64)> {
    let key = find(state, workspace, name).await?.key;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    Ok((engine.clone(), key))
}

/// The parameters of a query, of which unknown ones are mistakes.
///
/// # Errors
/// 400 with the name of the one that is wrong.
pub(super) fn parameters<T>(
    read: std::result::Result<Query<T>, extract::rejection::QueryRejection>,
) -> Result<T> {
    read.map(|Query(parameters)| parameters).map_err(|error| {
        Problem::request(
            format!("the parameters cannot be used: {}", error.body_text()),
            "Correct or leave out the parameter.",
        )
    })
}

pub(super) fn brief(one: &Connection) -> Value {
    json!({
        "id": one.id,
        "name": one.name,
        "connector": one.connector,
        "state": one.state.name(),
        "code": one.code,
        "reason": one.reason,
        "since": time(one.since),
        "is_initial_through": one.watermark >= 0,
    })
}

/// A time as interfaces show it; `null` for never.
pub(super) fn time(milliseconds: i64) -> Value {
    if milliseconds == 0 {
        Value::Null
    } else {
        rfc3339(milliseconds).into()
    }
}
