//! What the overview shows, read in one snapshot and put into words.

use super::problem::{self, Line};
use crate::console::address::Space;
use crate::console::chart::{Chart, Days};
use crate::console::connector::connector;
use crate::console::time::{Clock, Moment};
use crate::counted::{self, Linked};
use crate::error::Result;
use crate::texts::text;
use crate::visitor::Inside;
use provost_engine::object::Kind;
use provost_store::connection::{Connection, State};
use provost_store::connection_day::{self, Figures};
use provost_store::problems::{self, Asked};
use provost_store::{Db, Tx, change_log, connection, cycle, directory, provider, token};
use std::collections::BTreeMap;

/// Days of a chart.
const DAYS: i64 = 30;
/// Problems that the overview names.
const PROBLEMS: usize = 5;

/// A workspace as the overview shows it.
pub(super) struct Summary {
    pub people: String,
    pub groups: String,
    pub providers: Vec<Sender>,
    pub connections: Vec<Target>,
    pub problems: Vec<Line>,
    /// Whether there are more problems than these.
    pub has_more: bool,
}

/// An inbound provider.
pub(super) struct Sender {
    pub name: String,
    pub address: String,
    pub tokens: i64,
    pub last_used: Option<Moment>,
}

/// A connection.
pub(super) struct Target {
    pub name: String,
    pub address: String,
    pub connector: String,
    /// The state's word, also the name of its colour.
    pub state: &'static str,
    /// The same word for people.
    pub state_word: &'static str,
    /// How it is doing, in the reader's language.
    pub sentence: String,
    /// Why it is in its state; empty where that needs no reason.
    pub reason: String,
    pub people: String,
    pub groups: String,
    pub staged: String,
    pub waiting: String,
    pub charts: Vec<Chart>,
}

/// What a connection has linked, and how many steps wait in it.
type Numbers = BTreeMap<i64, (Linked, i64)>;

/// The numbers of the workspace's connections, by their keys.
pub(super) async fn numbers(db: &Db, workspace: i64) -> Result<Numbers> {
    let mut numbers = Numbers::new();
    for one in db.read(move |tx| connection::all(tx, workspace)).await? {
        let linked = counted::linked(db, one.key).await?;
        numbers.insert(one.key, (linked, counted::staged(db, one.key).await?));
    }
    Ok(numbers)
}

/// Everything the overview shows.
pub(super) fn read(tx: &mut Tx, inside: &Inside, clock: &Clock, numbers: &Numbers) -> Result<Summary> {
    let space = Space::of(inside);
    let asked = Asked {
        workspace: inside.key,
        now: clock.now,
        ..Asked::default()
    };
    let found = problems::list(tx, &asked, PROBLEMS)?;
    let mut connections = Vec::new();
    for (index, one) in connection::all(tx, inside.key)?.into_iter().enumerate() {
        let known = numbers.get(&one.key).copied().unwrap_or_default();
        connections.push(target(tx, one, known, &space, clock, index)?);
    }
    let number = |count| clock.language.number(count);
    Ok(Summary {
        people: number(directory::count(tx, inside.key, Kind::Person)?),
        groups: number(directory::count(tx, inside.key, Kind::Group)?),
        providers: senders(tx, inside.key, &space, clock)?,
        connections,
        has_more: found.next.is_some(),
        problems: found
            .problems
            .into_iter()
            .map(|one| problem::line(&space, clock, one))
            .collect(),
    })
}

fn senders(tx: &mut Tx, workspace: i64, space: &Space, clock: &Clock) -> Result<Vec<Sender>> {
    let mut senders = Vec::new();
    for each in provider::all(tx, workspace)? {
        let tokens = token::of_provider(tx, each.key)?;
        let live = tokens
            .iter()
            .filter(|one| one.revoked.is_none() && one.expires.is_none_or(|at| at > clock.now));
        let (count, last) = live.fold((0, None), |(count, last), one| {
            (count + 1, last.max(one.last_used))
        });
        senders.push(Sender {
            address: space.to(&["providers", &each.name]),
            name: each.name,
            tokens: count,
            last_used: last.map(|at| clock.moment(at)),
        });
    }
    Ok(senders)
}

