//! `/connections/{name}/rules/{rule}/scope`: whom a rule means: who is assigned, and the filters. While it is typed the
//! number and the first names are counted; before it is saved it is shown who enters and who leaves.

use super::aside;
use super::base::{Base, OfRule, at, rule_frame};
use super::clauses::{self, Group, OPERATORS, Row};
use super::moves::{self, Moves};
use super::save::{self, Found, How, Saved};
use super::sources::{self, Path as Source};
use super::trouble;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::counted;
use crate::form::{CSRF_HEADER, Form};
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::Assignment;
use provost_sync::setup::HeadCount;
use provost_sync::{Error as Sync, Proposal};

/// Names of those who are meant that are shown.
const NAMED: usize = 20;
/// Empty rows behind those that are filled in.
const SPARE: usize = 1;

#[derive(Template)]
#[template(path = "connections/scope.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    count: String,
    seen: String,
    is_person: bool,
    assigned_only: bool,
    assigned: i64,
    assignments: String,
    preferences: String,
    groups: Vec<GroupView>,
    operators: Vec<(&'static str, String)>,
    sources: Vec<Source>,
    told: Option<Told>,
    moves: Option<Moves>,
}

/// The part that answers what is typed.
#[derive(Template)]
#[template(path = "connections/counted.html")]
struct Counted {
    frame: Frame,
    told: Option<Told>,
    is_person: bool,
}

/// A group of the form.
struct GroupView {
    number: usize,
    title: String,
    name: String,
    scim: String,
    rows: Vec<RowView>,
}

/// A row of the form.
struct RowView {
    /// Behind the name of a field: `0.3`.
    at: String,
    row: Row,
}

