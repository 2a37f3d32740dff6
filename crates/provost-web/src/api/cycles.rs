//! `/api/v1/connections/{name}/cycles`: what ran, and running one now.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters, time};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{aside, body};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::cycle::{self, Cycle};
use provost_store::{Tx, connection};
use provost_sync::{Mode, Options, Report, Undone};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Cycles in a list at most, and when nothing is said.
const MOST: i64 = 200;
const LISTED: i64 = 20;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Plans and cycles", summary);
    api.get(
        "/api/v1/connections/{name}/cycles",
        Act::Look,
        list,
        about("what ran, newest first")
            .query::<Extent>()
            .answers::<shape::answer::Cycles>(),
    )
    .post(
        "/api/v1/connections/{name}/cycles",
        Act::Operate,
        run,
        about("runs a cycle to its end")
            .body::<Asked>()
            .answers::<shape::run::Report>(),
    )
    .get(
        "/api/v1/cycles/{cycle}",
        Act::Look,
        one,
        about("one cycle").answers::<shape::answer::Cycle>(),
    )
    .post(
        "/api/v1/cycles/{cycle}/stop",
        Act::Operate,
        stop,
        about("ends a running cycle before its next write; the next one goes on where it was").silent(),
    )
    .post(
        "/api/v1/cycles/{cycle}/undo",
        Act::Operate,
        undo,
        about("takes back what a cycle took away, as far as that is still as it left it")
            .answers::<shape::run::Undone>(),
    )
}

/// How many.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CyclesAsked")]
pub(crate) struct Extent {
    /// The `next` of the page before; without it, the newest.
    after: Option<i64>,
    /// Cycles on the page: 20, at most 200.
    limit: Option<i64>,
}

/// The newest cycles, newest first.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    extent: std::result::Result<Query<Extent>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let Extent { after, limit } = parameters(extent)?;
    let limit = limit.unwrap_or(LISTED).clamp(1, MOST);
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let cycles = state
        .db()
        .read(move |tx| cycle::page(tx, key, after, limit))
        .await?;
    let full = i64::try_from(cycles.len()).is_ok_and(|count| count == limit);
    let next = cycles.last().map(|last| last.key).filter(|_| full);
    let cycles: Vec<Value> = cycles.iter().map(shown).collect();
    Ok(Json(json!({"cycles": cycles, "next": next})))
}

/// `GET /cycles/{cycle}`.
pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(key): Path<i64>,
) -> Result<Json<Value>> {
    Ok(Json(shown(&find(&state, caller.workspace(), key).await?)))
}

/// `POST /cycles/{cycle}/stop`: answers at once; the cycle's state tells when it has stopped.
pub(crate) async fn stop(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<StatusCode> {
    find(&state, caller.workspace(), key).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine.stop_cycle(key, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /cycles/{cycle}/undo`: goes on when the caller hangs up.
pub(crate) async fn undo(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<Json<Undone>> {
    find(&state, caller.workspace(), key).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let actor = caller.actor();
    aside(async move { engine.undo(key, &actor).await }).await
}

/// A cycle of a connection of the workspace.
async fn find(state: &State, workspace: i64, key: i64) -> Result<Cycle> {
    let read = move |tx: &mut Tx| {
        let Some((found, connection)) = cycle::get(tx, key)? else {
            return Ok::<_, Problem>(None);
        };
        let own = connection::by_key(tx, connection)?.is_some_and(|one| one.workspace == workspace);
        Ok(own.then_some(found))
    };
    let list = "connections/{name}/cycles";
    let found = state.db().read_short(read).await?;
    found.ok_or_else(|| Problem::unknown("PRV-CYCLE-UNKNOWN", "cycle", &key.to_string(), list))
}

/// Which cycle; without a mode, the one that is due.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CycleRequest")]
pub(crate) struct Asked {
    #[serde(default)]
    mode: Option<Word>,
}

/// A mode by its word.
#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CycleMode")]
pub(super) enum Word {
    Initial,
    Incremental,
    Reconcile,
}

impl From<Word> for Mode {
    fn from(word: Word) -> Self {
        match word {
            Word::Initial => Mode::Initial,
            Word::Incremental => Mode::Incremental,
            Word::Reconcile => Mode::Reconcile,
        }
    }
}

/// Runs a cycle to its end. It goes on when the caller hangs up.
pub(crate) async fn run(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Report>> {
    let asked: Asked = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let options = Options {
        mode: asked.mode.map(Mode::from),
        initiator: Some(caller.actor()),
        ..Options::default()
    };
    aside(async move { engine.run_cycle(key, &options).await }).await
}

fn shown(cycle: &Cycle) -> Value {
    let counts: Value = serde_json::from_str(&cycle.counts).unwrap_or_default();
    json!({
        "cycle": cycle.key,
        "mode": cycle.mode,
        "state": cycle.state,
        "started": time(cycle.started),
        "finished": cycle.finished.map_or(Value::Null, time),
        "counts": counts,
    })
}
