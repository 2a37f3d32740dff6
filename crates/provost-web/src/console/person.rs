//! `GET /people/{id}` and `GET /groups/{id}`: how somebody stands in every connection and rule, and what was done.

use super::access::Visitor;
use super::advice::{self, Next};
use super::history::{self, LogLine};
use super::licences::shown_product;
use super::page::{self, Frame};
use super::place::{self, Asked, Place, Somebody, Standing};
use super::refusal::{Refusal, Result};
use super::status::{class, shown, without_code, word};
use super::time::Moment;
use crate::state::{State, now};
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection};
use provost_store::{Error as Store, Tx, doubt, link_licence, product, rule};
use provost_sync::status::ObjectStatus;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    frame: Frame,
    label: String,
    id: Uuid,
    kind: &'static str,
    state: &'static str,
    since: Option<Moment>,
    explain: String,
    rules: Vec<RuleLine>,
    log: Vec<LogLine>,
    is_later: bool,
    newest: String,
    older: Option<String>,
}

/// How somebody stands under one rule.
struct RuleLine {
    connection: String,
    connection_address: String,
    rule: String,
    word: &'static str,
    class: &'static str,
    code: String,
    reason: String,
    since: Option<Moment>,
    next: Option<Next>,
    target_id: String,
    licences: String,
    /// Where a person has to decide.
    doubts: Option<String>,
    /// The newest line of the log about it, where the page shows one.
    log: Option<i64>,
}

/// The page of a person.
pub(crate) async fn person(
    state: extract::State<State>,
    visitor: Visitor,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    show(state, visitor, id, asked, Kind::Person).await
}

/// The page of a group.
pub(crate) async fn group(
    state: extract::State<State>,
    visitor: Visitor,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    show(state, visitor, id, asked, Kind::Group).await
}

async fn show(
    extract::State(state): extract::State<State>,
    _visitor: Visitor,
    id: std::result::Result<Path<Uuid>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
    kind: Kind,
) -> Result<Response> {
    let (Path(id), Query(asked)) = (id.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let who = place::somebody(&state, id, &asked).await?;
    let address = match who.kind {
        Kind::Person => who.space.person(id),
        Kind::Group => who.space.group(id),
    };
    if who.kind != kind {
        return Ok(elsewhere(&address));
    }
    let engine = place::engine(&state)?;
    let statuses = engine.sync_status_of(who.workspace, who.key).await?;
    let (workspace, key, now) = (who.workspace, who.key, now());
    let around = state.db().read(move |tx| around(tx, workspace, key)).await?;
    let history = history::read(&state, &who, &around.connections, asked.before, now).await?;
    let rules = statuses
        .iter()
        .filter_map(|one| rule_line(&who, &around, one, &history.lines, now))
        .collect();
    let (state, since) = standing(&who, now);
    let page = Page {
        frame: Frame::new(shown(&who.label).to_owned()).below("/".to_owned(), "Overview"),
        label: shown(&who.label).to_owned(),
        id,
        kind: match who.kind {
            Kind::Person => "person",
            Kind::Group => "group",
        },
        state,
        since,
        explain: who.space.plain_command("explain", &id.to_string()),
        rules,
        is_later: asked.before.is_some(),
        older: history
            .next
            .map(|key| super::address::Space::older(&address, key)),
        newest: address,
        log: history.lines,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Leads to the page of the right kind.
fn elsewhere(address: &str) -> Response {
    let mut response = page::plain(StatusCode::SEE_OTHER);
    if let Ok(location) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn standing(who: &Somebody, now: i64) -> (&'static str, Option<Moment>) {
    match who.standing {
        Standing::Active => ("active", None),
        Standing::Inactive => ("inactive", None),
        Standing::Blocked(since) => ("blocked", Some(Moment::new(since, now))),
        Standing::Deleted(since) => ("deleted", Some(Moment::new(since, now))),
        Standing::Gone => ("gone", None),
    }
}

/// What is known of somebody beside the statuses.
struct Around {
    connections: Vec<Connection>,
    /// Products from Provost, by connection and rule.
    licences: BTreeMap<(i64, String), Vec<String>>,
    /// Connections and rules in which a person has to decide.
    doubts: Vec<(i64, String)>,
}

fn around(tx: &mut Tx, workspace: i64, object: i64) -> std::result::Result<Around, Store> {
    let doubts = doubt::of_object(tx, object)?;
    let mut around = Around {
        connections: connection::all(tx, workspace)?,
        licences: BTreeMap::new(),
        doubts: Vec::new(),
    };
    for connection in &around.connections {
        for stored in rule::of_connection(tx, connection.key)? {
            let place = (connection.key, stored.name);
            let given = link_licence::of(tx, stored.key, object)?;
            for one in given {
                let Some(row) = product::get(tx, one.product)? else {
                    continue;
                };
                let name = shown_product(&row.product.name, &row.product.sku).to_owned();
                around.licences.entry(place.clone()).or_default().push(name);
            }
            if doubts
                .iter()
                .any(|one| one.rule == stored.key && one.decision.is_none())
            {
                around.doubts.push(place);
            }
        }
    }
    Ok(around)
}

fn rule_line(
    who: &Somebody,
    around: &Around,
    one: &ObjectStatus,
    log: &[LogLine],
    now: i64,
) -> Option<RuleLine> {
    let connection = around
        .connections
        .iter()
        .find(|each| each.name == one.connection)?;
    let key = (connection.key, one.rule.clone());
    let licences = around.licences.get(&key).map(|names| names.join(", "));
    let is_open = around.doubts.contains(&key);
    let place = Place {
        connection: connection.clone(),
        space: who.space.clone(),
    };
    Some(RuleLine {
        connection_address: who.space.connection(&one.connection),
        connection: one.connection.clone(),
        rule: one.rule.clone(),
        word: word(one.status),
        class: class(one.status),
        reason: without_code(&one.code, &one.reason).to_owned(),
        since: (one.since > 0).then(|| Moment::new(one.since, now)),
        next: advice::next(&place, &one.code),
        code: one.code.clone(),
        target_id: one.target_id.clone(),
        licences: licences.unwrap_or_default(),
        doubts: is_open.then(|| who.space.doubts(&one.connection, false, None)),
        log: log
            .iter()
            .find(|line| line.connection == one.connection)
            .map(|line| line.key),
    })
}
