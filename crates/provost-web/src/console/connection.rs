//! `GET /connections/{name}`: the one state of a connection with what to do about it, what its last test found, and
//! how far each rule's people and groups are synchronised.

use super::access::Visitor;
use super::bar::{self, Part};
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::status;
use super::tested::{self, Tested};
use super::time::{Moment, grouped};
use super::view::connector;
use crate::state::{State, now};
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::connection;
use provost_store::sync_status::{Asked as Number, Counts};
use provost_sync::status::RuleStatus;

#[derive(Template)]
#[template(path = "connection.html")]
struct Page {
    frame: Frame,
    name: String,
    connector: String,
    description: String,
    state: &'static str,
    code: String,
    reason: String,
    since: Option<Moment>,
    next: &'static str,
    command: Option<String>,
    rules: Vec<RuleView>,
    add_rule: String,
    doubts: Option<Numbered>,
    doubts_address: String,
    licences: Option<String>,
    tested: Tested,
    test: String,
}

/// A number that leads to its list.
pub(super) struct Numbered {
    pub word: &'static str,
    pub class: &'static str,
    pub number: String,
    pub address: String,
}

/// A rule with its numbers.
struct RuleView {
    name: String,
    /// What its name does not say: whom it is for, and whether it is switched off.
    about: String,
    numbers: Vec<Numbered>,
    parts: Vec<Part>,
}

/// The page of a connection.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    _visitor: Visitor,
    name: std::result::Result<Path<String>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path(name), Query(asked)) = (name.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &name, &asked).await?;
    let engine = place::engine(&state)?;
    let key = place.connection.key;
    let rules = engine.sync_status(key).await?;
    let doubts = engine.doubt_counts(key).await?.open;
    Ok(page::html(StatusCode::OK, &page(&place, &rules, doubts, now())))
}

fn page(place: &Place, rules: &[RuleStatus], doubts: i64, now: i64) -> Page {
    let connection = &place.connection;
    let (next, command) = next_step(place);
    let address = place.space.doubts(&connection.name, false, None);
    Page {
        frame: Frame::new(connection.name.clone()).below("/".to_owned(), "Overview"),
        name: connection.name.clone(),
        connector: connector(&connection.connector).to_owned(),
        description: connection.preferences.description.clone(),
        state: connection.state.name(),
        code: connection.code.clone(),
        reason: connection.reason.clone(),
        since: (connection.since > 0).then(|| Moment::new(connection.since, now)),
        next,
        command,
        rules: rules.iter().map(|rule| rule_view(place, rule)).collect(),
        add_rule: place.command("rule set", "rules.json"),
        doubts: (doubts > 0).then(|| Numbered {
            word: if doubts == 1 {
                "waits for a decision"
            } else {
                "wait for a decision"
            },
            class: "partial",
            number: grouped(doubts),
            address: address.clone(),
        }),
        doubts_address: address,
        licences: (connection.connector == "graph").then(|| place.space.licences(&connection.name, None)),
        tested: tested::read(connection, now),
        test: place.command("connection test", ""),
    }
}

/// What follows from the state: a sentence, and what to type.
fn next_step(place: &Place) -> (&'static str, Option<String>) {
    let type_in = |words| Some(place.command(words, ""));
    match place.connection.state {
        connection::State::Active if place.connection.watermark < 0 => (
            "The first cycle looks at everybody; the numbers below grow with it.",
            type_in("cycle list"),
        ),
        connection::State::Active => ("Nothing to do: changes find their way by themselves.", None),
        connection::State::Paused => (
            "Nothing is written until somebody switches it on again.",
            type_in("connection on"),
        ),
        connection::State::Held => (
            "Creates and updates go on. Look at the removals, then approve or reject them.",
            type_in("staged list"),
        ),
        connection::State::Quarantine => (
            "It is tried again by itself, later and later. A test says at which step it fails.",
            type_in("connection test"),
        ),
        connection::State::Invalid => (
            "No cycle runs, and nothing is removed. Correct what the test names; a test that succeeds makes it active.",
            type_in("connection test"),
        ),
    }
}

fn rule_view(place: &Place, rule: &RuleStatus) -> RuleView {
    let kind = match rule.kind {
        Kind::Person => "people",
        Kind::Group => "groups",
    };
    let mut about: Vec<&str> = Vec::new();
    about.extend((!rule.rule.eq_ignore_ascii_case(kind)).then_some(kind));
    about.extend((!rule.enabled).then_some("switched off"));
    RuleView {
        name: rule.rule.clone(),
        about: about.join(", "),
        numbers: Number::ALL
            .iter()
            .map(|asked| Numbered {
                word: status::word(*asked),
                class: status::class(*asked),
                number: grouped(status::number(&rule.counts, *asked)),
                address: place
                    .space
                    .status(&place.connection.name, &rule.rule, *asked, None),
            })
            .collect(),
        parts: parts(&rule.counts),
    }
}

/// The numbers side by side; those that add up to everybody.
fn parts(counts: &Counts) -> Vec<Part> {
    let numbers: Vec<(&'static str, u64)> = Number::ALL
        .iter()
        .filter(|asked| **asked != Number::Impacted)
        .map(|asked| {
            let number = status::number(counts, *asked);
            (status::class(*asked), u64::try_from(number).unwrap_or(0))
        })
        .collect();
    bar::parts(&numbers)
}
