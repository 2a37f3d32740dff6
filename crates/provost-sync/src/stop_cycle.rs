//! Stopping one cycle: it ends before its next write, whichever process runs it. What it wrote stays and is known, the
//! connection stays on, and the next cycle goes on where this one was.

use crate::{Engine, Error, Result};
use provost_store::connection::{self, Condition, Connection, State};
use provost_store::cycle;
use provost_store::lease::{self, Lease};
use provost_store::{Db, Tx};
use std::time::Duration;

/// Milliseconds for which the schedule starts no cycle after one that was stopped: long enough to look at what made
/// somebody stop it, and to switch the connection off if that is what it takes. Starting one by hand does not wait.
pub const REST: i64 = 15 * 60_000;
/// How often a cycle that waits for its target looks whether it is to stop; before each write it looks anyway.
const LOOK: Duration = Duration::from_secs(1);
/// How long one that waits may still go on with the answer that it waits for.
const GRACE: Duration = Duration::from_secs(5);

impl Engine {
    /// Asks a running cycle to stop. It does so before its next write, or after some seconds when it waits for its
    /// target; a cycle whose process is gone counts as stopped at once. For [`REST`] no other one begins by itself.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-CYCLE-UNKNOWN`, `PRV-CYCLE-ENDED`; any error of the store.
    pub async fn stop_cycle(&self, key: i64, actor: &str) -> Result<()> {
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let found = cycle::get(tx, key)?;
                let of = found.and_then(|(_, connection)| connection::by_key(tx, connection).transpose());
                let connection = of.transpose()?.ok_or_else(|| unknown(key))?;
                if !cycle::ask_to_stop(tx, &actor, now, &connection, key)? {
                    return Err(ended(key));
                }
                if !lease::is_held(tx, connection.key, now)? {
                    cycle::end_stopping(tx, key, now)?;
                    rest(tx, &connection, now)?;
                }
                Ok(())
            })
            .await
    }
}

fn unknown(key: i64) -> Error {
    let hint = "The list of a connection's cycles has their keys.";
    Error::refused("PRV-CYCLE-UNKNOWN", format!("there is no cycle {key}"), hint)
}

fn ended(key: i64) -> Error {
    let hint = "What it took away can be given back; switch the connection off to keep the next cycle from beginning.";
    Error::refused(
        "PRV-CYCLE-ENDED",
        format!("the cycle {key} does not run, or is stopping already"),
        hint,
    )
}

/// How a connection stands after its cycle was stopped: as it did, with a time before which none begins by itself.
pub(crate) fn resting(to: Condition, now: i64) -> Condition {
    if !matches!(to.state, State::Active | State::Held) {
        return to;
    }
    let sentence = "The last cycle was stopped by a person. The next one goes on where it was.";
    Condition {
        reason: match to.reason.is_empty() {
            true => sentence.to_owned(),
            false => format!("{sentence} {}", to.reason),
        },
        next_try: now + REST,
        ..to
    }
}

fn rest(tx: &mut Tx, connection: &Connection, now: i64) -> provost_store::Result<()> {
    let as_it_is = Condition {
        state: connection.state,
        reason: connection.reason.clone(),
        code: connection.code.clone(),
        failures: connection.failures,
        next_try: connection.next_try,
    };
    connection::set_state(tx, "provost", now, connection, &resting(as_it_is, now))
}

/// Returns some seconds after somebody asked the cycle under this lease to stop: one that waits out a target's
/// throttling may do so for minutes, and is abandoned. What it was about to write is found by the next cycle.
pub(crate) async fn called_off(db: Db, lease: Lease) {
    loop {
        tokio::time::sleep(LOOK).await;
        let is_asked = db.read(move |tx| cycle::is_one_stopping(tx, lease)).await;
        if is_asked.unwrap_or(false) {
            tokio::time::sleep(GRACE).await;
            return;
        }
    }
}

/// Notes the end of a cycle that was abandoned because somebody had asked it to stop.
///
/// # Errors
/// Any error of the store.
pub(crate) fn cut_short(tx: &mut Tx, lease: Lease, now: i64) -> provost_store::Result<()> {
    let ended = cycle::end_stopping_of(tx, lease, now)?;
    if let (true, Some(connection)) = (ended, connection::by_key(tx, lease.connection)?) {
        rest(tx, &connection, now)?;
    }
    Ok(())
}
