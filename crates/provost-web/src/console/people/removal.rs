//! `…/delete` and `…/restore`: into the recycle bin and out of it. The question says which accounts follow, what becomes
//! of them, and until when it can be undone.

use super::access::{Place, present};
use super::acts;
use super::entered::refused;
use crate::console::done;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Somebody};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::directory::{self, Change, Object};
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx, connection, link, recycle, rule};

/// Days for which the bin keeps what no provider owns.
const DAYS: u32 = 30;

#[derive(Template)]
#[template(path = "people/delete.html")]
struct Page {
    frame: Frame,
    label: String,
    is_person: bool,
    action: String,
    back: String,
    accounts: Vec<AccountLine>,
    count: i64,
    members: i64,
    /// Until when it can be undone.
    until: String,
    days: i64,
}

/// An account, and what becomes of it.
struct AccountLine {
    connection: String,
    address: String,
    target_id: String,
    /// A key of the catalogue.
    follows: &'static str,
}

/// What is known before the question.
struct Before {
    owner: Option<Provider>,
    accounts: Vec<(String, String, Rule)>,
    members: i64,
}

/// The question.
pub(crate) async fn ask(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    let before = before(&state, &who, &object).await?;
    refuse(&visitor, &who, before.owner.as_ref())?;
    let clock = Clock::of(&visitor, now());
    let days = before
        .owner
        .as_ref()
        .map_or(DAYS, |one| one.settings.recycle_days);
    let title = match who.kind {
        Kind::Person => visitor.language.t("Delete this person"),
        Kind::Group => visitor.language.t("Delete this group"),
    };
    let page = Page {
        frame: Frame::new(&visitor, title.to_owned()).below(who.address(), &who.label),
        label: who.label.clone(),
        is_person: who.kind == Kind::Person,
        action: who.below("/delete"),
        back: who.address(),
        count: i64::try_from(before.accounts.len()).unwrap_or(i64::MAX),
        accounts: before.accounts.iter().map(|one| account(&who, one)).collect(),
        members: before.members,
        until: clock.day(clock.now.saturating_add(i64::from(days).saturating_mul(DAY))),
        days: i64::from(days),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Deletes.
pub(crate) async fn delete(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    if !form.is_on("sure") {
        return Ok(page::elsewhere(&who.below("/delete")));
    }
    let before = before(&state, &who, &object).await?;
    refuse(&visitor, &who, before.owner.as_ref())?;
    let actor = visitor.actor();
    let write = move |tx: &mut Tx| {
        let change = Change {
            owner: object.owned_by(),
            actor: &actor,
            now: now(),
        };
        match directory::by_key(tx, object.key)? {
            Some(current) => directory::delete(tx, &change, &current),
            // Somebody else was quicker: what was asked for is done.
            None => Ok(()),
        }
    };
    state.db().write(write).await.map_err(refused)?;
    Ok(page::elsewhere(&done::after(&who.address(), "deleted")))
}

/// Restores.
pub(crate) async fn restore(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
) -> Result<Response> {
    let Path((_, id)) = place.map_err(Refusal::address)?;
    let who = place::somebody(&state, &visitor, id).await?;
    let (actor, key) = (visitor.actor(), who.key);
    if who.deleted.is_none() {
        return Ok(page::elsewhere(&who.address()));
    }
    state
        .db()
        .write(move |tx| recycle::restore(tx, &actor, now(), key))
        .await
        .map_err(refused)?;
    Ok(page::elsewhere(&done::after(&who.address(), "restored")))
}

async fn before(state: &State, who: &Somebody, object: &Object) -> Result<Before> {
    let (workspace, key, owner) = (who.workspace, who.key, object.owner);
    let kind = who.kind;
    let read = move |tx: &mut Tx| {
        let links = link::of_object(tx, key)?;
        let mut accounts = Vec::new();
        for one in connection::all(tx, workspace)? {
            for stored in rule::of_connection(tx, one.key)? {
                if let Some(found) = links.iter().find(|link| link.rule == stored.key) {
                    let rule = stored.rule.under(&one.preferences.allowed);
                    accounts.push((one.name.clone(), found.target_id.clone(), rule));
                }
            }
        }
        let members = match kind {
            Kind::Group => provost_store::member::keys(tx, key)?.len(),
            Kind::Person => 0,
        };
        Ok::<_, Store>(Before {
            owner: provider::by_key(tx, owner)?,
            members: i64::try_from(members).unwrap_or(i64::MAX),
            accounts,
        })
    };
    Ok(state.db().read(read).await?)
}

fn refuse(visitor: &Visitor, who: &Somebody, owner: Option<&Provider>) -> Result<()> {
    let why = acts::undeletable(visitor, who, owner);
    if why.is_empty() {
        return Ok(());
    }
    let sentence = why.trim_end_matches('.').to_owned();
    Err(Refusal::Entered(sentence, "Nothing was deleted.".to_owned()))
}

fn account(who: &Somebody, (connection, target_id, rule): &(String, String, Rule)) -> AccountLine {
    AccountLine {
        connection: connection.clone(),
        address: who.space.connection(connection),
        target_id: target_id.clone(),
        follows: follows(rule),
    }
}

/// What becomes of an account whose object is deleted in the directory, as the engine decides it.
fn follows(rule: &Rule) -> &'static str {
    if !rule.enabled && !rule.removing {
        return text("stays: the rule is switched off");
    }
    match (rule.object, rule.actions.delete, rule.delete_after_days) {
        (Kind::Group, true, _) | (Kind::Person, true, None) => text("is deleted"),
        (Kind::Person, true, Some(_)) => text("is closed at once, and deleted after the grace period"),
        (Kind::Person, false, _) if rule.actions.disable => text("is closed, and stays linked"),
        (_, false, _) => text("stays: the rule may not take it away"),
    }
}
