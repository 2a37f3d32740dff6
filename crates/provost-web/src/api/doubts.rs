//! What a person has to decide before somebody is linked or made.

use super::body;
use super::caller::{Operator, Reader};
use super::connections::{self, parameters, time};
use super::path::Path;
use super::problem::Result;
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::doubt::{Decision, Doubt};
use provost_sync::doubt::choices;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Doubts on a page when nothing is said.
const PAGE: i64 = 100;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Doubts", summary);
    api.get(
        "/api/v1/connections/{name}/doubts",
        Act::Look,
        list,
        about("who waits for a decision, oldest first")
            .query::<Asked>()
            .answers::<shape::answer::Doubts>(),
    )
    .post(
        "/api/v1/connections/{name}/doubts/{doubt}/decide",
        Act::Operate,
        decide,
        about("decides; the next cycle carries it out")
            .body::<Decided>()
            .answers::<shape::answer::DoubtDecided>(),
    )
    .post(
        "/api/v1/connections/{name}/doubts/decide",
        Act::Operate,
        decide_many,
        about("decides for all who wait for the same reason; the next cycle carries it out")
            .body::<DecidedMany>()
            .answers::<shape::answer::DoubtsDecided>(),
    )
}

/// Which of them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DoubtsAsked")]
pub(crate) struct Asked {
    /// Those that were decided and wait for the next cycle too.
    #[serde(default)]
    decided: bool,
    /// The `next` of the page before; without it, the first.
    after: Option<i64>,
    /// Lines on the page: 100.
    limit: Option<i64>,
}

/// `GET /connections/{name}/doubts`: oldest first.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let asked = parameters(asked)?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let (after, limit) = (asked.after.unwrap_or(0), asked.limit.unwrap_or(PAGE).max(1));
    let found = engine.doubts(key, !asked.decided, after, limit).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    let next = found.last().map(|last| last.key).filter(|_| full);
    let doubts: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({"doubts": doubts, "next": next})))
}

/// What is decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DoubtDecision")]
pub(crate) struct Decided {
    /// One of the doubt's `choices`.
    #[schemars(with = "String")]
    decision: Decision,
    #[serde(default)]
    target_id: Option<String>,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `POST /connections/{name}/doubts/{doubt}/decide`: the next cycle carries it out.
pub(crate) async fn decide(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((name, doubt)): Path<(String, i64)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    let decided: Decided = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let (decision, target) = (decided.decision, decided.target_id.as_deref());
    engine
        .decide_doubt(key, doubt, decision, target, &caller.actor(), &decided.confirm)
        .await?;
    Ok(Json(json!({"doubt": doubt, "decision": decision})))
}

/// What is decided for many.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DoubtsDecision")]
pub(crate) struct DecidedMany {
    /// The reason for which they wait, such as `PRV-GROUP-NAME`.
    code: String,
    /// One of the `choices` of such a doubt.
    #[schemars(with = "String")]
    decision: Decision,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `POST /connections/{name}/doubts/decide`: those with several candidates wait on where one has to be chosen.
pub(crate) async fn decide_many(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    let wanted: DecidedMany = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let (code, decision) = (wanted.code, wanted.decision);
    let done = engine
        .decide_doubts(key, &code, decision, &caller.actor(), &wanted.confirm)
        .await?;
    Ok(Json(
        json!({"code": code, "decision": decision, "decided": done.decided, "left": done.left}),
    ))
}

fn shown(doubt: &Doubt) -> Value {
    json!({
        "doubt": doubt.key,
        "label": doubt.label,
        "code": doubt.code,
        "reason": doubt.reason,
        "candidates": doubt.candidates,
        "choices": choices(&doubt.code),
        "decision": doubt.decision,
        "target_id": doubt.target_id,
        "created": time(doubt.created),
        "decided": time(doubt.decided),
        "actor": doubt.actor,
    })
}
