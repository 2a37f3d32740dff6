//! `/connections/{name}/rules`: the rules of a connection; `/new-rule`: one more, empty or as the template has it.

use super::aside;
use super::base::{Base, OfConnection, at, frame};
use super::catalogue;
use super::origin;
use super::save::{self, How, Saved};
use super::trouble;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Place};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::policy::Act;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::mapping::Mapping;
use provost_engine::object::Kind;
use provost_engine::rule::{Matching, Rule};
use provost_store::sync_status::Asked as Number;
use provost_sync::status::RuleStatus;

#[derive(Template)]
#[template(path = "connections/rules.html")]
struct Page {
    frame: Frame,
    base: Base,
    lines: Vec<Line>,
    new: String,
}

/// A rule.
struct Line {
    name: String,
    address: String,
    kind: &'static str,
    is_on: bool,
    is_leaving: bool,
    scope: String,
    matching: String,
    mappings: i64,
    mappings_address: String,
    scope_address: String,
    matching_address: String,
    impacted: i64,
    impacted_address: String,
}

type Named = std::result::Result<Path<OfConnection>, PathRejection>;

/// The list.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let rules = save::stored(&state, place.connection.key).await?;
    let numbers = place::engine(&state)?.sync_status(place.connection.key).await?;
    let language = visitor.language;
    let page = Page {
        frame: frame(&visitor, &place, text("Rules")),
        base: Base::new(&visitor, &place, "rules", Act::Configure),
        lines: rules
            .iter()
            .map(|rule| line(&place, rule, &numbers, language))
            .collect(),
        new: at(&place, &["new-rule"]),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(place: &Place, rule: &Rule, numbers: &[RuleStatus], language: Language) -> Line {
    let to = |part: &str| at(place, &["rules", &rule.name, part]);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut matching = rule.matching.clone();
    matching.sort_by_key(|one| one.precedence);
    let names: Vec<&str> = matching.iter().map(|one| one.target.as_str()).collect();
    let number = numbers.iter().find(|one| one.rule == rule.name);
    Line {
        name: rule.name.clone(),
        address: to(""),
        kind: kind(rule.object),
        is_on: rule.enabled,
        is_leaving: rule.removing,
        scope: scope(rule, language),
        matching: names.join(", "),
        mappings: count(rule.mappings.len()),
        mappings_address: to("mappings"),
        scope_address: to("scope"),
        matching_address: to("matching"),
        impacted: number.map_or(0, |one| one.counts.impacted),
        impacted_address: place
            .space
            .status(&place.connection.name, &rule.name, Number::Impacted, None),
    }
}

/// A kind of object, many of them.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => text("people"),
        Kind::Group => text("groups"),
    }
}

/// Whom a scope means, in a few words.
fn scope(rule: &Rule, language: Language) -> String {
    let filters = i64::try_from(rule.scope.filters.len()).unwrap_or(i64::MAX);
    if filters == 0 {
        return language
            .t(text("no filter: everybody who is assigned"))
            .to_owned();
    }
    language.n(filters, "1 filter", "{} filters, one of which is enough")
}

