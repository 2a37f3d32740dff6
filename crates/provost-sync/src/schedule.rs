//! Keeping every connection going: woken by the signal, by what is due, and by a slow tick that also sees what
//! other processes have changed.

use crate::engine::Options;
use crate::work::Mode;
use crate::{Engine, Error, Report, federation, notify, setup, urgent};
use provost_store::connection::{self, Connection, Mode as Starts, State};
use provost_store::{Tx, change_log, read_mark, retry, revisit, staged};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often the change log is looked at when no signal comes.
const TICK: Duration = Duration::from_millis(500);
/// Changes that come together are carried out together.
const GATHER: Duration = Duration::from_millis(50);
/// Milliseconds of a second, a minute, an hour.
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// What a connection has to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    /// A cycle.
    Cycle(Mode),
    /// A look at what changed in the target.
    ReadChanges,
    /// A test of a connection whose credential was refused: perhaps somebody has renewed it.
    Check,
    /// Nothing yet; but who lost access by changes after this position does not wait.
    Urgent(i64),
}

/// What the schedule remembers between two looks.
#[derive(Default)]
struct Memory {
    running: HashSet<i64>,
    /// Up to which position urgent changes were looked at, by connection.
    urgent: HashMap<i64, i64>,
    /// When a target's changes were last asked for, by connection: also those that could not be read.
    asked: HashMap<i64, i64>,
}

/// Runs until `stop` turns true and the cycles under way have ended.
pub(crate) async fn serve(engine: &Engine, mut stop: watch::Receiver<bool>) {
    let mut signal = engine.db.signal();
    let memory = Arc::new(Mutex::new(Memory::default()));
    let mut cycles = JoinSet::new();
    let letters = notify::start(engine, &stop);
    let unfinished = federation::start(engine, &stop);
    while !*stop.borrow() {
        match due(engine, &memory).await {
            Ok(jobs) => {
                for (connection, job) in jobs {
                    start(engine, connection, job, &memory, &mut cycles, &stop);
                }
            }
            Err(e) => tracing::warn!(error = %e, "the connections could not be looked at; trying again"),
        }
        while cycles.try_join_next().is_some() {}
        tokio::select! {
            _ = signal.changed() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(TICK) => {}
            _ = stop.changed() => {}
        }
    }
    while cycles.join_next().await.is_some() {}
    letters.abort();
    unfinished.abort();
}

/// Connections that have something to do now.
async fn due(engine: &Engine, memory: &Mutex<Memory>) -> Result<Vec<(Connection, Job)>, Error> {
    let now = engine.now();
    let known = memory.lock().map(|m| (m.urgent.clone(), m.asked.clone()));
    let (looked, asked) = known.unwrap_or_default();
    let due = engine
        .db
        .read(move |tx| {
            let newest = change_log::last_position(tx)?;
            let mut due = Vec::new();
            for one in connection::every(tx)? {
                let from = looked.get(&one.key).copied().unwrap_or(-1).max(one.watermark);
                let asked = asked.get(&one.key).copied();
                if let Some(job) = job(tx, &one, newest, from, now)? {
                    due.push((one, job));
                } else if is_to_be_read(tx, &one, asked, now)? {
                    due.push((one, Job::ReadChanges));
                }
            }
            Ok::<_, provost_store::Error>(due)
        })
        .await?;
    Ok(due)
}

/// What a connection has to do at `now`. `looked` is how far its urgent changes were looked at.
fn job(
    tx: &mut Tx,
    one: &Connection,
    newest: i64,
    looked: i64,
    now: i64,
) -> provost_store::Result<Option<Job>> {
    match one.state {
        State::Invalid if 0 < one.next_try && one.next_try <= now => return Ok(Some(Job::Check)),
        State::Paused | State::Invalid => return Ok(None),
        // It is slowed down; or a person stopped its last cycle, and is to have the time to look why.
        State::Quarantine | State::Active | State::Held if one.next_try > now => return Ok(None),
        State::Quarantine | State::Active | State::Held => {}
    }
    let mode = next_mode(one, now);
    if one.preferences.mode == Starts::Manual {
        // Somebody starts the cycles of this connection by hand; what they ask for here, they ask for by hand.
        return Ok((!one.wanted.is_empty()).then_some(Job::Cycle(mode)));
    }
    if one.state == State::Quarantine || one.watermark < 0 || mode == Mode::Reconcile {
        return Ok(Some(Job::Cycle(mode)));
    }
    let interval = i64::from(one.preferences.interval_seconds) * SECOND;
    let waits = interval > 0 && one.last_run <= now && one.last_run + interval > now;
    if !waits && (one.watermark < newest || is_due(tx, one, now)?) || staged::ready(tx, one.key)? > 0 {
        return Ok(Some(Job::Cycle(mode)));
    }
    Ok((waits && looked < newest).then_some(Job::Urgent(looked)))
}

