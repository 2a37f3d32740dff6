//! `/connections/{name}/rules/{rule}/matching`: by which attributes accounts are recognised that nobody has linked yet.
//! The target is asked whether it finds by them before they are saved.

use super::aside;
use super::base::{Base, OfRule, at, rule_frame};
use super::save::{self, Found, How, Saved};
use super::trouble;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::matching::TARGET_ID;
use provost_engine::rule::{Matching, Rule};
use provost_sync::Error as Sync;

/// Matching attributes that a form has room for beyond those that are saved.
const SPARE: usize = 2;
/// Matching attributes of a rule at most.
const MOST: usize = 10;

#[derive(Template)]
#[template(path = "connections/matching.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    seen: String,
    rows: Vec<Row>,
    /// Those that can be chosen: the targets of the rule's mappings.
    options: Vec<(String, String)>,
    without_asking: bool,
}

/// A place of the form.
struct Row {
    name: String,
    chosen: String,
    label: String,
}

type OfPath = std::result::Result<Path<OfRule>, PathRejection>;

/// The page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let page = page(
        &visitor,
        &found,
        &saved(found.rule()),
        &Form::default(),
        Faults::none(),
    );
    Ok(page::html(StatusCode::OK, &page))
}

/// The matching attributes in their order.
fn saved(rule: &Rule) -> Vec<String> {
    let mut all = rule.matching.clone();
    all.sort_by_key(|one| one.precedence);
    all.into_iter().map(|one| one.target).collect()
}

fn page(visitor: &Visitor, found: &Found, chosen: &[String], form: &Form, faults: Faults) -> Page {
    let (rule, language) = (found.rule(), visitor.language);
    let rows = (1..=(chosen.len() + SPARE).min(MOST)).map(|number| Row {
        name: format!("match.{number}"),
        chosen: chosen.get(number - 1).cloned().unwrap_or_default(),
        label: match number {
            1 => language.t(text("First")).to_owned(),
            number => language.f(text("Then, number {}"), &[&number.to_string()]),
        },
    });
    Page {
        frame: rule_frame(visitor, &found.place, &rule.name, text("Matching")),
        base: Base::of_rule(visitor, &found.place, &rule.name, "matching").with(faults),
        here: at(&found.place, &["rules", &rule.name, "matching"]),
        seen: found.seen(),
        rows: rows.collect(),
        options: options(visitor, found),
        without_asking: form.is_on("offline"),
    }
}

/// What can be chosen, with what is known of it.
fn options(visitor: &Visitor, found: &Found) -> Vec<(String, String)> {
    let language = visitor.language;
    let mut all = vec![(String::new(), "–".to_owned())];
    for name in found.mapped() {
        let label = match found.target.find(name).and_then(|one| one.is_filterable) {
            Some(false) => language.f(text("{} (the target does not find by it)"), &[name]),
            _ => name.to_owned(),
        };
        all.push((name.to_owned(), label));
    }
    let id = language.t(text("the target's own id is the directory's"));
    all.push((TARGET_ID.to_owned(), format!("{TARGET_ID} ({id})")));
    all
}

/// Saves them.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let chosen: Vec<String> = (1..=MOST)
        .filter_map(|number| form.text(&format!("match.{number}")).map(str::to_owned))
        .collect();
    let again = |faults: Faults, status: StatusCode| {
        let page = page(&visitor, &found, &chosen, &form, faults);
        Ok(page::html(status, &page))
    };
    if found.is_outdated(&form) {
        return again(Faults::one("", found.outdated()), StatusCode::CONFLICT);
    }
    let rule = Rule {
        matching: (1..)
            .zip(&chosen)
            .map(|(precedence, target)| Matching {
                target: target.clone(),
                precedence,
            })
            .collect(),
        ..found.rule().clone()
    };
    let faults = unfit(&state, &visitor, &found, &rule, &chosen, form.is_on("offline")).await?;
    if !faults.is_empty() {
        return again(faults, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let here = at(&found.place, &["rules", &path.rule, "matching"]);
    let how = How {
        verb: visitor.language.t(text("Save the matching attributes")),
        action: &here,
        back: &here,
        note: &format!("matching of {}", path.rule),
    };
    let rules = found.with(rule);
    match save::save(&state, &visitor, found.place.connection.key, rules, &form, &how).await? {
        Saved::Asked(question) => Ok(question),
        Saved::Done(_) => Ok(page::elsewhere(&done::after(&here, "saved"))),
        Saved::Refused(error) => again(trouble::all(&error), aside::status(&error)),
    }
}

/// What is against these attributes: first what is known, then what the target says when it is asked.
async fn unfit(
    state: &State,
    visitor: &Visitor,
    found: &Found,
    rule: &Rule,
    chosen: &[String],
    without_asking: bool,
) -> Result<Faults> {
    let language = visitor.language;
    let mut faults = Faults::none();
    if chosen.is_empty() {
        let sentence = text("At least one is needed: without it every account would be created anew.");
        faults.add("match.1", language.t(sentence));
        return Ok(faults);
    }
    let field = |target: &str| {
        let at = chosen.iter().position(|one| one == target).unwrap_or_default();
        format!("match.{}", at + 1)
    };
    for target in chosen {
        let is_unfit = found
            .target
            .find(target)
            .is_some_and(|one| one.is_filterable == Some(false));
        if is_unfit {
            let sentence = text("The target does not find by {}. Choose an attribute that it can filter on.");
            faults.add(&field(target), language.f(sentence, &[target]));
        }
    }
    if !faults.is_empty() || without_asking {
        return Ok(faults);
    }
    let engine = place::engine(state)?;
    match engine
        .check_matching(found.place.connection.key, std::slice::from_ref(rule))
        .await
    {
        Ok(checks) => {
            for check in checks {
                if let Err(error) = check.outcome {
                    let told = trouble::sentence(&error.to_string(), error.hint(), error.code());
                    faults.add(&field(&check.attribute), told);
                }
            }
            Ok(faults)
        }
        // What is wrong with the rule itself is told by the save.
        Err(Sync::Rules(errors)) => Ok(trouble::all(&Sync::Rules(errors))),
        Err(error @ (Sync::Target(_) | Sync::Refused { .. })) => {
            let hint = language.t(text(
                "Make the connection work, or save without asking the target.",
            ));
            faults.add(
                "",
                format!("{} {hint}", trouble::sentence(&error.to_string(), "", "")),
            );
            Ok(faults)
        }
        Err(error) => Err(error.into()),
    }
}