#[derive(Template)]
#[template(path = "connections/new_rule.html")]
struct NewRule {
    frame: Frame,
    base: Base,
    name: String,
    kind: String,
    kinds: Vec<(&'static str, String, String)>,
    /// Whether the application takes groups.
    has_groups: bool,
    /// Whether the template's rule of the kind can be taken.
    has_template: bool,
    with_template: bool,
}

/// The form of a new rule.
pub(super) async fn begin(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    new_page(
        &state,
        &visitor,
        &place,
        &Form::default(),
        Faults::none(),
        StatusCode::OK,
    )
    .await
}

async fn new_page(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    form: &Form,
    faults: Faults,
    status: StatusCode,
) -> Result<Response> {
    let language = visitor.language;
    let kinds = [
        ("person", text("People"), text("Accounts of the application.")),
        (
            "group",
            text("Groups"),
            text("Groups of the application, with their members."),
        ),
    ];
    let is_first = form.fields().next().is_none();
    let template = origin::of(state, &place.connection).await?;
    let takes = |kind| template.is_none_or(|template| catalogue::takes(template, kind));
    let has_template = template.is_some();
    let page = NewRule {
        frame: frame(visitor, place, text("New rule")).below(at(place, &["rules"]), language.t("Rules")),
        base: Base::new(visitor, place, "rules", Act::Configure).with(faults),
        name: form.get("name").to_owned(),
        kind: form.text("kind").unwrap_or("person").to_owned(),
        kinds: kinds
            .into_iter()
            .filter(|(word, ..)| takes(kind_of(word)))
            .map(|(word, label, about)| (word, language.t(label).to_owned(), language.t(about).to_owned()))
            .collect(),
        has_groups: takes(Kind::Group),
        has_template,
        with_template: is_first || form.is_on("template"),
    };
    Ok(page::html(status, &page))
}

/// Adds a rule, switched off.
pub(super) async fn add(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let mut rules = save::stored(&state, place.connection.key).await?;
    let name = form.text("name").unwrap_or_default().to_owned();
    if let Some(sentence) = wrong_name(&rules, &name, None, visitor.language) {
        let faults = Faults::one("name", sentence);
        return new_page(
            &state,
            &visitor,
            &place,
            &form,
            faults,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let object = kind_of(form.get("kind"));
    let template = origin::of(&state, &place.connection).await?;
    if template.is_some_and(|template| !catalogue::takes(template, object)) {
        let sentence = format!("{} PRV-RULE-KIND", visitor.language.t(NO_GROUPS));
        let faults = Faults::one("kind", sentence);
        return new_page(
            &state,
            &visitor,
            &place,
            &form,
            faults,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let from = template
        .filter(|_| form.is_on("template"))
        .and_then(|template| template.rules.iter().find(|rule| rule.object == object));
    rules.push(new_rule(&place, name.clone(), object, from));
    let (action, back) = (at(&place, &["new-rule"]), at(&place, &["rules"]));
    let how = How {
        verb: visitor.language.t(text("Add the rule")),
        action: &action,
        back: &back,
        note: &format!("rule {name} added"),
    };
    match save::save(&state, &visitor, place.connection.key, rules, &form, &how).await? {
        Saved::Asked(question) => Ok(question),
        Saved::Done(_) => Ok(page::elsewhere(&done::after(
            &at(&place, &["rules", &name]),
            "added",
        ))),
        Saved::Refused(error) => {
            let faults = trouble::all(&error);
            new_page(&state, &visitor, &place, &form, faults, aside::status(&error)).await
        }
    }
}

/// Why there is no rule about groups.
const NO_GROUPS: &str = text(
    "The application takes people only, so no rule about groups is offered: groups decide who is meant.",
);

fn kind_of(word: &str) -> Kind {
    match word {
        "group" => Kind::Group,
        _ => Kind::Person,
    }
}

/// What is wrong with a rule's name; `but` is the one that it has.
pub(super) fn wrong_name(
    rules: &[Rule],
    name: &str,
    but: Option<&str>,
    language: Language,
) -> Option<&'static str> {
    let taken = rules.iter().any(|rule| rule.name == name && but != Some(name));
    let sentence = match name {
        "" => text("Give the rule a name."),
        _ if taken => text("The connection has a rule of this name. Choose another one."),
        _ if name.chars().count() > 100 => text("A name has 100 characters at most."),
        _ => return None,
    };
    Some(language.t(sentence))
}

/// A rule that can be saved: it recognises accounts by the name that every target has.
fn new_rule(place: &Place, name: String, object: Kind, template: Option<&Rule>) -> Rule {
    let mut rule = match template {
        Some(template) => template.clone(),
        None => {
            let mut rule = Rule::new(&name, object);
            let (target, source) = match (object, place.connection.connector.as_str()) {
                (Kind::Person, "graph") => ("userPrincipalName", "userName"),
                (Kind::Person, _) => ("userName", "userName"),
                (Kind::Group, _) => ("displayName", "displayName"),
            };
            rule.matching = vec![Matching {
                target: target.to_owned(),
                precedence: 1,
            }];
            rule.mappings = vec![Mapping::direct(target, source)];
            rule
        }
    };
    (rule.name, rule.enabled) = (name, false);
    rule
}
