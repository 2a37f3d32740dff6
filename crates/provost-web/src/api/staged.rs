//! `/api/v1/connections/{name}/staged`: steps that wait until a person decides. A decision is bound to the plan.

use super::body;
use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::paging::{self, Page};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_engine::rule::{Approval, Rule};
use provost_store::connection::Connection;
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Tx, protection, rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Steps that one request decides by their keys at most.
const MOST: usize = 1_000;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Staged steps", summary);
    api.get(
        "/api/v1/connections/{name}/staged",
        Act::Look,
        list,
        about("what is held, and why")
            .query::<Page>()
            .answers::<StagedSteps>(),
    )
    .post(
        "/api/v1/connections/{name}/staged/approve",
        Act::Operate,
        approve,
        about("lets held steps go ahead with the next cycle")
            .body::<Which>()
            .answers::<Decided>(),
    )
    .post(
        "/api/v1/connections/{name}/staged/reject",
        Act::Operate,
        reject,
        about("drops held steps: nothing of that is carried out")
            .body::<Which>()
            .answers::<Decided>(),
    )
}

/// A step that waits.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StagedStep")]
struct Line {
    key: i64,
    action: String,
    label: String,
    /// `guard`, `protected` or `approval`.
    why: &'static str,
    /// The digest of the plan that it belongs to.
    plan: String,
    /// `pending`, `approved` or `rejected`.
    decision: &'static str,
    held_since: Moment,
}

/// A page of staged steps.
#[derive(Serialize, JsonSchema)]
pub(crate) struct StagedSteps {
    staged: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<StagedSteps>> {
    let page = parameters(page)?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let (after, limit) = (page.key()?.unwrap_or(0), page.lines());
    let read = move |tx: &mut Tx| {
        let protected = protection::set(tx, connection.workspace, connection.key)?;
        let rules = rule::of_connection(tx, connection.key)?.into_iter();
        let rules: BTreeMap<i64, Rule> = rules.map(|stored| (stored.key, stored.rule)).collect();
        let steps = staged::page(tx, connection.key, after, limit)?;
        let next = paging::next(&steps, limit, |last| last.key.to_string());
        let staged = steps
            .into_iter()
            .map(|step| line(step, &protected, &rules))
            .collect();
        Ok::<_, Problem>(StagedSteps { staged, next })
    };
    Ok(Json(state.db().read(read).await?))
}

fn line(step: StagedStep, protected: &HashSet<i64>, rules: &BTreeMap<i64, Rule>) -> Line {
    Line {
        why: why(&step, protected, rules.get(&step.rule)),
        key: step.key,
        action: step.action,
        label: step.label,
        plan: step.digest,
        decision: step.decision.name(),
        held_since: Moment::at(step.created),
    }
}

/// Why a step is held: the strongest reason first.
fn why(step: &StagedStep, protected: &HashSet<i64>, rule: Option<&Rule>) -> &'static str {
    // Of a licence the member is a product, which is nobody.
    let is_membership = step.action.ends_with("member");
    if protected.contains(&step.object) || (is_membership && protected.contains(&step.member)) {
        return "protected";
    }
    match rule.map_or(Approval::Never, |rule| rule.approval) {
        Approval::Never => "guard",
        Approval::Removals | Approval::Always => "approval",
    }
}

/// Which steps are decided; exactly one of the three.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "WhichSteps")]
pub(crate) struct Which {
    /// Every waiting step of the plan with this digest.
    plan: Option<String>,
    /// The steps with these keys.
    steps: Vec<i64>,
    /// Every waiting step of every plan.
    all: bool,
}

/// How many steps were decided.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StepsDecided")]
pub(crate) struct Decided {
    steps: u64,
}

async fn approve(
    state: extract::State<State>,
    caller: Operator,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Decided>> {
    decide(state, caller, name, headers, body, Decision::Approved).await
}

async fn reject(
    state: extract::State<State>,
    caller: Operator,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Decided>> {
    decide(state, caller, name, headers, body, Decision::Rejected).await
}

async fn decide(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
    decision: Decision,
) -> Result<Json<Decided>> {
    let which: Which = body::read(&state, &headers, body).await?;
    let named = [which.plan.is_some(), !which.steps.is_empty(), which.all];
    if named.iter().filter(|is| **is).count() != 1 || which.steps.len() > MOST {
        let hint = format!("Send `plan`, `steps` (at most {MOST}) or `\"all\": true`.");
        return Err(Problem::request(
            "it is not said which steps are decided, or in more than one way",
            hint,
        ));
    }
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| settle(tx, &actor, now, &connection, &which, decision);
    let steps = state.db().write(write).await?;
    Ok(Json(Decided { steps }))
}

/// Decides them, all or nothing.
fn settle(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    which: &Which,
    decision: Decision,
) -> Result<u64> {
    let list = "connections/{name}/staged";
    if let Some(digest) = &which.plan {
        return match staged::decide(tx, actor, now, connection, digest, decision)? {
            0 => Err(Problem::unknown(
                "PRV-STAGED-UNKNOWN",
                "plan with waiting steps and the digest",
                digest,
                list,
            )),
            steps => Ok(steps),
        };
    }
    if which.all {
        return Ok(staged::decide_all(tx, actor, now, connection, decision)?);
    }
    let mut steps = 0;
    for key in &which.steps {
        if staged::get(tx, connection.key, *key)?.is_none() {
            return Err(Problem::unknown(
                "PRV-STAGED-UNKNOWN",
                "staged step",
                &key.to_string(),
                list,
            ));
        }
        steps += u64::from(staged::decide_one(tx, actor, now, connection, *key, decision)?);
    }
    Ok(steps)
}
