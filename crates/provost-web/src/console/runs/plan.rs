//! `GET /plans/{id}`: what a plan would do, in numbers that lead to its steps, and each person and group before and
//! after.

use super::super::page::{self, Frame};
use super::super::place::Place;
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::found::{Address, Identified, dead_for, plan as find};
use super::plan_counts::{Numbers, Seats};
use super::plan_steps::{self, ObjectView, Wanted};
use super::{action, plans};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::plan::{self, Plan};
use provost_store::{Error as Store, Tx};

#[derive(Template)]
#[template(path = "runs/plan.html")]
struct Page {
    frame: Frame,
    head: Head,
    numbers: Vec<Number>,
    all: Number,
    held: Vec<(String, String)>,
    seats: Vec<SeatsView>,
    warnings: Vec<String>,
    failed: i64,
    failures: Vec<String>,
    /// What it changes in the configuration once it is applied.
    proposed: Vec<&'static str>,
    decide: Decide,
    wanted: Wanted,
    actions: Vec<(String, &'static str)>,
    here: String,
    objects: Vec<ObjectView>,
    is_narrowed: bool,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// What a plan is, on each of its pages.
pub(super) struct Head {
    pub connection: String,
    pub connection_address: String,
    pub mode: &'static str,
    pub word: &'static str,
    pub class: &'static str,
    pub about: &'static str,
    /// Why it was rejected, or what has moved.
    pub reason: String,
    pub made: Moment,
    pub by: String,
    pub decided: Option<(Moment, String)>,
    pub applied: Option<Moment>,
    /// The cycle that applied it.
    pub cycle: Option<String>,
    /// The plan that waits in its place.
    pub newer: Option<String>,
    pub digest: String,
}

/// A number that leads to its steps.
struct Number {
    word: String,
    number: String,
    address: String,
    is_here: bool,
}

struct SeatsView {
    name: String,
    free: i64,
    needed: i64,
    after: i64,
    short: i64,
}

/// What can be done with it, each with the sentence that keeps it from being done.
struct Decide {
    /// Whether anything can be.
    is_waiting: bool,
    /// Whether a second person is asked for.
    approval: bool,
    approve: String,
    reject: String,
    apply: String,
    steps: String,
    digest: String,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    id: Address<Identified>,
    asked: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Response> {
    let (id, Query(wanted)) = (id.map_err(Refusal::address)?.id, asked.map_err(Refusal::address)?);
    let (plan, place) = find(&state, &visitor, id).await?;
    let (key, connection, search) = (plan.key, plan.connection, wanted.clone());
    let read = move |tx: &mut Tx| {
        let waiting = plan::waiting(tx, connection)?.filter(|one| one.key != key);
        Ok::<_, Store>((plan_steps::read(tx, key, &search)?, waiting))
    };
    let (steps, newer) = state.db().read(read).await?;
    let clock = Clock::of(&visitor, now());
    let numbers = Numbers::of(&plan);
    let here = plans::address(&place.space, &plan);
    let path = format!("/plans/{}", plan.id);
    let page_of = |after| place.space.page(path.clone(), &wanted.parameters(after));
    let (is_later, next) = (
        wanted.after.is_some(),
        steps.next.map(|position| page_of(Some(position))),
    );
    let page = Page {
        head: head(&plan, &place, newer.as_ref(), &clock),
        numbers: by_action(&place, &plan, &numbers, &wanted, &clock),
        all: Number {
            word: clock.language.t("all").to_owned(),
            number: clock.language.number(numbers.steps),
            address: here.clone(),
            is_here: !wanted.is_narrowed(),
        },
        held: held(&numbers, &clock),
        seats: numbers.seats.iter().map(seats).collect(),
        warnings: numbers.warnings.clone(),
        failed: numbers.failed(),
        failures: numbers.failures(),
        proposed: proposed(&plan),
        decide: decide(&visitor, &plan, &numbers),
        objects: steps.by_object(&place.space, |object| format!("{here}/objects/{object}")),
        is_narrowed: wanted.is_narrowed(),
        actions: action::choices(),
        is_later,
        first: page_of(None),
        next,
        here,
        wanted,
        frame: frame(&visitor, &place),
    };
    Ok(page::html(StatusCode::OK, &page))
}

pub(super) fn frame(visitor: &Visitor, place: &Place) -> Frame {
    let (language, name) = (visitor.language, &place.connection.name);
    let parameters = [("connection", name.clone())];
    Frame::new(visitor, language.f("Plan of {}", &[name])).below(
        place.space.page("/plans".to_owned(), &parameters),
        language.t("Plans"),
    )
}

/// What stands on top of the pages of a plan.
pub(super) fn head(plan: &Plan, place: &Place, newer: Option<&Plan>, clock: &Clock) -> Head {
    let decided = plan.decided.zip(plan.decided_by.clone());
    Head {
        connection: place.connection.name.clone(),
        connection_address: place.space.connection(&place.connection.name),
        mode: plans::mode(&plan.mode),
        word: action::plan_word(plan.state),
        class: action::plan_class(plan.state),
        about: action::plan_about(plan.state, plan.approval),
        reason: plan.reason.clone(),
        made: clock.moment(plan.created),
        by: plan.created_by.clone(),
        decided: decided.map(|(at, who)| (clock.moment(at), who)),
        applied: plan.applied.map(|at| clock.moment(at)),
        cycle: plan
            .cycle
            .filter(|key| *key > 0)
            .map(|key| place.space.to(&["cycles", &key.to_string()])),
        newer: newer
            .filter(|one| !plan.is_waiting() && one.key > plan.key)
            .map(|one| plans::address(&place.space, one)),
        digest: plan.digest.clone(),
    }
}

fn by_action(place: &Place, plan: &Plan, numbers: &Numbers, wanted: &Wanted, clock: &Clock) -> Vec<Number> {
    let narrowed = |wanted: &Wanted| {
        place
            .space
            .page(format!("/plans/{}", plan.id), &wanted.parameters(None))
    };
    let mut all: Vec<Number> = numbers
        .by_action()
        .into_iter()
        .map(|(one, count)| {
            let only = Wanted {
                action: one.clone(),
                ..Wanted::default()
            };
            Number {
                word: clock.language.t(action::word(&one)).to_owned(),
                number: clock.language.number(count),
                address: narrowed(&only),
                is_here: wanted.action == one && !wanted.held,
            }
        })
        .collect();
    if numbers.held > 0 {
        let only = Wanted {
            held: true,
            ..Wanted::default()
        };
        all.push(Number {
            word: clock.language.t("held").to_owned(),
            number: clock.language.number(numbers.held),
            address: narrowed(&only),
            is_here: wanted.held,
        });
    }
    all
}

/// Why steps are held: how many, and the sentence.
fn held(numbers: &Numbers, clock: &Clock) -> Vec<(String, String)> {
    let all = numbers
        .rules
        .iter()
        .flat_map(|rule| rule.held.iter().map(move |held| (rule, held)));
    all.map(|(rule, held)| {
        let count = plans::steps(clock.language, held.steps);
        (format!("{count} ({})", rule.rule), held.sentence.clone())
    })
    .collect()
}

fn seats(one: &Seats) -> SeatsView {
    SeatsView {
        name: one.name.clone(),
        free: one.free,
        needed: one.needed,
        after: one.free.saturating_sub(one.needed).max(0),
        short: one.short,
    }
}

/// The parts of the configuration that are saved when the plan is applied.
fn proposed(plan: &Plan) -> Vec<&'static str> {
    let parts = [
        ("rules", text("the rules")),
        ("preferences", text("the preferences")),
        ("guard", text("the deletion guard")),
        ("assign", text("who is assigned")),
        ("unassign", text("who is not assigned any more")),
    ];
    let has = |name: &str| {
        let part = plan.scope.get("proposal").and_then(|proposal| proposal.get(name));
        part.is_some_and(|part| !part.is_null() && part.as_array().is_none_or(|list| !list.is_empty()))
    };
    parts
        .into_iter()
        .filter(|(name, _)| has(name))
        .map(|(_, part)| part)
        .collect()
}

fn decide(visitor: &Visitor, plan: &Plan, numbers: &Numbers) -> Decide {
    let (language, role) = (visitor.language, dead_for(visitor));
    let dead = |sentence: &str| {
        if role.is_empty() {
            language.t(sentence).to_owned()
        } else {
            role.clone()
        }
    };
    let is_own = plan.created_by == visitor.actor();
    let unfinished = plan.digest.is_empty();
    let approve = if unfinished {
        dead(text("The plan is still being made."))
    } else if is_own {
        dead(text("You made this plan: a second person has to approve it."))
    } else {
        role.clone()
    };
    let apply = if unfinished {
        dead(text("The plan is still being made."))
    } else if !plan.is_ready() {
        dead(text("A second person has to approve the plan first."))
    } else if numbers.steps == 0 && proposed(plan).is_empty() {
        dead(text("There is nothing to do."))
    } else {
        role.clone()
    };
    Decide {
        is_waiting: plan.is_waiting(),
        approval: plan.approval && plan.state == plan::State::Open,
        approve,
        reject: role,
        apply,
        steps: plans::steps(language, numbers.steps),
        digest: plan.digest.clone(),
    }
}
