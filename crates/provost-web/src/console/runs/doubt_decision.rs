//! `POST /connections/{name}/doubts/{key}`: who is meant in the target, and `POST /connections/{name}/doubts` for all
//! who wait for the same reason. The next cycle carries it out.

use super::super::confirm::{self, Question};
use super::super::done;
use super::super::page;
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::found::{Address, KeyedIn, Named};
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::doubt::Decision;
use provost_sync::Error;

/// Decides a doubt; what loses something asks first.
pub(crate) async fn decide(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    address: Address<KeyedIn>,
    form: Form,
) -> Result<Response> {
    let address = address.map_err(Refusal::address)?.0;
    let place = place::connection(&state, &visitor, &address.name).await?;
    let decision: Decision = form.get("decision").parse().map_err(Refusal::address)?;
    let (engine, key, actor) = (place::engine(&state)?, place.connection.key, visitor.actor());
    let target = form.text("target").filter(|_| decision.needs_target());
    let list = place.space.doubts(&place.connection.name, false, None);
    let given = confirm::given(&form);
    let decided = engine
        .decide_doubt(key, address.key, decision, target, &actor, &given)
        .await;
    match decided {
        Ok(()) => Ok(page::elsewhere(&done::after(&list, "decided"))),
        Err(error @ Error::Confirm { .. }) => {
            let action = format!("{list}/{}", address.key);
            let question = Question {
                verb: visitor.language.t(verb(decision)).to_owned(),
                action: &action,
                back: list,
                undo: visitor.language.t(undo(decision)).to_owned(),
                typed: None,
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) => Err(error.into()),
    }
}

/// Decides for all who wait for the same reason, once it was asked with how many they are and which.
pub(crate) async fn decide_many(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    address: Address<Named>,
    form: Form,
) -> Result<Response> {
    let address = address.map_err(Refusal::address)?.0;
    let place = place::connection(&state, &visitor, &address.name).await?;
    let decision: Decision = form.get("decision").parse().map_err(Refusal::address)?;
    let (engine, key, actor) = (place::engine(&state)?, place.connection.key, visitor.actor());
    let list = place.space.doubts(&place.connection.name, false, None);
    let decided = engine
        .decide_doubts(key, form.get("code"), decision, &actor, &confirm::given(&form))
        .await;
    match decided {
        Ok(_) => Ok(page::elsewhere(&done::after(&list, "decided"))),
        Err(error @ Error::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(verb(decision)).to_owned(),
                action: &list,
                back: list.clone(),
                undo: visitor.language.t(undo(decision)).to_owned(),
                typed: None,
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the button says: a text of the catalogue.
pub(crate) fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Link => text("Link the account"),
        Decision::Create => text("Make a new one"),
        Decision::Restore => text("Bring the deleted one back"),
        Decision::Rename => text("Make a new one under another name"),
        Decision::Purge => text("Remove the deleted one for good"),
        Decision::Merge => text("Join the two groups"),
        Decision::Overwrite => text("Take the group over"),
        Decision::Beside => text("Let both have the name"),
        Decision::Skip => text("Leave it alone"),
    }
}

fn undo(decision: Decision) -> &'static str {
    match decision {
        Decision::Purge => {
            text("Until the next cycle you can decide otherwise. Afterwards it cannot be undone.")
        }
        _ => text(
            "Until the next cycle you can decide otherwise. Afterwards the link can be broken by hand, but what was written stays.",
        ),
    }
}
