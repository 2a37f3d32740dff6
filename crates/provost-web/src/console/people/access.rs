//! `POST /people/{id}/block`, `…/unblock`, `…/protect`, `…/unprotect`: what administrators decide about somebody, whatever
//! the provider says.

use super::entered::refused;
use crate::console::place::{self, Somebody};
use crate::console::refusal::{Refusal, Result};
use crate::console::{done, page};
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::response::Response;
use provost_store::directory::{self, Object};
use provost_store::{Error as Store, Tx, connection, protection};
use uuid::Uuid;

/// The workspace and the public id of an address.
pub(super) type Place = std::result::Result<Path<(String, Uuid)>, PathRejection>;

/// Characters of a reason.
const REASON: usize = 500;

/// Who stands at an address and is in the directory.
pub(super) async fn present(state: &State, visitor: &Visitor, place: Place) -> Result<(Somebody, Object)> {
    let Path((_, id)) = place.map_err(Refusal::address)?;
    let who = place::somebody(state, visitor, id).await?;
    match who.object.clone() {
        Some(object) => Ok((who, object)),
        None => Err(Refusal::Entered(
            format!("{} is not in the directory any more", who.label),
            "The page of the person says until when they can be restored.".to_owned(),
        )),
    }
}

/// Blocks a person.
pub(crate) async fn block(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    let (actor, reason) = (visitor.actor(), reason(&form));
    state
        .db()
        .write(move |tx| directory::block(tx, &actor, now(), &object, &reason))
        .await
        .map_err(refused)?;
    Ok(page::elsewhere(&done::after(&who.address(), "blocked")))
}

/// Lifts a block.
pub(crate) async fn unblock(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    let actor = visitor.actor();
    state
        .db()
        .write(move |tx| directory::unblock(tx, &actor, now(), &object))
        .await
        .map_err(refused)?;
    Ok(page::elsewhere(&done::after(&who.address(), "unblocked")))
}

/// Protects somebody: removals of theirs always wait for a person.
pub(crate) async fn protect(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    let (actor, reason) = (visitor.actor(), reason(&form));
    let wanted = form.text("connection").map(str::parse::<i64>);
    let wanted = wanted.transpose().map_err(Refusal::address)?;
    let write = move |tx: &mut Tx| {
        let connection = match wanted {
            Some(key) => connection::by_key(tx, key)?.filter(|one| one.workspace == object.workspace),
            None => None,
        };
        // A connection of another workspace looks like one that there is not.
        if wanted.is_some() && connection.is_none() {
            return Ok(false);
        }
        protection::add(tx, &actor, now(), connection.as_ref(), &object, &reason)?;
        Ok::<_, Store>(true)
    };
    if !state.db().write(write).await.map_err(refused)? {
        let sentence = "There is no such connection any more. The page shows those that there are.";
        return Err(Refusal::Absent(sentence.to_owned()));
    }
    Ok(page::elsewhere(&done::after(&who.address(), "protected")))
}

/// Ends a protection.
pub(crate) async fn unprotect(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, _) = present(&state, &visitor, place).await?;
    let key: i64 = form.get("key").parse().map_err(Refusal::address)?;
    let (actor, workspace) = (visitor.actor(), who.workspace);
    // One that somebody else has ended just now has ended all the same.
    state
        .db()
        .write(move |tx| protection::remove(tx, &actor, now(), workspace, key))
        .await?;
    Ok(page::elsewhere(&done::after(&who.address(), "unprotected")))
}

fn reason(form: &Form) -> String {
    let typed = form.text("reason").unwrap_or_default();
    typed
        .chars()
        .filter(|one| !one.is_control())
        .take(REASON)
        .collect()
}
