//! `GET /plans/{id}/objects/{key}`: one person or group in a plan, with the reasons: assignment, scope, match, and which
//! mapping gives each value.

use super::super::page::{self, Frame};
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::super::time::Clock;
use super::found::{Address, IdentifiedIn, plan as find};
use super::plan::{self as plan_page, Head};
use super::plan_steps::{self, ObjectView, Wanted};
use super::{plans, value};
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::mapping::{Mapping, MappingSource};
use provost_store::connection::{self, Connection};
use provost_store::rule::{self, Stored};
use provost_store::{Error as Store, Tx, assignment, directory};
use provost_sync::RuleTrace;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "runs/plan_object.html")]
struct Page {
    frame: Frame,
    head: Head,
    objects: Vec<ObjectView>,
    /// Whether a step of the plan is about them.
    assignment: &'static str,
    rules: Vec<Reasons>,
    back: String,
    is_gone: bool,
}

/// What a rule makes of them now.
struct Reasons {
    rule: String,
    scope: String,
    decision: String,
    matching: Vec<(String, String)>,
    error: Option<String>,
    mappings: Vec<From>,
}

/// Where a value comes from.
struct From {
    attribute: String,
    source: String,
    value: String,
}

/// What the store knows of them.
struct Known {
    id: Option<Uuid>,
    is_assigned: bool,
    rules: Vec<Stored>,
    steps: plan_steps::Steps,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    address: Address<IdentifiedIn>,
) -> Result<Response> {
    let address = address.map_err(Refusal::address)?;
    let (plan, place) = find(&state, &visitor, address.id).await?;
    let (key, object, of) = (plan.key, address.key, place.connection.clone());
    let known = state.db().read(move |tx| read(tx, &of, key, object)).await?;
    if known.steps.found.is_empty() {
        let sentence = "The plan has no step about them. Its page lists everybody it is about.";
        return Err(Refusal::Absent(sentence.to_owned()));
    }
    let traces = match known.id {
        Some(id) => {
            let found = place::engine(&state)?
                .explain(plan.workspace, &id.to_string())
                .await?;
            found
                .into_iter()
                .find(|one| one.id == id)
                .map(|one| one.rules)
                .unwrap_or_default()
        }
        None => Vec::new(),
    };
    let (clock, language) = (Clock::of(&visitor, now()), visitor.language);
    let here = plans::address(&place.space, &plan);
    let ours = traces
        .iter()
        .filter(|one| one.connection == place.connection.name);
    let page = Page {
        head: plan_page::head(&plan, &place, None, &clock),
        objects: known.steps.by_object(&place.space, |_| String::new()),
        assignment: assigned(&place.connection, known.is_assigned),
        rules: ours.map(|one| reasons(one, &known.rules, language)).collect(),
        is_gone: known.id.is_none(),
        frame: plan_page::frame(&visitor, &place).below(here.clone(), language.t("Plan")),
        back: here,
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn read(tx: &mut Tx, connection: &Connection, plan: i64, object: i64) -> std::result::Result<Known, Store> {
    let wanted = Wanted {
        object: Some(object),
        ..Wanted::default()
    };
    let found = directory::by_key(tx, object)?;
    let nested = connection.preferences.nested;
    Ok(Known {
        id: found.map(|one| one.id),
        is_assigned: assignment::covers(tx, connection.key, object, nested)?,
        rules: rule::of_connection(tx, connection.key)?,
        steps: plan_steps::read(tx, plan, &wanted)?,
    })
}

fn assigned(connection: &Connection, is_assigned: bool) -> &'static str {
    match (connection.preferences.assignment, is_assigned) {
        (connection::Assignment::All, _) => {
            text("Everybody counts as assigned to this connection; scope decides.")
        }
        (connection::Assignment::Assigned, true) => {
            text("Assigned to this connection, directly or by a group.")
        }
        (connection::Assignment::Assigned, false) => {
            text("Not assigned to this connection, neither directly nor by a group.")
        }
    }
}

fn reasons(trace: &RuleTrace, rules: &[Stored], language: Language) -> Reasons {
    let stored = rules.iter().find(|one| one.name == trace.rule);
    let mappings = stored.map(|one| one.rule.mappings.as_slice()).unwrap_or_default();
    Reasons {
        rule: trace.rule.clone(),
        scope: trace.scope.clone(),
        decision: trace.decision.clone(),
        matching: trace
            .matching
            .iter()
            .map(|(name, found)| (name.clone(), value::shown(found)))
            .collect(),
        error: trace.error.clone(),
        mappings: trace
            .attributes
            .iter()
            .map(|(name, found)| From {
                attribute: name.clone(),
                source: source(mappings, name, language),
                value: value::shown(found),
            })
            .collect(),
    }
}

/// Where a mapping takes a value from, as its author wrote it.
fn source(mappings: &[Mapping], attribute: &str, language: Language) -> String {
    let found = mappings.iter().find(|one| one.target == attribute);
    match found.map(|one| &one.source) {
        Some(MappingSource::Direct { attribute }) => attribute.clone(),
        Some(MappingSource::Expression { text }) => text.clone(),
        Some(MappingSource::Constant { value }) => language.f("always {}", &[&value::shown(value)]),
        Some(MappingSource::Generated) => language.t("made for each person").to_owned(),
        Some(MappingSource::Secret { .. }) => language.t("a sealed value").to_owned(),
        Some(_) | None => language.t("not mapped").to_owned(),
    }
}
