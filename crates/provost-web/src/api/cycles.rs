//! `/api/v1/connections/{name}/cycles`: what ran, and running one now.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters, time};
use super::problem::Result;
use super::{aside, body};
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Path, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::cycle::{self, Cycle};
use provost_sync::{Mode, Options, Report};
use serde::Deserialize;
use serde_json::{Value, json};

/// Cycles in a list at most, and when nothing is said.
const MOST: i64 = 200;
const LISTED: i64 = 20;

/// How many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extent {
    limit: Option<i64>,
}

/// The newest cycles, newest first.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    extent: std::result::Result<Query<Extent>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let limit = parameters(extent)?.limit.unwrap_or(LISTED).clamp(1, MOST);
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let cycles = state.db().read(move |tx| cycle::latest(tx, key, limit)).await?;
    let cycles: Vec<Value> = cycles.iter().map(shown).collect();
    Ok(Json(json!({ "cycles": cycles })))
}

/// Which cycle; without a mode, the one that is due.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    #[serde(default)]
    mode: Option<Word>,
}

/// A mode by its word.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
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
