//! Keeping every connection going: woken by the signal, by due retries, and by a slow tick that also sees
//! what other processes have changed.

use crate::engine::Options;
use crate::{Engine, Error, Report, clock};
use provost_store::connection::{self, Connection, State};
use provost_store::{change_log, retry, staged};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often the change log is looked at when no signal comes.
const TICK: Duration = Duration::from_millis(500);
/// Changes that come together are carried out together.
const GATHER: Duration = Duration::from_millis(50);

/// Runs until `stop` turns true and the cycles under way have ended.
pub(crate) async fn serve(engine: &Engine, mut stop: watch::Receiver<bool>) {
    let mut signal = engine.db.signal();
    let running = Arc::new(Mutex::new(HashSet::new()));
    let mut cycles = JoinSet::new();
    while !*stop.borrow() {
        match due(engine).await {
            Ok(connections) => {
                for connection in connections {
                    start(engine, connection, &running, &mut cycles, &stop);
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
}

/// Connections that have something to do now.
async fn due(engine: &Engine) -> Result<Vec<Connection>, Error> {
    let now = clock::now();
    let due = engine
        .db
        .read(move |tx| {
            let newest = change_log::last_position(tx)?;
            let mut due = Vec::new();
            for one in connection::every(tx)? {
                let ready = match one.state {
                    State::Paused => false,
                    State::Quarantine => one.next_try <= now,
                    State::Active | State::Held => {
                        one.watermark < newest
                            || retry::next(tx, one.key)?.is_some_and(|at| at <= now)
                            || staged::ready(tx, one.key)? > 0
                    }
                };
                if ready {
                    due.push(one);
                }
            }
            Ok::<_, provost_store::Error>(due)
        })
        .await?;
    Ok(due)
}

/// Starts a cycle unless this process is running one of the connection already.
fn start(
    engine: &Engine,
    connection: Connection,
    running: &Arc<Mutex<HashSet<i64>>>,
    cycles: &mut JoinSet<()>,
    stop: &watch::Receiver<bool>,
) {
    let Ok(mut set) = running.lock() else { return };
    if !set.insert(connection.key) {
        return;
    }
    drop(set);
    let (engine, running) = (engine.clone(), running.clone());
    let options = Options {
        progress: None,
        stop: Some(stop.clone()),
    };
    cycles.spawn(async move {
        match engine.run_cycle(connection.key, &options).await {
            Ok(report) => tell(&connection, &report),
            // Another process is at work, or there is nothing to start with: the next tick looks again.
            Err(Error::Running | Error::Paused(_)) => tokio::time::sleep(TICK).await,
            Err(Error::Stopped) => {
                tracing::info!(connection = %connection.name, "the cycle was stopped; the next one goes on")
            }
            Err(e) => refused(&engine, &connection, &e).await,
        }
        if let Ok(mut set) = running.lock() {
            set.remove(&connection.key);
        }
    });
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
    let to = connection::Condition {
        state: State::Quarantine,
        reason: format!("{error}. {}", error.hint()),
        failures: connection.failures + 1,
        next_try: clock::now() + wait,
    };
    let connection = connection.clone();
    let noted = engine
        .db
        .write(move |tx| connection::set_state(tx, "provost", clock::now(), &connection, &to))
        .await;
    if let Err(e) = noted {
        tracing::warn!(error = %e, "the connection's state could not be written");
    }
}
