//! How far people and groups are synchronised: the numbers, the list behind each, and one person's.

use super::caller::Reader;
use super::connections::{self, parameters, time};
use super::object;
use super::problem::{Problem, Result};
use crate::state::State;
use axum::extract::{self, Path, Query};
use axum::response::Json;
use provost_store::sync_status::Asked;
use serde::Deserialize;
use serde_json::{Value, json};

/// Objects on a page when nothing is said.
const PAGE: usize = 100;

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
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    after: Option<i64>,
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
