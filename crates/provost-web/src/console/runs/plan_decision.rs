//! Approving, rejecting and applying a plan. What is decided is what was read: a form carries the plan's digest.

use super::super::confirm::{self, Question};
use super::super::done;
use super::super::page;
use super::super::place::{self, Place};
use super::super::refusal::{Refusal, Result};
use super::action;
use super::aside::begun;
use super::found::{Address, Identified, plan as find};
use super::plan_counts::Numbers;
use super::plan_steps;
use super::plans;
use crate::form::Form;
use crate::state::State;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::plan::Plan;
use provost_sync::{Error, Options};

/// Names that a question lists.
const NAMED: usize = 100;

/// A second person approves.
pub(crate) async fn approve(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    id: Address<Identified>,
    form: Form,
) -> Result<Response> {
    let (plan, place) = read(&state, &visitor, id, &form).await?;
    place::engine(&state)?
        .approve_plan(plan.workspace, plan.id, &visitor.actor())
        .await?;
    Ok(page::elsewhere(&done::after(
        &plans::address(&place.space, &plan),
        "approved",
    )))
}

/// Somebody says no.
pub(crate) async fn reject(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    id: Address<Identified>,
    form: Form,
) -> Result<Response> {
    let (plan, place) = read(&state, &visitor, id, &form).await?;
    let reason: String = form
        .text("reason")
        .unwrap_or_default()
        .chars()
        .take(500)
        .collect();
    let engine = place::engine(&state)?;
    engine
        .reject_plan(plan.workspace, plan.id, &visitor.actor(), &reason)
        .await?;
    Ok(page::elsewhere(&done::after(
        &plans::address(&place.space, &plan),
        "rejected",
    )))
}

/// It is carried out. A plan that takes something away says first from whom.
pub(crate) async fn apply(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    id: Address<Identified>,
    form: Form,
) -> Result<Response> {
    let (plan, place) = read(&state, &visitor, id, &form).await?;
    let here = plans::address(&place.space, &plan);
    let numbers = Numbers::of(&plan);
    let is_confirmed = confirm::given(&form).digest.as_deref() == Some(plan.digest.as_str());
    if numbers.takes() && plan.is_ready() && !is_confirmed {
        return question(&state, &visitor, &plan, &numbers, &form, &here).await;
    }
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, id) = (plan.workspace, plan.id);
    let applied = begun(async move {
        let options = Options {
            initiator: Some(actor.clone()),
            ..Options::default()
        };
        engine.apply_plan(workspace, id, &actor, &options).await
    });
    match applied.await {
        // What has moved stands on the plan's own page.
        Err(Error::PlanMoved { .. }) => Ok(page::elsewhere(&here)),
        begun => {
            begun?;
            Ok(page::elsewhere(&done::after(&here, "applied")))
        }
    }
}

/// The plan of the address, which must be the one that was read.
async fn read(
    state: &State,
    visitor: &Visitor,
    id: Address<Identified>,
    form: &Form,
) -> Result<(Plan, Place)> {
    let id = id.map_err(Refusal::address)?.id;
    let (plan, place) = find(state, visitor, id).await?;
    if form.get("digest") != plan.digest {
        return Err(Refusal::Entered(
            "The plan is not what you have read".to_owned(),
            "Open it again, read it, and decide then.".to_owned(),
        ));
    }
    Ok((plan, place))
}

/// How many, which ones, and what can be taken back.
async fn question(
    state: &State,
    visitor: &Visitor,
    plan: &Plan,
    numbers: &Numbers,
    form: &Form,
    here: &str,
) -> Result<Response> {
    let (key, language) = (plan.key, visitor.language);
    let list = state
        .db()
        .read(move |tx| plan_steps::losing(tx, key, NAMED))
        .await?;
    let counts = numbers.by_action();
    let told: Vec<String> = counts
        .iter()
        .map(|(one, count)| format!("{count} {}", action::word(one)))
        .collect();
    let held = match numbers.held {
        0 => String::new(),
        held => format!(" {held} steps that were held are carried out with them."),
    };
    let error = Error::Confirm {
        code: "PRV-PLAN-CONFIRM",
        sentence: format!("The plan takes something away: {}.{held}", told.join(", ")),
        hint: "Look at who is named, then apply it.",
        digest: plan.digest.clone(),
        list,
    };
    let address = format!("{here}/apply");
    let question = Question {
        verb: language.n(numbers.steps, "Apply 1 step", "Apply {} steps"),
        action: &address,
        back: here.to_owned(),
        undo: language
            .t("Accounts that are disabled, memberships and licences can be given back from the cycle's page. What is deleted cannot.")
            .to_owned(),
        typed: None,
    };
    Ok(question.ask(visitor, &error, form))
}