/// The cycle that would run next.
fn next_mode(one: &Connection, now: i64) -> Mode {
    let hours = i64::from(one.preferences.reconcile_hours);
    if one.watermark < 0 {
        Mode::Initial
    } else if !one.wanted.is_empty()
        || (hours > 0 && !(one.reconciled <= now && now < one.reconciled + hours * HOUR))
    {
        Mode::Reconcile
    } else {
        Mode::Incremental
    }
}

/// Whether a failed step is to be tried again, an object looked at again, or the time has passed for rules that
/// depend on it.
fn is_due(tx: &mut Tx, one: &Connection, now: i64) -> provost_store::Result<bool> {
    let is_past = |at: Option<i64>| at.is_some_and(|at| at <= now);
    Ok(
        one.timed + i64::from(one.preferences.clock_minutes) * MINUTE <= now
            || is_past(retry::next(tx, one.key)?)
            || is_past(revisit::next(tx, one.key)?),
    )
}

/// Whether it is time to ask the target what changed there; `asked` is when that was last tried.
fn is_to_be_read(tx: &mut Tx, one: &Connection, asked: Option<i64>, now: i64) -> provost_store::Result<bool> {
    let wait = i64::from(one.preferences.read_changes_minutes) * MINUTE;
    let may = matches!(one.state, State::Active | State::Held) && one.preferences.mode != Starts::Manual;
    let is_past = |at: Option<i64>| at.is_none_or(|at| at + wait <= now || at > now);
    if wait == 0 || !may || one.watermark < 0 || !is_past(asked) {
        return Ok(false);
    }
    Ok(is_past(read_mark::taken(tx, one.key)?))
}

/// Starts a job unless this process is running one of the connection already.
fn start(
    engine: &Engine,
    connection: Connection,
    job: Job,
    memory: &Arc<Mutex<Memory>>,
    cycles: &mut JoinSet<()>,
    stop: &watch::Receiver<bool>,
) {
    let Ok(mut known) = memory.lock() else { return };
    if !known.running.insert(connection.key) {
        return;
    }
    if job == Job::ReadChanges {
        known.asked.insert(connection.key, engine.now());
    }
    drop(known);
    let (engine, stop) = (engine.clone(), stop.clone());
    let running = Running {
        memory: memory.clone(),
        connection: connection.key,
    };
    cycles.spawn(async move {
        match job {
            Job::Cycle(mode) => cycle(&engine, &connection, mode, stop).await,
            Job::ReadChanges => read_changes(&engine, &connection, stop).await,
            Job::Check => check(&engine, &connection).await,
            Job::Urgent(from) => {
                let upto = urgent_changes(&engine, &connection, from, stop).await;
                if let (Some(upto), Ok(mut known)) = (upto, running.memory.lock()) {
                    known.urgent.insert(connection.key, upto);
                }
            }
        }
    });
}

/// A job under way: however it ends, another one may begin after it.
struct Running {
    memory: Arc<Mutex<Memory>>,
    connection: i64,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(mut known) = self.memory.lock() {
            known.running.remove(&self.connection);
        }
    }
}

async fn cycle(engine: &Engine, connection: &Connection, mode: Mode, stop: watch::Receiver<bool>) {
    let options = Options {
        stop: Some(stop),
        mode: Some(mode),
        ..Options::default()
    };
    let result = engine.run_cycle(connection.key, &options).await;
    note(engine, connection, result.map(Some)).await;
}

