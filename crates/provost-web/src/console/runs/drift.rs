//! `GET /drift`: what others changed in a target, attribute by attribute, and what stands there that nobody owns.

use super::super::page::{self, Frame};
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::chosen::{self, Chosen};
use super::found::dead_for;
use super::value;
use crate::console::address::Space;
use crate::counted;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::drift::{self, Asked as Search, Drift, State as Standing};
use provost_store::rule::Stored;
use provost_store::{Error as Store, Tx, connection, directory, rule};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Differences of one page.
const PAGE: usize = 50;
/// Differences of each connection where none is chosen.
const FIRST: usize = 10;

#[derive(Template)]
#[template(path = "runs/drift.html")]
struct Page {
    frame: Frame,
    chosen: Chosen,
    dead: String,
    states: Vec<Choice>,
    parts: Vec<Part>,
}

struct Choice {
    word: &'static str,
    address: String,
    is_here: bool,
}

/// The differences of a connection.
struct Part {
    name: String,
    address: String,
    decide: String,
    open: i64,
    unowned: i64,
    compared: Option<Moment>,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A difference.
struct Line {
    rule: i64,
    object: i64,
    label: String,
    address: Option<String>,
    rule_name: String,
    attribute: String,
    expected: String,
    found: String,
    word: &'static str,
    class: &'static str,
    is_open: bool,
    can_repair: bool,
    seen: Moment,
}

/// What the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    connection: String,
    state: String,
    after: Option<String>,
}

impl Asked {
    /// Rule, object and attribute of the last line before.
    fn place(&self) -> Result<Option<(i64, i64, String)>> {
        let Some(text) = self.after.as_deref() else {
            return Ok(None);
        };
        let mut parts = text.splitn(3, '.');
        let mut key = || parts.next().unwrap_or_default().parse().map_err(Refusal::address);
        let (rule, object) = (key()?, key()?);
        Ok(Some((rule, object, parts.next().unwrap_or_default().to_owned())))
    }

    fn standing(&self) -> Result<Option<Standing>> {
        match self.state.as_str() {
            "all" => Ok(None),
            "" => Ok(Some(Standing::Open)),
            word => word.parse().map(Some).map_err(Refusal::address),
        }
    }
}

/// What the store has of a connection.
struct Found {
    connection: Connection,
    open: i64,
    unowned: i64,
    rules: BTreeMap<i64, Stored>,
    lines: Vec<Drift>,
    ids: BTreeMap<i64, Uuid>,
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
    let is_one = !asked.connection.is_empty();
    let search = Search {
        state: asked.standing()?,
        after: asked.place()?.filter(|_| is_one),
        ..Search::default()
    };
    let (name, limit) = (asked.connection.clone(), if is_one { PAGE } else { FIRST });
    let read = move |tx: &mut Tx| {
        let connections = connection::all(tx, workspace)?;
        let mut found = Vec::new();
        for one in connections
            .iter()
            .filter(|one| name.is_empty() || one.name == name)
        {
            found.push(read(tx, one, &search, limit)?);
        }
        Ok::<_, Store>((connections, found))
    };
    let (connections, mut found) = state.db().read(read).await?;
    for one in &mut found {
        one.open = counted::drifted(state.db(), one.connection.key).await?;
        one.unowned = counted::unowned(state.db(), one.connection.key).await?;
    }
    let page = Page {
        chosen: chosen::of(&space, "/drift", &connections, &asked.connection),
        dead: dead_for(&visitor),
        states: states(&asked, &space),
        parts: found
            .iter()
            .filter(|one| is_one || !one.lines.is_empty() || one.unowned > 0)
            .map(|one| part(one, &asked, limit, &space, &clock))
            .collect(),
        frame: Frame::new(&visitor, text("Drift")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn read(
    tx: &mut Tx,
    connection: &Connection,
    search: &Search,
    limit: usize,
) -> std::result::Result<Found, Store> {
    let search = Search {
        connection: connection.key,
        ..search.clone()
    };
    let lines = drift::list(tx, &search, limit + 1)?;
    let mut ids = BTreeMap::new();
    for line in &lines {
        if !ids.contains_key(&line.object)
            && let Some(object) = directory::by_key(tx, line.object)?
        {
            ids.insert(line.object, object.id);
        }
    }
    let rules = rule::of_connection(tx, connection.key)?;
    Ok(Found {
        open: 0,
        unowned: 0,
        rules: rules.into_iter().map(|one| (one.key, one)).collect(),
        connection: connection.clone(),
        lines,
        ids,
    })
}

fn part(found: &Found, asked: &Asked, limit: usize, space: &Space, clock: &Clock) -> Part {
    let name = &found.connection.name;
    let page_of = |after: Option<&Drift>| {
        let mut parameters = vec![("connection", name.clone())];
        parameters.extend((!asked.state.is_empty()).then(|| ("state", asked.state.clone())));
        parameters
            .extend(after.map(|one| ("after", format!("{}.{}.{}", one.rule, one.object, one.attribute))));
        space.page("/drift".to_owned(), &parameters)
    };
    let next = found.lines.get(limit - 1).filter(|_| found.lines.len() > limit);
    Part {
        address: space.connection(name),
        decide: space.to(&["connections", name, "drift"]),
        open: found.open,
        unowned: found.unowned,
        compared: clock.moment_if(found.connection.reconciled),
        lines: found
            .lines
            .iter()
            .take(limit)
            .map(|one| line(found, one, space, clock))
            .collect(),
        is_later: asked.after.is_some(),
        first: page_of(None),
        next: next.map(|one| page_of(Some(one))),
        name: name.clone(),
    }
}

fn line(found: &Found, one: &Drift, space: &Space, clock: &Clock) -> Line {
    let rule = found.rules.get(&one.rule);
    let is_group = rule.is_some_and(|rule| rule.kind == Kind::Group);
    let id = found.ids.get(&one.object);
    let (word, class) = match one.state {
        Standing::Open => (text("open"), "partial"),
        Standing::Repaired => (text("repaired"), "success"),
        Standing::Accepted => (text("accepted"), "unsynced"),
    };
    Line {
        rule: one.rule,
        object: one.object,
        label: one.label.clone(),
        address: id.map(|id| {
            if is_group {
                space.group(*id)
            } else {
                space.person(*id)
            }
        }),
        rule_name: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
        attribute: one.attribute.clone(),
        expected: value::shown(&one.expected),
        found: value::shown(&one.found),
        word,
        class,
        is_open: one.state == Standing::Open,
        can_repair: one.state != Standing::Repaired,
        seen: clock.moment(one.last_seen),
    }
}

fn states(asked: &Asked, space: &Space) -> Vec<Choice> {
    let choices = [
        ("", text("open")),
        ("accepted", text("accepted")),
        ("repaired", text("repaired")),
        ("all", text("all")),
    ];
    choices
        .into_iter()
        .map(|(state, word)| {
            let mut parameters = Vec::new();
            parameters
                .extend((!asked.connection.is_empty()).then(|| ("connection", asked.connection.clone())));
            parameters.extend((!state.is_empty()).then(|| ("state", state.to_owned())));
            Choice {
                word,
                address: space.page("/drift".to_owned(), &parameters),
                is_here: asked.state == state,
            }
        })
        .collect()
}
