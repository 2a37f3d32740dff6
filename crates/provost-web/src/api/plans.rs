//! Plans that are kept: made, read, approved or rejected, and applied exactly as they were read.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters, time};
use super::cycles::Word;
use super::paging;
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
use provost_store::Tx;
use provost_store::plan::{self, Plan, PlanStep};
use provost_sync::{Mode, Options, PlanSummary, Proposal, Report};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Plans in a list when nothing is said, and steps on a page at most and when nothing is said.
const LISTED: i64 = 50;
const MOST_STEPS: i64 = 500;
const STEPS: i64 = 100;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Plans and cycles", summary);
    api.get(
        "/api/v1/connections/{name}/plans",
        Act::Look,
        list,
        about("the plans that were kept, newest first")
            .query::<paging::Page>()
            .answers::<shape::answer::Plans>(),
    )
    .post(
        "/api/v1/connections/{name}/plans",
        Act::Operate,
        make,
        about("plans the next cycle and keeps the plan")
            .body::<Asked>()
            .makes::<shape::plan::PlanSummary>(),
    )
    .get(
        "/api/v1/plans/{id}",
        Act::Look,
        one,
        about("one plan in numbers").answers::<shape::answer::Plan>(),
    )
    .get(
        "/api/v1/plans/{id}/steps",
        Act::Look,
        steps,
        about("each step with its values before and after")
            .query::<Page>()
            .answers::<shape::answer::PlanSteps>(),
    )
    .post(
        "/api/v1/plans/{id}/approve",
        Act::Operate,
        approve,
        about("approves a plan that somebody else made").silent(),
    )
    .post(
        "/api/v1/plans/{id}/reject",
        Act::Operate,
        reject,
        about("rejects it").body::<Because>().silent(),
    )
    .post(
        "/api/v1/plans/{id}/apply",
        Act::Operate,
        apply,
        about("carries out exactly that, or says what has moved").answers::<shape::run::Report>(),
    )
}

/// What a plan is made of.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PlanRequest")]
pub(crate) struct Asked {
    #[serde(default)]
    mode: Option<Word>,
}

/// `POST /connections/{name}/plans`: plans the next cycle and keeps the plan. It goes on when the caller hangs up.
pub(crate) async fn make(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<PlanSummary>)> {
    let asked: Asked = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let (mode, actor) = (asked.mode.map(Mode::from), caller.actor());
    let made = aside(async move {
        let proposal = Proposal::default();
        engine.make_plan(key, mode, &proposal, &actor, true, None).await
    });
    Ok((StatusCode::CREATED, made.await?))
}

/// `GET /connections/{name}/plans`: the newest plans, newest first.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<paging::Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let (before, limit) = (
        page.key()?,
        page.limit.map_or(LISTED, |limit| paging::lines(Some(limit))),
    );
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let plans = state
        .db()
        .read(move |tx| plan::list(tx, key, before, limit))
        .await?;
    let full = i64::try_from(plans.len()).is_ok_and(|count| count == limit);
    let next = plans.last().map(|last| last.key).filter(|_| full);
    let plans: Vec<Value> = plans.iter().map(shown).collect();
    Ok(Json(json!({"plans": plans, "next": next})))
}

/// `GET /plans/{id}`: one plan in numbers.
pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    Ok(Json(shown(&find(&state, caller.workspace(), &id).await?)))
}

/// Which page of steps.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StepsAsked")]
pub(crate) struct Page {
    /// The `next` of the page before; without it, the first.
    after: Option<i64>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// `GET /plans/{id}/steps`: each step with its values before and after, in the order in which they are carried out.
pub(crate) async fn steps(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(id): Path<String>,
    page: std::result::Result<Query<Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let plan = find(&state, caller.workspace(), &id).await?;
    let (after, limit) = (
        page.after.unwrap_or(-1),
        page.limit.unwrap_or(STEPS).clamp(1, MOST_STEPS),
    );
    let read = move |tx: &mut Tx| plan::steps(tx, plan.key, after, limit);
    let steps: Vec<(i64, PlanStep)> = state.db().read(read).await?;
    let full = i64::try_from(steps.len()).is_ok_and(|count| count == limit);
    let next = steps.last().map(|(position, _)| *position).filter(|_| full);
    let steps: Vec<Value> = steps
        .iter()
        .map(|(position, step)| line(*position, step))
        .collect();
    Ok(Json(json!({"steps": steps, "next": next})))
}

/// `POST /plans/{id}/approve`.
pub(crate) async fn approve(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let plan = find(&state, caller.workspace(), &id).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine
        .approve_plan(plan.workspace, plan.id, &caller.actor())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a plan is rejected.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RejectReason")]
pub(crate) struct Because {
    #[serde(default)]
    reason: String,
}

/// `POST /plans/{id}/reject`.
pub(crate) async fn reject(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let because: Because = body::read(&state, &headers, body).await?;
    let plan = find(&state, caller.workspace(), &id).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine
        .reject_plan(plan.workspace, plan.id, &caller.actor(), &because.reason)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /plans/{id}/apply`: carries the plan out to its end. It goes on when the caller hangs up.
pub(crate) async fn apply(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(id): Path<String>,
) -> Result<Json<Report>> {
    let plan = find(&state, caller.workspace(), &id).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let actor = caller.actor();
    let options = Options {
        initiator: Some(actor.clone()),
        ..Options::default()
    };
    aside(async move { engine.apply_plan(plan.workspace, plan.id, &actor, &options).await }).await
}

async fn find(state: &State, workspace: i64, text: &str) -> Result<Plan> {
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "PRV-PLAN-UNKNOWN",
            "the workspace has no such plan",
            "GET /api/v1/connections/{name}/plans lists those that there are.",
        )
    };
    let id: Uuid = text.parse().map_err(|_| unknown())?;
    let found = state
        .db()
        .read(move |tx: &mut Tx| plan::get(tx, workspace, id))
        .await?;
    found.ok_or_else(unknown)
}

fn shown(plan: &Plan) -> Value {
    json!({
        "id": plan.id,
        "mode": plan.mode,
        "state": plan.state,
        "needs_approval": plan.approval,
        "digest": plan.digest,
        "counts": plan.counts,
        "created": time(plan.created),
        "created_by": plan.created_by,
        "decided": plan.decided.map_or(Value::Null, time),
        "decided_by": plan.decided_by,
        "applied": plan.applied.map_or(Value::Null, time),
        "cycle": plan.cycle,
        "reason": plan.reason,
    })
}

fn line(position: i64, step: &PlanStep) -> Value {
    json!({
        "position": position,
        "action": step.action,
        "object": step.kind,
        "label": step.label,
        "held": step.held,
        "changes": step.changes,
    })
}
