//! People who leave: one run that takes everything back, with a result for each step.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters, time};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{aside, body, object};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::leaver::{self, Leaver};
use provost_sync::LeaverRun;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Leavers on a page when nothing is said, and at most.
const PAGE: i64 = 100;
const MOST: i64 = 500;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Leavers", summary);
    api.get(
        "/api/v1/connections/{name}/leavers",
        Act::Look,
        list,
        about("who leaves, with how far it came")
            .query::<Page>()
            .answers::<shape::answer::Leavers>(),
    )
    .post(
        "/api/v1/connections/{name}/leavers",
        Act::Access,
        run,
        about("the steps for a person who leaves; carried out with `apply`")
            .body::<Asked>()
            .answers::<shape::run::LeaverRun>(),
    )
    .delete(
        "/api/v1/connections/{name}/leavers/{who}",
        Act::Access,
        end,
        about("the person stays after all").silent(),
    )
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LeaversAsked")]
pub(crate) struct Page {
    /// The `next` of the page before; without it, the first.
    after: Option<i64>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// `GET /connections/{name}/leavers`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let (after, limit) = (
        page.after.unwrap_or(i64::MIN),
        page.limit.unwrap_or(PAGE).clamp(1, MOST),
    );
    let found = state
        .db()
        .read(move |tx| leaver::list(tx, key, after, limit))
        .await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().map(|last| last.object).filter(|_| full);
    let leavers: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({"leavers": leavers, "next": next})))
}

/// Who leaves, and who takes over what the person owns.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LeaverRequest")]
pub(crate) struct Asked {
    person: String,
    #[serde(default)]
    heir: Option<String>,
    /// Without it only what would be done is answered.
    #[serde(default)]
    apply: bool,
}

/// `POST /connections/{name}/leavers`: shows the steps, or carries them out.
pub(crate) async fn run(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<LeaverRun>> {
    let asked: Asked = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let key = connections::find(&state, workspace, &name).await?.key;
    let person = object::find(&state, workspace, &asked.person).await?;
    let heir = match &asked.heir {
        Some(text) => Some(object::find(&state, workspace, text).await?),
        None => None,
    };
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let actor = caller.actor();
    aside(async move { engine.leave(key, person, heir, &actor, asked.apply).await }).await
}

/// `DELETE /connections/{name}/leavers/{who}`: the person stays after all; what the directory says holds again.
pub(crate) async fn end(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((name, who)): Path<(String, String)>,
) -> Result<StatusCode> {
    let workspace = caller.workspace();
    let key = connections::find(&state, workspace, &name).await?.key;
    let person = object::find(&state, workspace, &who).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    if engine.end_leave(key, person, &caller.actor()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-LEAVER-UNKNOWN",
        "this person is not leaving the connection",
        "GET /api/v1/connections/{name}/leavers lists who is.",
    ))
}

fn shown(one: &Leaver) -> Value {
    json!({
        "id": one.id,
        "label": one.label,
        "created": time(one.created),
        "actor": one.actor,
        "state": one.state,
        "steps": one.steps,
    })
}
