//! `/connections/{name}/rules/{rule}`: what a rule may do and what becomes of whoever leaves; switching it on and off.

use super::aside;
use super::base::{Base, OfRule, at, rule_frame};
use super::rules::kind;
use super::save::{self, Found, How, Saved};
use super::trouble;
use crate::console::confirm;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_engine::rule::{Actions, Approval, RemoveAction, Rule, Vanished};
use provost_store::connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

type OfPath = std::result::Result<Path<OfRule>, PathRejection>;

/// The page.
#[derive(Template)]
#[template(path = "connections/rule.html")]
pub(super) struct Page {
    frame: Frame,
    base: Base,
    here: String,
    seen: String,
    name: String,
    kind: &'static str,
    is_person: bool,
    is_on: bool,
    is_leaving: bool,
    /// Why it cannot be switched on, in the reader's language; empty where it can.
    dead: String,
    actions: Vec<(&'static str, String, bool)>,
    remove: String,
    removes: Vec<(&'static str, String, String)>,
    days: String,
    approval: String,
    approvals: Vec<(&'static str, String, String)>,
    vanished: String,
    vanishes: Vec<(&'static str, String, String)>,
    warnings: Vec<String>,
}

/// The page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = match save::find(&state, &visitor, &path.name, &path.rule).await {
        Ok(found) => found,
        // The address that the form would have were there no rule of that name.
        Err(Refusal::Absent(_)) if path.rule == "new" => {
            let place = place::connection(&state, &visitor, &path.name).await?;
            return Ok(page::elsewhere(&at(&place, &["new-rule"])));
        }
        Err(refusal) => return Err(refusal),
    };
    let rule = found.rule().clone();
    let page = page(&visitor, &found, &rule, Faults::none());
    Ok(page::html(StatusCode::OK, &page))
}

/// The page of a rule with what was typed, and what is wrong with it.
pub(super) fn page(visitor: &Visitor, found: &Found, typed: &Rule, faults: Faults) -> Page {
    let (rule, language) = (found.rule(), visitor.language);
    let is_person = rule.object == Kind::Person;
    Page {
        frame: rule_frame(visitor, &found.place, &rule.name, text("Rule")),
        base: Base::of_rule(visitor, &found.place, &rule.name, "").with(faults),
        here: at(&found.place, &["rules", &rule.name]),
        seen: found.seen(),
        name: typed.name.clone(),
        kind: kind(rule.object),
        is_person,
        is_on: rule.enabled,
        is_leaving: rule.removing,
        dead: dead(found, language),
        actions: ACTIONS
            .iter()
            .filter(|(_, _, of)| of.is_none_or(|kind| kind == rule.object))
            .map(|(word, label, _)| {
                (
                    *word,
                    language.t(label).to_owned(),
                    is_allowed(&typed.actions, word),
                )
            })
            .collect(),
        remove: word(&typed.remove),
        removes: choices(&REMOVES[usize::from(!is_person)..], language),
        days: typed
            .delete_after_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        approval: word(&typed.approval),
        approvals: choices(&APPROVALS, language),
        vanished: word(&typed.vanished),
        vanishes: choices(&VANISHES, language),
        warnings: Vec::new(),
    }
}

/// Why a rule cannot be switched on; empty where nothing is known against it. The target is asked when it is done.
fn dead(found: &Found, language: Language) -> String {
    let rule = found.rule();
    if found.place.connection.state == connection::State::Invalid {
        return language
            .t(text(
                "The connection is invalid: correct its settings and test it first.",
            ))
            .to_owned();
    }
    if let Some(owner) = found.owner.as_ref().filter(|owner| !owner.dead.is_empty()) {
        return owner.dead.clone();
    }
    let mapped = found.mapped();
    let missing: Vec<&str> = found
        .target
        .missing(&mapped)
        .map(|one| one.name.as_str())
        .collect();
    match missing.is_empty() || rule.enabled {
        true => String::new(),
        false => language.f(
            text("Map a value for {} first: the target needs it."),
            &[&missing.join(", ")],
        ),
    }
}

/// The actions of a rule by their words; those of one kind of object only have it behind them.
const ACTIONS: [(&str, &str, Option<Kind>); 7] = [
    ("create", text("Create"), None),
    ("update", text("Update"), None),
    ("disable", text("Disable"), Some(Kind::Person)),
    ("delete", text("Delete"), None),
    ("add_member", text("Add members"), Some(Kind::Group)),
    ("remove_member", text("Remove members"), Some(Kind::Group)),
    (
        "licence",
        text("Give licences and take them back"),
        Some(Kind::Person),
    ),
];

const REMOVES: [(&str, &str, &str); 3] = [
    (
        "disable",
        text("Disable"),
        text("The account stays and cannot be used. It is enabled again when the person comes back."),
    ),
    (
        "delete",
        text("Delete"),
        text("The account is deleted, after the days below if there are any."),
    ),
    (
        "leave",
        text("Leave"),
        text("Nothing: the account stays as it is."),
    ),
];

const APPROVALS: [(&str, &str, &str); 3] = [
    (
        "never",
        text("Nothing"),
        text("The guard holds unusual removals in any case."),
    ),
    (
        "removals",
        text("Removals"),
        text("Disables, deletes, removed members and licences wait for a second person."),
    ),
    (
        "always",
        text("Everything"),
        text("Each step waits for a second person."),
    ),
];

const VANISHES: [(&str, &str, &str); 3] = [
    (
        "match_again",
        text("Look for it again"),
        text("By the matching attributes; without a match it is created."),
    ),
    (
        "create_again",
        text("Create it again"),
        text("Without looking for it."),
    ),
    (
        "fail",
        text("Wait for a person"),
        text("It fails until somebody decides."),
    ),
];

fn choices(all: &[(&'static str, &str, &str)], language: Language) -> Vec<(&'static str, String, String)> {
    let one = |(word, label, about): &(&'static str, &str, &str)| {
        (*word, language.t(label).to_owned(), language.t(about).to_owned())
    };
    all.iter().map(one).collect()
}

fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn read<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

fn is_allowed(actions: &Actions, word: &str) -> bool {
    match word {
        "create" => actions.create,
        "update" => actions.update,
        "disable" => actions.disable,
        "delete" => actions.delete,
        "add_member" => actions.add_member,
        "remove_member" => actions.remove_member,
        _ => actions.licence,
    }
}

/// The rule with what was typed; what the form does not show stays.
fn typed(before: &Rule, form: &Form, faults: &mut Faults, language: Language) -> Rule {
    let mut rule = before.clone();
    let is_person = before.object == Kind::Person;
    let on = |word: &str| form.is_on(&format!("action.{word}"));
    let only = |applies: bool, word: &str, was: bool| if applies { on(word) } else { was };
    rule.actions = Actions {
        create: on("create"),
        update: on("update"),
        delete: on("delete"),
        disable: only(is_person, "disable", before.actions.disable),
        add_member: only(!is_person, "add_member", before.actions.add_member),
        remove_member: only(!is_person, "remove_member", before.actions.remove_member),
        licence: only(is_person, "licence", before.actions.licence),
    };
    rule.remove = read::<RemoveAction>(form.get("remove")).unwrap_or(before.remove);
    rule.approval = read::<Approval>(form.get("approval")).unwrap_or(before.approval);
    rule.vanished = read::<Vanished>(form.get("vanished")).unwrap_or(before.vanished);
    rule.delete_after_days = match form.text("days").map(str::parse) {
        None => None,
        Some(Ok(days)) => Some(days),
        Some(Err(_)) => {
            faults.add(
                "days",
                language.t(text("Type a whole number of days, or nothing.")),
            );
            before.delete_after_days
        }
    };
    rule
}

/// Saves what the rule may do.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let mut faults = Faults::none();
    let rule = typed(found.rule(), &form, &mut faults, visitor.language);
    if found.is_outdated(&form) {
        faults.add("", found.outdated());
    }
    if !faults.is_empty() {
        let page = page(&visitor, &found, &rule, faults);
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let here = at(&found.place, &["rules", &path.rule]);
    let how = How {
        verb: visitor.language.t(text("Save the rule")),
        action: &here,
        back: &here,
        note: &format!("rule {}", path.rule),
    };
    let rules = found.with(rule.clone());
    match save::save(&state, &visitor, found.place.connection.key, rules, &form, &how).await? {
        Saved::Asked(question) => Ok(question),
        Saved::Done(warnings) if warnings.is_empty() => Ok(page::elsewhere(&done::after(&here, "saved"))),
        Saved::Done(warnings) => {
            let page = Page {
                warnings,
                ..page(&visitor, &found, &rule, Faults::none())
            };
            Ok(page::html(StatusCode::OK, &page))
        }
        Saved::Refused(error) => {
            let page = page(&visitor, &found, &rule, trouble::all(&error));
            Ok(page::html(aside::status(&error), &page))
        }
    }
}

/// Switches it on.
pub(super) async fn on(
    state: extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    switch(state, visitor, path, form, true).await
}

/// Switches it off: it decides nothing any more, and its links stay.
pub(super) async fn off(
    state: extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    switch(state, visitor, path, form, false).await
}

async fn switch(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
    on: bool,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let (here, key) = (
        at(&found.place, &["rules", &path.rule]),
        found.place.connection.key,
    );
    let (engine, actor, confirm) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        confirm::given(&form),
    );
    let name = path.rule.clone();
    let deed = async move { engine.switch_rule(key, &name, on, &actor, &confirm).await };
    let error = match aside::finish(deed).await? {
        Ok(_) => {
            return Ok(page::elsewhere(&done::after(
                &here,
                if on { "on" } else { "off" },
            )));
        }
        Err(error) => error,
    };
    let action = at(
        &found.place,
        &["rules", &path.rule, if on { "on" } else { "off" }],
    );
    let how = How {
        verb: visitor.language.t(text("Switch the rule on")),
        action: &action,
        back: &here,
        note: "",
    };
    match save::refused(&visitor, error, &form, &how)? {
        Ok(question) => Ok(question),
        Err(error) => {
            let rule = found.rule().clone();
            let page = page(&visitor, &found, &rule, trouble::all(&error));
            Ok(page::html(aside::status(&error), &page))
        }
    }
}
