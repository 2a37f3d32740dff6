//! Stopping a cycle, and giving back what one took away.

use super::super::confirm::{self, Question};
use super::super::done;
use super::super::page;
use super::super::place;
use super::super::refusal::Result;
use super::aside::begun;
use super::cycle::find;
use super::found::{Address, Keyed};
use super::report::Report;
use crate::form::Form;
use crate::state::State;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::connection::State as Condition;
use provost_store::cycle::Cycle;
use provost_store::provisioning_log;
use provost_sync::Error;

/// Lines of a cycle that a question looks at, and names that it lists.
const LOOKED_AT: i64 = 5_000;
const NAMED: usize = 100;

/// Stops this one cycle: it ends before its next write, whichever process runs it, and the connection stays on.
pub(crate) async fn stop(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Address<Keyed>,
) -> Result<Response> {
    let (one, place) = find(&state, &visitor, key).await?;
    let here = place.space.to(&["cycles", &one.key.to_string()]);
    // One that has ended meanwhile, or is stopping, is what was asked for.
    match place::engine(&state)?.stop_cycle(one.key, &visitor.actor()).await {
        Err(error) if error.code() != Some("PRV-CYCLE-ENDED") => Err(error.into()),
        _ => Ok(page::elsewhere(&done::after(&here, "stopping"))),
    }
}

/// Stops a cycle by switching its connection off: that ends it within one write, and none follows.
pub(crate) async fn off(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Address<Keyed>,
) -> Result<Response> {
    let (one, place) = find(&state, &visitor, key).await?;
    let here = place.space.to(&["cycles", &one.key.to_string()]);
    if one.finished.is_none() && place.connection.state != Condition::Paused {
        let reason = format!("Stopped by {} in the middle of a cycle.", visitor.actor());
        let engine = place::engine(&state)?;
        engine
            .switch_connection(place.connection.key, false, &reason, &visitor.actor())
            .await?;
    }
    Ok(page::elsewhere(&done::after(&here, "stopping")))
}

/// Gives back what a cycle took away. It says first to whom.
pub(crate) async fn undo(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Address<Keyed>,
    form: Form,
) -> Result<Response> {
    let (one, place) = find(&state, &visitor, key).await?;
    let here = place.space.to(&["cycles", &one.key.to_string()]);
    let digest = format!("cycle {}", one.key);
    if confirm::given(&form).digest.as_deref() != Some(digest.as_str()) {
        return question(&state, &visitor, &one, digest, &form, &here).await;
    }
    let (engine, actor, cycle) = (place::engine(&state)?.clone(), visitor.actor(), one.key);
    let undone = begun(async move { engine.undo(cycle, &actor).await }).await?;
    let address = match undone {
        Some(undone) => place.space.to(&["cycles", &undone.cycle.to_string()]),
        None => place.space.to(&["connections", &place.connection.name, "cycles"]),
    };
    Ok(page::elsewhere(&done::after(&address, "restored")))
}

async fn question(
    state: &State,
    visitor: &Visitor,
    one: &Cycle,
    digest: String,
    form: &Form,
    here: &str,
) -> Result<Response> {
    let cycle = one.key;
    let lines = state
        .db()
        .read(move |tx| provisioning_log::of_cycle(tx, cycle, 0, LOOKED_AT))
        .await?;
    let taken = lines.iter().filter(|line| {
        matches!(
            line.action.as_str(),
            "disable" | "remove member" | "remove licence"
        ) && matches!(line.status.as_str(), "success" | "warning")
    });
    let list = taken
        .take(NAMED)
        .map(|line| format!("{}: {} {}", line.label, line.action, line.detail));
    let told = Report::of(one).told(visitor.language);
    let error = Error::Confirm {
        code: "PRV-UNDO-CONFIRM",
        sentence: format!(
            "Accounts that the cycle disabled are enabled again, memberships and licences that it took away are given \
             back, and each person concerned is protected from the next cycle. The cycle did: {told}."
        ),
        hint: "What is not as the cycle left it any more is left alone.",
        digest,
        list: list.collect(),
    };
    let action = format!("{here}/undo");
    let question = Question {
        verb: visitor
            .language
            .t("Give back what this cycle took away")
            .to_owned(),
        action: &action,
        back: here.to_owned(),
        undo: visitor
            .language
            .t("The protections can be removed again; then the next cycle does what it did.")
            .to_owned(),
        typed: None,
    };
    Ok(question.ask(visitor, &error, form))
}