/// Whom the filters mean, or why that cannot be said.
struct Told {
    wrong: Vec<String>,
    meant: i64,
    total: i64,
    unknown: i64,
    names: Vec<String>,
    more: bool,
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
    let groups = clauses::of(&found.rule().scope);
    let page = page(&state, &visitor, &found, groups, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

async fn page(
    state: &State,
    visitor: &Visitor,
    found: &Found,
    groups: Vec<Group>,
    faults: Faults,
) -> Result<Page> {
    let (rule, language, key) = (found.rule(), visitor.language, found.place.connection.key);
    let assigned = counted::assigned(state.db(), key).await?;
    let here = at(&found.place, &["rules", &rule.name, "scope"]);
    Ok(Page {
        frame: rule_frame(visitor, &found.place, &rule.name, text("Scope")),
        base: Base::of_rule(visitor, &found.place, &rule.name, "scope").with(faults),
        count: at(&found.place, &["rules", &rule.name, "scope", "count"]),
        seen: found.seen(),
        is_person: rule.object == Kind::Person,
        assigned_only: found.place.connection.preferences.assignment == Assignment::Assigned,
        assigned,
        assignments: at(&found.place, &["assignments"]),
        preferences: at(&found.place, &["preferences"]),
        groups: views(groups, language),
        operators: OPERATORS
            .iter()
            .map(|(operator, label)| (operator.name(), language.t(label).to_owned()))
            .collect(),
        sources: sources::of_workspace(state, found.place.connection.workspace, rule.object).await?,
        told: None,
        moves: None,
        here,
    })
}

/// The groups with an empty row each, and an empty group behind them.
fn views(mut groups: Vec<Group>, language: Language) -> Vec<GroupView> {
    groups.push(Group::default());
    let view = |(number, group): (usize, Group)| {
        let spare = if group.scim.is_empty() { SPARE } else { 0 };
        let rows = group.rows.into_iter().chain((0..spare).map(|_| Row::default()));
        GroupView {
            number,
            title: language.f(text("Filter {}"), &[&(number + 1).to_string()]),
            name: group.name,
            scim: group.scim,
            rows: rows
                .enumerate()
                .map(|(index, row)| RowView {
                    at: format!("{number}.{index}"),
                    row,
                })
                .collect(),
        }
    };
    groups.into_iter().enumerate().map(view).collect()
}

/// The rule with the filters that were typed.
fn typed(found: &Found, form: &Form) -> (Rule, Vec<Group>) {
    let groups = clauses::read(form);
    let rule = Rule {
        scope: clauses::scope(&groups),
        ..found.rule().clone()
    };
    (rule, groups)
}

/// Counts whom the typed filters mean: a part of the page for the script, the whole page without.
pub(super) async fn count(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let (rule, groups) = typed(&found, &form);
    let told = Some(told(&state, &found, &rule).await?);
    if headers.contains_key(CSRF_HEADER) {
        let counted = Counted {
            frame: rule_frame(&visitor, &found.place, &path.rule, text("Scope")),
            told,
            is_person: rule.object == Kind::Person,
        };
        return Ok(page::html(StatusCode::OK, &counted));
    }
    let page = page(&state, &visitor, &found, groups, Faults::none()).await?;
    // What the script does not need: who would come and go, which takes a look at everybody's plan.
    let moves = match told.as_ref().is_some_and(|told| told.wrong.is_empty()) {
        true => moves(&state, &visitor, &found, rule).await?,
        false => None,
    };
    Ok(page::html(StatusCode::OK, &Page { told, moves, ..page }))
}

async fn moves(state: &State, visitor: &Visitor, found: &Found, rule: Rule) -> Result<Option<Moves>> {
    let proposal = Proposal {
        rules: Some(found.with(rule)),
        ..Proposal::default()
    };
    let preview = moves::of(state, &found.place.connection, &proposal).await?;
    Ok(preview
        .ok()
        .map(|preview| moves::shown(&preview, visitor.language)))
}

async fn told(state: &State, found: &Found, rule: &Rule) -> Result<Told> {
    let engine = place::engine(state)?;
    match engine.head_count(found.place.connection.key, rule).await {
        Ok(count) => Ok(Told::of(count)),
        Err(error @ (Sync::Rules(_) | Sync::Target(_))) => Ok(Told::wrong(&error)),
        Err(error) => Err(error.into()),
    }
}

impl Told {
    fn of(count: HeadCount) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut names = count.names;
        names.truncate(NAMED);
        Self {
            wrong: Vec::new(),
            meant: number(count.meant),
            total: number(count.total),
            unknown: number(count.unknown),
            more: number(count.meant) > i64::try_from(names.len()).unwrap_or(i64::MAX),
            names,
        }
    }

    fn wrong(error: &Sync) -> Self {
        Self {
            wrong: trouble::all(error)
                .each()
                .map(|(_, sentence)| sentence.to_owned())
                .collect(),
            meant: 0,
            total: 0,
            unknown: 0,
            names: Vec::new(),
            more: false,
        }
    }
}

/// Saves the filters; whoever would lose an account by it is shown first.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let (rule, groups) = typed(&found, &form);
    if found.is_outdated(&form) {
        let faults = Faults::one("", found.outdated());
        let page = page(&state, &visitor, &found, groups, faults).await?;
        return Ok(page::html(StatusCode::CONFLICT, &page));
    }
    let here = at(&found.place, &["rules", &path.rule, "scope"]);
    let verb = visitor.language.t(text("Save the scope"));
    let mistakes = found.mistakes(&rule);
    if !mistakes.is_empty() {
        let faults = trouble::all(&Sync::Rules(mistakes));
        let page = page(&state, &visitor, &found, groups, faults).await?;
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let rules = found.with(rule);
    let proposal = Proposal {
        rules: Some(rules.clone()),
        ..Proposal::default()
    };
    let error = match moves::of(&state, &found.place.connection, &proposal).await? {
        Err(error) => error,
        Ok(preview) => {
            let what = format!("the new scope of the rule \"{}\"", path.rule);
            let asks = moves::How {
                verb,
                action: &here,
                back: &here,
                what: &what,
            };
            if let Some(question) = moves::question(&visitor, &preview, &form, &asks) {
                return Ok(question);
            }
            let how = How {
                verb,
                action: &here,
                back: &here,
                note: &format!("scope of {}", path.rule),
            };
            match save::save(&state, &visitor, found.place.connection.key, rules, &form, &how).await? {
                Saved::Asked(question) => return Ok(question),
                Saved::Done(_) => return Ok(page::elsewhere(&done::after(&here, "saved"))),
                Saved::Refused(error) => error,
            }
        }
    };
    let page = page(&state, &visitor, &found, groups, trouble::all(&error)).await?;
    Ok(page::html(aside::status(&error), &page))
}
