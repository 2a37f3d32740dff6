//! `GET /plans`: the plans that are kept; `POST /connections/{name}/plan`: one more.

use super::super::done;
use super::super::page::{self, Frame};
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::aside::begun;
use super::found::{Address, Named, dead_for};
use super::plan_counts::Numbers;
use super::{action, chosen};
use crate::console::address::Space;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::connection::Connection;
use provost_store::plan::{self, Plan};
use provost_store::{Tx, connection};
use provost_sync::{Mode, Proposal};
use serde::Deserialize;

/// Plans of one page.
const PAGE: usize = 50;
/// Plans of each connection where no connection is chosen.
const NEWEST: i64 = 10;

#[derive(Template)]
#[template(path = "runs/plans.html")]
struct Page {
    frame: Frame,
    /// Connections to choose from, and where a plan is made.
    chosen: chosen::Chosen,
    /// Where a new plan is asked for; none where no connection is chosen.
    make: Option<String>,
    dead: String,
    plans: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A plan of the list.
pub(super) struct Line {
    pub address: String,
    pub connection: String,
    pub connection_address: String,
    pub mode: &'static str,
    pub word: &'static str,
    pub class: &'static str,
    pub made: Moment,
    pub by: String,
    pub steps: String,
    pub held: Option<String>,
}

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    connection: String,
    before: Option<i64>,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let (inside, clock) = (visitor.workspace()?, Clock::of(&visitor, now()));
    let (workspace, space) = (inside.key, Space::of(inside));
    let (name, before) = (asked.connection.clone(), asked.before);
    let (connections, found) = state
        .db()
        .read(move |tx| read(tx, workspace, &name, before))
        .await?;
    let is_full = !asked.connection.is_empty() && found.len() > PAGE;
    let next = found.get(PAGE - 1).filter(|_| is_full).map(|(plan, _)| plan.key);
    let page_of = |before: Option<i64>| {
        let mut parameters = vec![("connection", asked.connection.clone())];
        parameters.extend(before.map(|key| ("before", key.to_string())));
        space.page("/plans".to_owned(), &parameters)
    };
    let is_chosen = connections.iter().any(|one| one.name == asked.connection);
    let page = Page {
        chosen: chosen::of(&space, "/plans", &connections, &asked.connection),
        make: is_chosen.then(|| space.to(&["connections", &asked.connection, "plan"])),
        dead: dead_for(&visitor),
        plans: found
            .iter()
            .take(PAGE)
            .map(|(plan, name)| line(plan, name, &space, &clock))
            .collect(),
        is_later: asked.before.is_some(),
        first: page_of(None),
        next: next.map(|key| page_of(Some(key))),
        frame: Frame::new(&visitor, text("Plans")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

type Found = (Vec<Connection>, Vec<(Plan, String)>);

/// The connections, and the plans of one or of all, newest first.
fn read(
    tx: &mut Tx,
    workspace: i64,
    name: &str,
    before: Option<i64>,
) -> std::result::Result<Found, provost_store::Error> {
    let connections = connection::all(tx, workspace)?;
    let mut plans = Vec::new();
    let limit = if name.is_empty() { NEWEST } else { PAGE as i64 + 1 };
    for one in connections
        .iter()
        .filter(|one| name.is_empty() || one.name == name)
    {
        let found = plan::list(tx, one.key, before.filter(|_| !name.is_empty()), limit)?;
        plans.extend(found.into_iter().map(|plan| (plan, one.name.clone())));
    }
    plans.sort_by_key(|(plan, _)| std::cmp::Reverse(plan.key));
    if name.is_empty() {
        plans.truncate(PAGE);
    }
    Ok((connections, plans))
}

fn line(plan: &Plan, connection: &str, space: &Space, clock: &Clock) -> Line {
    let (numbers, language) = (Numbers::of(plan), clock.language);
    Line {
        address: address(space, plan),
        connection: connection.to_owned(),
        connection_address: space.connection(connection),
        mode: mode(&plan.mode),
        word: action::plan_word(plan.state),
        class: action::plan_class(plan.state),
        made: clock.moment(plan.created),
        by: plan.created_by.clone(),
        steps: steps(language, numbers.steps),
        held: (numbers.held > 0)
            .then(|| language.n(numbers.held, "1 of them is held", "{} of them are held")),
    }
}

/// The page of a plan.
pub(super) fn address(space: &Space, plan: &Plan) -> String {
    space.to(&["plans", &plan.id.to_string()])
}

pub(super) fn steps(language: Language, count: i64) -> String {
    language.n(count, "1 step", "{} steps")
}

/// The word of a cycle's mode: a text of the catalogue.
pub(super) fn mode(word: &str) -> &'static str {
    match word {
        "initial" => text("initial"),
        "reconcile" => text("reconcile"),
        _ => text("incremental"),
    }
}

/// Makes a plan, and leads to it.
pub(crate) async fn make(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    form: Form,
) -> Result<Response> {
    let named = named.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &named.name).await?;
    let (engine, key, actor) = (
        place::engine(&state)?.clone(),
        place.connection.key,
        visitor.actor(),
    );
    let mode = match form.get("mode") {
        "initial" => Some(Mode::Initial),
        "incremental" => Some(Mode::Incremental),
        "reconcile" => Some(Mode::Reconcile),
        _ => None,
    };
    let made = begun(async move {
        engine
            .make_plan(key, mode, &Proposal::default(), &actor, true, None)
            .await
    });
    let address = match made.await?.and_then(|summary| summary.id) {
        Some(id) => place.space.to(&["plans", &id.to_string()]),
        None => place.space.page(
            "/plans".to_owned(),
            &[("connection", place.connection.name.clone())],
        ),
    };
    Ok(page::elsewhere(&done::after(&address, "planned")))
}

/// Where a plan is asked for without a form: the list of the connection's plans, which has one.
pub(crate) async fn ask(visitor: Visitor, named: Address<Named>) -> Result<Response> {
    let named = named.map_err(Refusal::address)?;
    let space = Space::of(visitor.workspace()?);
    Ok(page::elsewhere(&space.page(
        "/plans".to_owned(),
        &[("connection", named.name.clone())],
    )))
}
