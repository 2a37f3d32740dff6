//! `GET /connections/{name}`: the one state of a connection with what to do about it, what its last test found, and
//! how far each rule's people and groups are synchronised.

use super::address::Space;
use super::bar::{self, Part};
use super::connections::{self, OfConnection, Tab};
use super::connector::connector;
use super::microsoft_365::{self, Owner};
use super::page::{self, Frame};
use super::place::{self, Place};
use super::refusal::{Refusal, Result};
use super::status;
use super::tested::{self, Tested};
use super::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::connection::{self, Mode};
use provost_store::sync_status::{Asked as Number, Counts};
use provost_sync::status::RuleStatus;

#[derive(Template)]
#[template(path = "connection.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    /// The provider that the connection belongs to.
    owner: Option<Owner>,
    name: String,
    connector: String,
    description: String,
    state: &'static str,
    code: String,
    reason: String,
    since: Option<Moment>,
    /// When it is tried again by itself, where that is not soon.
    next_try: Option<Moment>,
    next: &'static str,
    /// Where the next step is done: address and text.
    way: Option<(String, &'static str)>,
    acts: Acts,
    rules: Vec<RuleView>,
    new_rule: String,
    doubts: Option<Numbered>,
    tested: Tested,
}

/// What can be done with the connection, each with why it cannot be done now; empty where it can.
struct Acts {
    here: String,
    is_on: bool,
    switch: String,
    run: String,
    resync: String,
    test: String,
    rules: String,
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
    address: String,
    kind: &'static str,
    is_on: bool,
    numbers: Vec<Numbered>,
    parts: Vec<Part>,
}

/// The page of a connection.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<OfConnection>, PathRejection>,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = match place::connection(&state, &visitor, &path.name).await {
        Ok(place) => place,
        // The address that the gallery would have were there no connection of that name.
        Err(Refusal::Absent(_)) if path.name == "new" => {
            let space = Space::of(visitor.workspace()?);
            return Ok(page::elsewhere(&space.at("/new-connection")));
        }
        Err(refusal) => return Err(refusal),
    };
    let engine = place::engine(&state)?;
    let key = place.connection.key;
    let rules = engine.sync_status(key).await?;
    let doubts = engine.doubt_counts(key).await?.open;
    let owner = microsoft_365::of_connection(&state, key, &place.space, visitor.language).await?;
    let page = Page {
        owner,
        ..page(&visitor, &place, &rules, doubts)
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn page(visitor: &Visitor, place: &Place, rules: &[RuleStatus], doubts: i64) -> Page {
    let (connection, language) = (&place.connection, visitor.language);
    let (next, way) = next_step(place);
    let clock = Clock::of(visitor, now());
    Page {
        frame: Frame::new(visitor, connection.name.clone())
            .below(place.space.at("/connections"), language.t("Connections")),
        tabs: connections::tabs(place, ""),
        owner: None,
        name: connection.name.clone(),
        connector: connector(&connection.connector).to_owned(),
        description: connection.preferences.description.clone(),
        state: connection.state.name(),
        code: connection.code.clone(),
        reason: connection.reason.clone(),
        since: clock.moment_if(connection.since),
        next_try: match connection.state {
            connection::State::Quarantine | connection::State::Invalid => {
                clock.moment_if(connection.next_try)
            }
            // It waits because a person stopped its last cycle.
            connection::State::Active | connection::State::Held if connection.next_try > clock.now => {
                clock.moment_if(connection.next_try)
            }
            _ => None,
        },
        next,
        way,
        acts: acts(visitor, place, rules),
        rules: rules
            .iter()
            .map(|rule| rule_view(place, rule, language))
            .collect(),
        new_rule: place.space.to(&["connections", &connection.name, "new-rule"]),
        doubts: (doubts > 0).then(|| Numbered {
            word: if doubts == 1 {
                text("waits for a decision")
            } else {
                text("wait for a decision")
            },
            class: "partial",
            number: language.number(doubts),
            address: place.space.doubts(&connection.name, false, None),
        }),
        tested: tested::read(connection, &place.space, &clock),
    }
}

/// What can be done, and what stands against it.
fn acts(visitor: &Visitor, place: &Place, rules: &[RuleStatus]) -> Acts {
    let language = visitor.language;
    let role = match visitor.may(Act::Operate) {
        true => String::new(),
        false => language.f(
            text("This takes the role {}."),
            &[language.t(Act::Operate.roles())],
        ),
    };
    let or = |sentence: &str| {
        if role.is_empty() {
            language.t(sentence).to_owned()
        } else {
            role.clone()
        }
    };
    let is_on = place.connection.state != connection::State::Paused;
    let resting = match place.connection.state {
        connection::State::Invalid => {
            text("The connection is invalid: correct its settings and test it first.")
        }
        connection::State::Paused => text("The connection is switched off."),
        _ if rules.iter().all(|rule| !rule.enabled) => {
            text("No rule is switched on, so there is nothing to do.")
        }
        _ => "",
    };
    Acts {
        here: place.space.connection(&place.connection.name),
        is_on,
        switch: match place.connection.state {
            connection::State::Invalid => or(text(
                "The connection is invalid: correct its settings and test it first.",
            )),
            _ => role.clone(),
        },
        run: or(resting),
        resync: role.clone(),
        test: role.clone(),
        rules: place.space.to(&["connections", &place.connection.name, "rules"]),
    }
}

/// What follows from the state: a sentence, and where it is done.
fn next_step(place: &Place) -> (&'static str, Option<(String, &'static str)>) {
    let to = |part: &str| place.space.to(&["connections", &place.connection.name, part]);
    match place.connection.state {
        connection::State::Active if place.connection.watermark < 0 => (
            text("The first cycle looks at everybody; the numbers below grow with it."),
            Some((to("cycles"), text("Cycles"))),
        ),
        connection::State::Active if place.connection.preferences.mode == Mode::Manual => {
            (text("Changes wait until somebody runs a cycle."), None)
        }
        connection::State::Active => (text("Nothing to do: changes find their way by themselves."), None),
        connection::State::Paused => (
            text("Nothing is written until somebody switches it on again."),
            None,
        ),
        connection::State::Held => (
            text("Creates and updates go on. Look at the removals, then approve or reject them."),
            Some((place.space.at("/staged"), text("Staged steps"))),
        ),
        connection::State::Quarantine => (
            text(
                "It is tried again by itself after 6, 12 and 24 hours, then once a day, and switched off after 28 days. Nothing is removed meanwhile. A test says at which step it fails.",
            ),
            None,
        ),
        connection::State::Invalid => (
            text(
                "No cycle runs, and nothing is removed. Correct what the test names; a test that succeeds makes it active.",
            ),
            Some((to("settings"), text("Settings"))),
        ),
    }
}

fn rule_view(place: &Place, rule: &RuleStatus, language: Language) -> RuleView {
    RuleView {
        name: rule.rule.clone(),
        address: place
            .space
            .to(&["connections", &place.connection.name, "rules", &rule.rule]),
        kind: match rule.kind {
            Kind::Person => text("people"),
            Kind::Group => text("groups"),
        },
        is_on: rule.enabled,
        numbers: Number::ALL
            .iter()
            .map(|asked| Numbered {
                word: status::word(*asked),
                class: status::class(*asked),
                number: language.number(status::number(&rule.counts, *asked)),
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
