//! How far people and groups are synchronised: the numbers, the list behind each, and one person's.

use super::caller::Reader;
use super::connections::{self, parameters, time};
use super::moment::Moment;
use super::object;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::Tx;
use provost_store::connection_day::{self, Figures};
use provost_store::sync_status::Asked;
use provost_sync::Trace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Objects on a page when nothing is said.
const PAGE: usize = 100;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Status", summary);
    api.get(
        "/api/v1/connections/{name}/status",
        Act::Look,
        numbers,
        about("how far each rule has come").answers::<shape::answer::Statuses>(),
    )
    .get(
        "/api/v1/connections/{name}/status/{rule}/{status}",
        Act::Look,
        list,
        about("who is behind one of the numbers")
            .query::<Page>()
            .answers::<shape::answer::StatusList>(),
    )
    .get(
        "/api/v1/connections/{name}/days",
        Act::Look,
        days,
        about("what each of the last days brought, oldest first")
            .query::<DaysAsked>()
            .answers::<Days>(),
    )
    .get(
        "/api/v1/objects/{who}/status",
        Act::Look,
        of_object,
        about("one person or group in every connection").answers::<shape::answer::StatusOfObject>(),
    )
    .get(
        "/api/v1/objects/{who}/trace",
        Act::Look,
        trace,
        about("everything that is known of somebody, also of one who is gone").answers::<Traces>(),
    )
}

/// `GET /connections/{name}/status`: each rule's numbers; those of a rule add up to `impacted`.
pub(crate) async fn numbers(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    Ok(Json(json!({ "rules": engine.sync_status(key).await? })))
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StatusAsked")]
pub(crate) struct Page {
    /// The `next` of the page before; without it, the first.
    after: Option<i64>,
    /// Lines on the page: 100.
    limit: Option<usize>,
}

/// `GET /connections/{name}/status/{rule}/{status}`: the people or groups behind a number.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path((name, rule, status)): Path<(String, String, String)>,
    page: std::result::Result<Query<Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let asked: Asked = status.parse()?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let found = engine
        .sync_status_list(key, &rule, asked, page.after, page.limit.unwrap_or(PAGE))
        .await?;
    let objects: Vec<Value> = found
        .objects
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "label": one.label, "status": one.status, "target_id": one.target_id,
                "code": one.code, "reason": one.reason, "since": time(one.since),
            })
        })
        .collect();
    Ok(Json(json!({"objects": objects, "next": found.next})))
}

/// `GET /objects/{who}/status`: one person or group in every connection.
pub(crate) async fn of_object(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
) -> Result<Json<Value>> {
    let workspace = caller.workspace();
    let key = object::find(&state, workspace, &who).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    Ok(Json(
        json!({ "status": engine.sync_status_of(workspace, key).await? }),
    ))
}

/// What is known; several where the name can mean several.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Traces {
    #[schemars(with = "Vec<shape::run::Trace>")]
    traces: Vec<Trace>,
}

/// `GET /objects/{who}/trace`: what came in, what each rule makes of it, where it is linked, what was done.
pub(crate) async fn trace(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
) -> Result<Json<Traces>> {
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let traces = engine.explain(caller.workspace(), &who).await?;
    if traces.is_empty() {
        return Err(object::nobody(&who));
    }
    Ok(Json(Traces { traces }))
}

/// How many days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DaysAsked {
    /// Days that are looked at: 30, at most 366.
    days: Option<i64>,
}

/// What each day brought.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Days {
    /// Days without a cycle are left out.
    days: Vec<Day>,
}

/// What a day brought.
#[derive(Serialize, JsonSchema)]
struct Day {
    /// When it begins, UTC.
    day: Moment,
    /// Cycles that ended.
    cycles: i64,
    /// Steps that were carried out and took nothing away.
    written: i64,
    /// Steps that were carried out and took something away.
    removed: i64,
    /// Steps that failed.
    failed: i64,
}

/// `GET /connections/{name}/days`.
pub(crate) async fn days(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<DaysAsked>, extract::rejection::QueryRejection>,
) -> Result<Json<Days>> {
    let back = parameters(asked)?.days.unwrap_or(30).clamp(1, 366);
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let first = connection_day::day_of(now()) - back + 1;
    let read = move |tx: &mut Tx| connection_day::since(tx, key, first);
    let found: Vec<(i64, Figures)> = state.db().read_short(read).await?;
    let day = |(day, figures): (i64, Figures)| Day {
        day: Moment::at(day * 86_400_000),
        cycles: figures.cycles,
        written: figures.written,
        removed: figures.removed,
        failed: figures.failed,
    };
    let days = found.into_iter().map(day).collect();
    Ok(Json(Days { days }))
}
