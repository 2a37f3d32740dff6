//! `GET /cycles/{key}`: one cycle, what it does by object while it runs, what it did once it has ended.

use super::super::page::{self, Frame};
use super::super::place::Place;
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::cycles::took;
use super::found::{Address, Keyed, connection_by_key, dead_for};
use super::progress::{self, Progress};
use super::report::{self, Report};
use super::{action, plans};
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::cycle::{self, Cycle};

#[derive(Template)]
#[template(path = "runs/cycle.html")]
struct Page {
    frame: Frame,
    name: String,
    mode: &'static str,
    /// What the next page load may change.
    live: Live,
    /// Where the live part is asked for again.
    from: String,
    here: String,
    stop: String,
    /// Stops it and switches the connection off.
    off: String,
    /// Whether somebody has stopped it already.
    is_stopping: bool,
    /// Minutes before the next cycle begins by itself.
    rest: String,
    undo: String,
    dead: String,
    log: String,
    staged: String,
    drift: String,
    retries: String,
    is_running: bool,
    /// Whether what it took away can be given back.
    can_undo: bool,
}

/// The part that moves while a cycle runs.
#[derive(Template)]
#[template(path = "runs/cycle_live.html")]
struct Fragment {
    frame: Frame,
    live: Live,
}

/// A cycle as it stands.
struct Live {
    word: &'static str,
    class: String,
    about: &'static str,
    started: Moment,
    took: String,
    reason: String,
    progress: Option<Progress>,
    /// How many are linked, of how many: of an initial cycle.
    linked: Option<(String, String)>,
    numbers: Vec<Number>,
    held: Vec<(String, String)>,
}

/// A number that leads to its list.
struct Number {
    word: &'static str,
    number: String,
    class: &'static str,
    address: String,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Address<Keyed>,
) -> Result<Response> {
    let (one, place) = find(&state, &visitor, key).await?;
    let clock = Clock::of(&visitor, now());
    let (space, name) = (&place.space, &place.connection.name);
    let here = space.to(&["cycles", &one.key.to_string()]);
    let in_connection = |path: &str| space.page(path.to_owned(), &[("connection", name.clone())]);
    let page = Page {
        live: live(&state, &one, &place, &clock).await?,
        from: format!("{here}/live"),
        stop: format!("{here}/stop"),
        off: format!("{here}/off"),
        is_stopping: one.state == "stopping",
        rest: (provost_sync::REST_AFTER_STOP / 60_000).to_string(),
        undo: format!("{here}/undo"),
        dead: dead_for(&visitor),
        log: space.page("/log".to_owned(), &[("cycle", one.key.to_string())]),
        staged: in_connection("/staged"),
        drift: in_connection("/drift"),
        retries: space.page(
            "/log".to_owned(),
            &[("cycle", one.key.to_string()), ("status", "failure".to_owned())],
        ),
        is_running: is_running(&one),
        can_undo: one.finished.is_some() && Report::of(&one).takes(),
        mode: plans::mode(&one.mode),
        frame: Frame::new(&visitor, visitor.language.f("Cycle of {}", &[name]))
            .below(space.connection(name), name)
            .below(
                space.to(&["connections", name, "cycles"]),
                visitor.language.t("Cycles"),
            ),
        name: name.clone(),
        here,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// The part that moves, alone.
pub(crate) async fn fragment(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Address<Keyed>,
) -> Result<Response> {
    let (one, place) = find(&state, &visitor, key).await?;
    let clock = Clock::of(&visitor, now());
    let page = Fragment {
        live: live(&state, &one, &place, &clock).await?,
        frame: Frame::bare(visitor.language, ""),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// The cycle of an address, with its connection.
pub(super) async fn find(state: &State, visitor: &Visitor, key: Address<Keyed>) -> Result<(Cycle, Place)> {
    let key = key.map_err(Refusal::address)?.key;
    let absent = || {
        let sentence = "There is no such cycle. A connection's page leads to the cycles that are kept.";
        Refusal::Absent(sentence.to_owned())
    };
    let found = state.db().read(move |tx| cycle::get(tx, key)).await?;
    let (one, connection) = found.ok_or_else(absent)?;
    let place = connection_by_key(state, visitor, connection)
        .await?
        .ok_or_else(absent)?;
    Ok((one, place))
}

fn is_running(one: &Cycle) -> bool {
    one.finished.is_none() && matches!(one.state.as_str(), "running" | "stopping")
}

async fn live(state: &State, one: &Cycle, place: &Place, clock: &Clock) -> Result<Live> {
    let (found, progress) = if is_running(one) {
        let (cycle, connection) = (one.clone(), place.connection.clone());
        let read = move |tx: &mut provost_store::Tx| progress::read(tx, &cycle, &connection);
        let progress = state.db().read(read).await?;
        (progress.so_far(), Some(progress))
    } else {
        (Report::of(one), None)
    };
    let held = found.held.iter().map(|held| {
        let count = plans::steps(clock.language, held.steps);
        (format!("{count} ({})", held.rule), held.sentence.clone())
    });
    Ok(Live {
        word: report::word(&one.state),
        class: report::class(&one.state).to_owned(),
        about: report::about(&one.state),
        started: clock.moment(one.started),
        took: took(one, clock),
        reason: found.reason.clone(),
        linked: progress
            .as_ref()
            .and_then(|one| one.linked)
            .map(|(linked, all)| (clock.language.number(linked), clock.language.number(all))),
        progress,
        numbers: numbers(&found, one, place, clock.language),
        held: held.collect(),
    })
}

fn numbers(found: &Report, one: &Cycle, place: &Place, language: Language) -> Vec<Number> {
    let log = |name: &'static str, value: &str| {
        place.space.page(
            "/log".to_owned(),
            &[("cycle", one.key.to_string()), (name, value.to_owned())],
        )
    };
    let in_connection = |path: &str| {
        place
            .space
            .page(path.to_owned(), &[("connection", place.connection.name.clone())])
    };
    let mut all: Vec<Number> = found
        .by_action()
        .iter()
        .map(|(one, count)| Number {
            word: action::word(one),
            number: language.number(*count),
            class: "success",
            address: log("action", one),
        })
        .collect();
    let rest = [
        (found.failed, text("failed"), "failed", log("status", "failure")),
        (
            found.skipped,
            text("left alone"),
            "unsynced",
            log("status", "skipped"),
        ),
        (
            found.held_steps(),
            text("held"),
            "partial",
            in_connection("/staged"),
        ),
        (
            found.drift,
            text("changed in the target"),
            "partial",
            in_connection("/drift"),
        ),
        (
            found.adopted,
            text("found and linked"),
            "success",
            log("action", "create"),
        ),
        (
            found.unresolved,
            text("references that wait"),
            "unsynced",
            in_connection("/log"),
        ),
    ];
    all.extend(
        rest.into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, word, class, address)| Number {
                word,
                number: language.number(count),
                class,
                address,
            }),
    );
    all
}
