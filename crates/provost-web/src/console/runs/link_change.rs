//! Making a link by hand, and breaking one. Each says first what follows from it.

use super::super::confirm::{self, Question};
use super::super::done;
use super::super::page;
use super::super::place::{self, Place};
use super::super::refusal::{Refusal, Result};
use super::found::{Address, Named};
use super::links::{self, Asked};
use crate::console::faults::Faults;
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::directory::{self, Object};
use provost_store::link::{self, Link};
use provost_store::rule::{self, Stored};
use provost_store::{Error as Store, Tx};
use provost_sync::Error;

/// Makes a link: the next cycle writes every mapped attribute to that account.
pub(crate) async fn make(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    form: Form,
) -> Result<Response> {
    let name = named.map_err(Refusal::address)?.0.name;
    let place = place::connection(&state, &visitor, &name).await?;
    let (key, chosen) = (place.connection.key, form.get("rule").parse::<i64>().unwrap_or(0));
    let (workspace, who) = (place.connection.workspace, form.get("who").trim().to_owned());
    let read = move |tx: &mut Tx| {
        let rules = rule::of_connection(tx, key)?;
        let rule = rules.into_iter().find(|one| one.key == chosen);
        Ok::<_, Store>((rule, directory::find(tx, workspace, &who)?))
    };
    let (rule, found) = state.db().read(read).await?;
    let (rule, object, target) = match checked(&visitor, &form, rule, found) {
        Ok(checked) => checked,
        Err(faults) => return links::show(&state, &visitor, &name, Asked::default(), &form, faults).await,
    };
    let digest = format!("{}:{}:{target}", rule.key, object.key);
    if confirm::given(&form).digest.as_deref() != Some(digest.as_str()) {
        let error = Error::Confirm {
            code: "PRV-LINK-CONFIRM",
            sentence: format!(
                "The account {target} of \"{name}\" becomes the account of {}. From the next cycle on it gets what the \
                 rule \"{}\" gives, in place of what it has.",
                object.label, rule.name
            ),
            hint: "Check that the account is theirs, then link the two.",
            digest,
            list: vec![format!("{} = {target}", object.label)],
        };
        let undo = text("The link can be broken again. What was written to the account stays.");
        return Ok(question(
            &visitor,
            &place,
            "links",
            text("Link the two"),
            undo,
            &error,
            &form,
        ));
    }
    let engine = place::engine(&state)?;
    match engine
        .relink(key, rule.key, object.key, &target, &visitor.actor())
        .await
    {
        Ok(_) => Ok(page::elsewhere(&done::after(&list_of(&place), "linked"))),
        Err(error) => {
            let faults = Faults::one("target", format!("{error}. {}", error.hint()));
            links::show(&state, &visitor, &name, Asked::default(), &form, faults).await
        }
    }
}

/// What is wrong with what was typed, or what it names.
fn checked(
    visitor: &Visitor,
    form: &Form,
    rule: Option<Stored>,
    found: Vec<Object>,
) -> std::result::Result<(Stored, Object, String), Faults> {
    let (mut faults, language) = (Faults::none(), visitor.language);
    let target = form.text("target").unwrap_or_default().to_owned();
    if target.is_empty() {
        faults.add("target", language.t("Give the account's id in the target."));
    }
    let Some(rule) = rule else {
        faults.add("rule", language.t("Choose a rule of this connection."));
        return Err(faults);
    };
    let mut fitting: Vec<Object> = found.into_iter().filter(|one| one.kind == rule.kind).collect();
    let object = match fitting.len() {
        1 => fitting.pop(),
        0 => {
            faults.add(
                "who",
                language.t("The directory has nobody of this name or id whom the rule is about."),
            );
            None
        }
        _ => {
            faults.add(
                "who",
                language.t("Several have this name. Give the id from their page."),
            );
            None
        }
    };
    match object {
        Some(object) if faults.is_empty() => Ok((rule, object, target)),
        _ => Err(faults),
    }
}

/// Breaks a link: the account stays as it is, and the next cycle looks for a match again.
pub(crate) async fn sever(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    form: Form,
) -> Result<Response> {
    let name = named.map_err(Refusal::address)?.0.name;
    let place = place::connection(&state, &visitor, &name).await?;
    let key = place.connection.key;
    let rule: i64 = form.get("rule").parse().map_err(Refusal::address)?;
    let object: i64 = form.get("object").parse().map_err(Refusal::address)?;
    let read = move |tx: &mut Tx| {
        let is_ours = rule::of_connection(tx, key)?.iter().any(|one| one.key == rule);
        Ok::<_, Store>(if is_ours {
            link::get(tx, rule, object)?
        } else {
            None
        })
    };
    let Some(found): Option<Link> = state.db().read(read).await? else {
        return Err(Refusal::Entered(
            "There is no such link any more".to_owned(),
            "Open the list again: somebody has broken it, or the account is gone.".to_owned(),
        ));
    };
    let digest = format!("{rule}:{object}:{}", found.target_id);
    if confirm::given(&form).digest.as_deref() != Some(digest.as_str()) {
        let error = Error::Confirm {
            code: "PRV-LINK-BREAK-CONFIRM",
            sentence: format!(
                "{} and the account {} of \"{name}\" are not tied any more. The account stays as it is; the next cycle \
                 looks for a match, and makes a new account where it finds none.",
                found.label, found.target_id
            ),
            hint: "Check that this is the account you mean, then break the link.",
            digest,
            list: vec![format!("{} = {}", found.label, found.target_id)],
        };
        let undo = text("The same link can be made again by hand.");
        return Ok(question(
            &visitor,
            &place,
            "links/break",
            text("Break the link"),
            undo,
            &error,
            &form,
        ));
    }
    place::engine(&state)?
        .unlink(key, rule, object, &visitor.actor())
        .await?;
    Ok(page::elsewhere(&done::after(&list_of(&place), "broken")))
}

fn list_of(place: &Place) -> String {
    place.space.to(&["connections", &place.connection.name, "links"])
}

fn question(
    visitor: &Visitor,
    place: &Place,
    path: &str,
    verb: &'static str,
    undo: &'static str,
    error: &Error,
    form: &Form,
) -> Response {
    let connection = place.space.connection(&place.connection.name);
    let action = format!("{connection}/{path}");
    Question {
        verb: visitor.language.t(verb).to_owned(),
        action: &action,
        back: list_of(place),
        undo: visitor.language.t(undo).to_owned(),
        typed: None,
    }
    .ask(visitor, error, form)
}