fn target(
    tx: &mut Tx,
    one: Connection,
    (linked, waiting): (Linked, i64),
    space: &Space,
    clock: &Clock,
    index: usize,
) -> Result<Target> {
    let number = |count| clock.language.number(count);
    Ok(Target {
        sentence: sentence(tx, &one, waiting, clock)?,
        reason: reason(&one, clock),
        people: number(linked.people),
        groups: number(linked.groups),
        staged: number(waiting),
        charts: charts(tx, &one, clock, index)?,
        waiting: space.page("/problems".to_owned(), &[("connection", one.name.clone())]),
        state: one.state.name(),
        state_word: state_word(one.state),
        address: space.connection(&one.name),
        connector: connector(&one.connector).to_owned(),
        name: one.name,
    })
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Active => text("active"),
        State::Quarantine => text("quarantine"),
        State::Held => text("held"),
        State::Paused => text("paused"),
        State::Invalid => text("invalid"),
    }
}

/// How a connection is doing: what waits for a person, how far it is behind the directory, and when it ran last.
fn sentence(tx: &mut Tx, one: &Connection, waiting: i64, clock: &Clock) -> Result<String> {
    let language = clock.language;
    if one.watermark < 0 {
        return Ok(language.t("The initial cycle has not finished.").to_owned());
    }
    let lag = match change_log::waiting_since(tx, one.workspace, one.watermark)? {
        None if waiting > 0 => language.n(
            waiting,
            "1 step waits for a decision; all else agrees with the directory.",
            "{} steps wait for a decision; all else agrees with the directory.",
        ),
        None => language.t("It agrees with the directory.").to_owned(),
        Some(at) => {
            let behind = clock.span(clock.now.saturating_sub(at).max(0));
            language.f("It is {} behind the directory.", &[&behind])
        }
    };
    let last = cycle::latest(tx, one.key, 1)?.into_iter().next();
    let Some(last) = last else {
        return Ok(lag);
    };
    let ran = match last.finished {
        Some(at) => language.f("The last cycle ended {}.", &[&clock.moment(at).ago]),
        None => language.f(
            "A cycle began {} and is running.",
            &[&clock.moment(last.started).ago],
        ),
    };
    Ok(format!("{lag} {ran}"))
}

/// Why the connection is in its state, and what comes next.
fn reason(one: &Connection, clock: &Clock) -> String {
    match one.state {
        State::Quarantine => {
            let next = Clock::bare(clock.now).moment(one.next_try).ago;
            format!("{} The next try is {next}.", one.reason)
        }
        State::Active | State::Paused | State::Held | State::Invalid => one.reason.clone(),
    }
}

/// What was written and what failed, day by day.
fn charts(tx: &mut Tx, one: &Connection, clock: &Clock, index: usize) -> Result<Vec<Chart>> {
    let last = connection_day::day_of(clock.now);
    let first = last + 1 - DAYS;
    let mut days = vec![Figures::default(); usize::try_from(DAYS).unwrap_or_default()];
    for (day, figures) in connection_day::since(tx, one.key, first)? {
        let place = usize::try_from(day - first).ok().and_then(|at| days.get_mut(at));
        if let Some(place) = place {
            *place = figures;
        }
    }
    Ok(vec![
        written(&days, last, clock, index),
        failed(&days, last, clock, index),
    ])
}

fn written(days: &[Figures], last: i64, clock: &Clock, index: usize) -> Chart {
    let language = clock.language;
    let sum = |of: fn(&Figures) -> i64| language.number(days.iter().map(of).sum());
    let (written, removed) = (sum(|day| day.written), sum(|day| day.removed));
    let words = |numbers: &[i64]| {
        let mut numbers = numbers.iter().map(|number| language.number(*number));
        let mut next = || numbers.next().unwrap_or_default();
        language.f("{} written, {} taken away", &[&next(), &next()])
    };
    let drawn = Days {
        id: &format!("written-{index}"),
        title: language.t("Changes in 30 days").to_owned(),
        told: language.f("{} written, {} taken away", &[&written, &removed]),
        classes: &["given", "removed"],
        last,
        days: days.iter().map(|day| vec![day.written, day.removed]).collect(),
        words: &words,
    };
    drawn.draw(clock)
}

fn failed(days: &[Figures], last: i64, clock: &Clock, index: usize) -> Chart {
    let language = clock.language;
    let words = |numbers: &[i64]| {
        let count = numbers.first().copied().unwrap_or_default();
        language.f("{} failed", &[&language.number(count)])
    };
    let drawn = Days {
        id: &format!("failed-{index}"),
        title: language.t("Failures in 30 days").to_owned(),
        told: match days.iter().map(|day| day.failed).sum() {
            0 => language.t("none").to_owned(),
            count => words(&[count]),
        },
        classes: &["failed"],
        last,
        days: days.iter().map(|day| vec![day.failed]).collect(),
        words: &words,
    };
    drawn.draw(clock)
}
