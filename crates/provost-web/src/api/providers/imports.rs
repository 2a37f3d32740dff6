//! Import runs, and the absences that they hold.

use super::super::caller::{Operator, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::paging::{self, Page};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::super::{aside, body};
use super::find;
use crate::state::State;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::import_run::{self, Run};
use provost_store::{Tx, provider};
use provost_sync::import::ImportReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An import run in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportRun")]
struct Line {
    run: i64,
    /// `delta`, `full` or `received`.
    mode: String,
    state: String,
    started: Moment,
    finished: Option<Moment>,
    actor: String,
    /// What it did, by name.
    counts: Value,
    /// What approving the absences that it holds is bound to; empty where nothing is held.
    digest: String,
}

/// A page of import runs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportRuns")]
pub(crate) struct Runs {
    imports: Vec<Line>,
    next: Option<String>,
}

/// `GET /providers/{provider}/imports`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Runs>> {
    let page = parameters(page)?;
    let key = find(&state, caller.workspace(), &name).await?.key;
    let (before, limit) = (page.key()?, page.lines());
    let found: Vec<Run> = state
        .db()
        .read(move |tx| import_run::list(tx, key, before, limit))
        .await?;
    let next = paging::next(&found, limit, |last| last.key.to_string());
    let line = |run: Run| Line {
        run: run.key,
        state: run.state.to_string(),
        mode: run.mode,
        started: Moment::at(run.started),
        finished: run.finished.map(Moment::at),
        actor: run.actor,
        counts: run.counts,
        digest: run.digest,
    };
    let imports = found.into_iter().map(line).collect();
    Ok(Json(Runs { imports, next }))
}

/// What was seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SeenDigest")]
pub(crate) struct Seen {
    /// The run's digest.
    digest: String,
}

/// `POST /imports/{run}/approve`.
pub(crate) async fn approve(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(run): Path<i64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ImportReport>> {
    let seen: Seen = body::read(&state, &headers, body).await?;
    own(&state, caller.workspace(), run).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let actor = caller.actor();
    aside(async move { engine.approve_import(run, &seen.digest, &actor).await }).await
}

/// `POST /imports/{run}/reject`.
pub(crate) async fn reject(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(run): Path<i64>,
) -> Result<StatusCode> {
    own(&state, caller.workspace(), run).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine.reject_import(run, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a run of another workspace as one that nobody has.
async fn own(state: &State, workspace: i64, run: i64) -> Result<()> {
    let read = move |tx: &mut Tx| {
        let Some(found) = import_run::get(tx, run)? else {
            return Ok::<_, Problem>(false);
        };
        let provider = provider::by_key(tx, found.provider)?;
        Ok(provider.is_some_and(|one| one.workspace == workspace))
    };
    if state.db().read_short(read).await? {
        return Ok(());
    }
    let list = "providers/{provider}/imports";
    Err(Problem::unknown(
        "PRV-IMPORT-UNKNOWN",
        "import run",
        &run.to_string(),
        list,
    ))
}
