//! `GET /staged`: the steps that wait until a person decides, each with the reason and the plan it is bound to.

use super::super::page::{self, Frame};
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::chosen::{self, Chosen};
use super::found::dead_for;
use super::{action, plans};
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
use provost_engine::rule::Approval;
use provost_store::connection::Connection;
use provost_store::rule::Stored;
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{
    Error as Store, Tx, connection, directory, product, protection, recycle, rule, sync_status,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Steps of one page, for each connection.
const PAGE: usize = 50;
/// What stands about an account that is an administrator's of the target.
const PRIVILEGED: &str = "PRV-TARGET-PRIVILEGED";

#[derive(Template)]
#[template(path = "runs/staged.html")]
struct Page {
    frame: Frame,
    chosen: Chosen,
    dead: String,
    parts: Vec<Part>,
}

/// The held steps of a connection.
struct Part {
    name: String,
    address: String,
    /// Where its decisions go.
    decide: String,
    pending: i64,
    pending_text: String,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A held step.
struct Line {
    key: i64,
    label: String,
    address: Option<String>,
    word: &'static str,
    /// The member, or the product of a licence.
    member: String,
    rule: String,
    why: &'static str,
    about: &'static str,
    digest: String,
    decision: &'static str,
    class: &'static str,
    since: Moment,
}

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    connection: String,
    after: Option<i64>,
}

/// What the store has of a connection.
struct Held {
    connection: Connection,
    pending: i64,
    steps: Vec<StagedStep>,
    rules: BTreeMap<i64, Stored>,
    protected: HashSet<i64>,
    /// Whose account has an administrative role in the target.
    privileged: HashSet<i64>,
    /// Public id and label of objects and members.
    known: BTreeMap<i64, (Uuid, String)>,
    products: BTreeMap<i64, String>,
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
    let (name, after) = (asked.connection.clone(), asked.after);
    let read = move |tx: &mut Tx| {
        let connections = connection::all(tx, workspace)?;
        let mut found = Vec::new();
        for one in connections
            .iter()
            .filter(|one| name.is_empty() || one.name == name)
        {
            found.push(read(tx, one, after.filter(|_| !name.is_empty()))?);
        }
        Ok::<_, Store>((connections, found))
    };
    let (connections, mut found) = state.db().read(read).await?;
    for held in &mut found {
        held.pending = counted::staged(state.db(), held.connection.key).await?;
    }
    let is_one = !asked.connection.is_empty();
    let page = Page {
        chosen: chosen::of(&space, "/staged", &connections, &asked.connection),
        dead: dead_for(&visitor),
        parts: found
            .iter()
            .filter(|held| is_one || !held.steps.is_empty())
            .map(|held| part(held, &space, asked.after, &clock))
            .collect(),
        frame: Frame::new(&visitor, text("Staged steps")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn read(tx: &mut Tx, connection: &Connection, after: Option<i64>) -> std::result::Result<Held, Store> {
    let steps = staged::page(tx, connection.key, after.unwrap_or(0), PAGE as i64 + 1)?;
    let mut held = Held {
        connection: connection.clone(),
        pending: 0,
        rules: BTreeMap::new(),
        protected: HashSet::new(),
        privileged: HashSet::new(),
        known: BTreeMap::new(),
        products: BTreeMap::new(),
        steps,
    };
    if held.steps.is_empty() {
        return Ok(held);
    }
    held.rules.extend(
        rule::of_connection(tx, connection.key)?
            .into_iter()
            .map(|one| (one.key, one)),
    );
    for step in &held.steps {
        let stands = sync_status::get(tx, step.rule, step.object)?;
        if stands.is_some_and(|one| one.code == PRIVILEGED) {
            held.privileged.insert(step.object);
        }
    }
    held.protected = protection::set(tx, connection.workspace, connection.key)?;
    let keys: Vec<i64> = held
        .steps
        .iter()
        .flat_map(|step| [step.object, step.member])
        .collect();
    for key in keys {
        if key == 0 || held.known.contains_key(&key) {
            continue;
        }
        if let Some(object) = directory::by_key(tx, key)? {
            held.known.insert(key, (object.id, object.label));
        } else if let Some(one) = recycle::get(tx, key)? {
            held.known.insert(key, (one.id, one.label));
        }
    }
    let members: Vec<i64> = held.steps.iter().map(|step| step.member).collect();
    held.products = product::names(tx, &members)?;
    Ok(held)
}

fn part(held: &Held, space: &Space, after: Option<i64>, clock: &Clock) -> Part {
    let name = &held.connection.name;
    let page_of = |after: Option<i64>| {
        let mut parameters = vec![("connection", name.clone())];
        parameters.extend(after.map(|key| ("after", key.to_string())));
        space.page("/staged".to_owned(), &parameters)
    };
    let next = held.steps.get(PAGE - 1).filter(|_| held.steps.len() > PAGE);
    Part {
        address: space.connection(name),
        decide: space.to(&["connections", name, "staged"]),
        pending: held.pending,
        pending_text: plans::steps(clock.language, held.pending),
        lines: held
            .steps
            .iter()
            .take(PAGE)
            .map(|step| line(held, step, space, clock))
            .collect(),
        is_later: after.is_some(),
        first: page_of(None),
        next: next.map(|step| page_of(Some(step.key))),
        name: name.clone(),
    }
}

fn line(held: &Held, step: &StagedStep, space: &Space, clock: &Clock) -> Line {
    let rule = held.rules.get(&step.rule);
    let (why, about) = why(step, held, rule);
    let is_group = rule.is_some_and(|one| one.kind == Kind::Group);
    let member = match step.action.as_str() {
        "add licence" | "remove licence" => held.products.get(&step.member).cloned(),
        _ => held.known.get(&step.member).map(|(_, label)| label.clone()),
    };
    let known = held.known.get(&step.object);
    Line {
        key: step.key,
        label: step.label.clone(),
        address: known.map(|(id, _)| {
            if is_group {
                space.group(*id)
            } else {
                space.person(*id)
            }
        }),
        word: action::word(&step.action),
        member: member.unwrap_or_default(),
        rule: rule.map(|one| one.name.clone()).unwrap_or_default(),
        why,
        about,
        digest: step.digest.clone(),
        decision: decision(step.decision),
        class: match step.decision {
            Decision::Pending => "partial",
            Decision::Approved => "granted",
            Decision::Rejected => "unsynced",
        },
        since: clock.moment(step.created),
    }
}

fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Pending => text("waits"),
        Decision::Approved => text("approved"),
        Decision::Rejected => text("rejected"),
    }
}

/// Why a step is held: the strongest reason first.
fn why(step: &StagedStep, held: &Held, rule: Option<&Stored>) -> (&'static str, &'static str) {
    let protected = &held.protected;
    // Of a licence the member is a product, which is nobody.
    let is_membership = step.action.ends_with("member");
    if protected.contains(&step.object) || (is_membership && protected.contains(&step.member)) {
        return (
            text("protected"),
            text("Somebody protected them: their removal always waits for a person."),
        );
    }
    if held.privileged.contains(&step.object) {
        return (
            text("administrator"),
            text(
                "The account holds an administrative role in the target: closing it always waits for a person.",
            ),
        );
    }
    match rule.map_or(Approval::Never, |one| one.rule.approval) {
        Approval::Never => (
            text("guard"),
            text("The deletion guard: more would be taken away at once, or within a day, than it lets pass."),
        ),
        Approval::Removals | Approval::Always => {
            (text("approval"), text("The rule asks for a second person."))
        }
    }
}