async fn read_changes(engine: &Engine, connection: &Connection, stop: watch::Receiver<bool>) {
    let options = Options {
        stop: Some(stop),
        ..Options::default()
    };
    let name = connection.name.as_str();
    match engine.read_changes(connection.key, &options).await {
        Ok(found) if !found.trouble.is_empty() => {
            tracing::warn!(connection = name, reason = %found.trouble, "changes of the target");
        }
        Ok(found) if found.drift > 0 || found.restarted => {
            let (changed, removed, drift) = (found.changed, found.removed, found.drift);
            tracing::info!(
                connection = name,
                changed,
                removed,
                drift,
                "changes of the target"
            );
        }
        Ok(_) | Err(Error::Running | Error::Paused(_) | Error::Stopped | Error::Refused { .. }) => {}
        Err(e) => tracing::warn!(connection = name, error = %e, "the target's changes could not be read"),
    }
}

async fn check(engine: &Engine, connection: &Connection) {
    let name = connection.name.as_str();
    match engine.check_connection(connection.key).await {
        Ok(found) if found.tried.ok() => tracing::info!(connection = name, "the connection works again"),
        Ok(_) => {}
        Err(e) => tracing::warn!(connection = name, error = %e, "the connection could not be tested"),
    }
}

/// Carries out what takes access away, for a connection that waits for its interval. Answers how far it looked.
async fn urgent_changes(
    engine: &Engine,
    connection: &Connection,
    from: i64,
    stop: watch::Receiver<bool>,
) -> Option<i64> {
    let options = Options {
        stop: Some(stop),
        ..Options::default()
    };
    let result = engine
        .with_lease(connection.key, &options, |lease| {
            urgent::alone(engine, lease, from, &options)
        })
        .await;
    match result {
        Ok((report, upto)) => {
            note(engine, connection, Ok(report)).await;
            Some(upto)
        }
        Err(e) => {
            note(engine, connection, Err(e)).await;
            None
        }
    }
}

async fn note(engine: &Engine, connection: &Connection, result: Result<Option<Report>, Error>) {
    match result {
        Ok(Some(report)) => tell(connection, &report),
        Ok(None) => {}
        // Another process is at work, or there is nothing to start with: the next tick looks again.
        Err(Error::Refused {
            code: setup::INVALID, ..
        }) => {}
        Err(Error::Running | Error::Paused(_)) => tokio::time::sleep(TICK).await,
        Err(Error::Stopped) => {
            tracing::info!(connection = %connection.name, "the cycle was stopped; the next one goes on")
        }
        Err(e) => refused(engine, connection, &e).await,
    }
}

/// One line for a cycle that did something, or could not.
fn tell(connection: &Connection, report: &Report) {
    let (name, mode, looked) = (connection.name.as_str(), report.mode, report.looked);
    let (writes, failed, millis) = (report.writes(), report.failed, report.millis);
    match report.state {
        "done" if writes + failed == 0 => {}
        "done" => tracing::info!(connection = name, mode, looked, writes, failed, millis, "cycle"),
        state => {
            let reason = report
                .held
                .iter()
                .map(|h| h.sentence.as_str())
                .chain([report.reason.as_str()]);
            let reason = reason.collect::<Vec<_>>().join(" ");
            tracing::warn!(connection = name, mode, state, looked, writes, failed, millis, %reason, "cycle");
        }
    }
}

/// A cycle that could not even begin: the connection says why, and is tried again later and later.
async fn refused(engine: &Engine, connection: &Connection, error: &Error) {
    tracing::warn!(connection = %connection.name, error = %error, "the cycle could not run");
    let wait = 5_000_i64
        .saturating_mul(1 << connection.failures.clamp(0, 7))
        .min(600_000);
    let now = engine.now();
    let to = match error {
        Error::Target(refused) if setup::is_refused(refused) => {
            setup::invalid(refused, connection, now + setup::CHECK_AGAIN)
        }
        _ => connection::Condition {
            state: State::Quarantine,
            reason: format!("{error}. {}", error.hint()),
            code: "PRV-QUARANTINE-REFUSED".to_owned(),
            failures: connection.failures + 1,
            next_try: now + wait,
        },
    };
    let connection = connection.clone();
    let noted = engine
        .db
        .write(move |tx| connection::set_state(tx, "provost", now, &connection, &to))
        .await;
    if let Err(e) = noted {
        tracing::warn!(error = %e, "the connection's state could not be written");
    }
}
