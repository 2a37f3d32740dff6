//! The writer: takes everything that is waiting, runs each closure in a savepoint of its own, commits once.

use super::backend::Backend;
use super::checkpoint::Checkpoint;
use super::ledger::Ledger;
use super::sqlite::Purpose;
use super::{Location, Tx, postgres};
use crate::{Error, Result};
use crossbeam_channel::Receiver;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Closures that share one commit at most.
const GROUP: usize = 256;
/// Times a group is run again after a serialization failure or a lost connection.
const ATTEMPTS: u32 = 5;

/// A waiting write. It can be run again: what it returned before its commit failed is thrown away.
pub(super) trait Write: Send {
    /// Runs the closure and says whether to keep what it wrote.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Hands over the answer once the commit is known.
    fn finish(self: Box<Self>, committed: Result<()>);
}

/// A closure, what it answered, and who waits for it.
pub(super) struct Waiting<F, T, E> {
    pub closure: F,
    pub answer: Option<std::result::Result<T, E>>,
    pub reply: oneshot::Sender<std::result::Result<T, E>>,
}

impl<F, T, E> Write for Waiting<F, T, E>
where
    F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let answer = (self.closure)(tx);
        let keep = answer.is_ok();
        self.answer = Some(answer);
        keep
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let answer = match (committed, self.answer) {
            (Err(e), _) => Err(e.into()),
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(Error::Closed.into()),
        };
        // A caller that has gone away does not need the answer; the write stands.
        let _ = self.reply.send(answer);
    }
}

/// The writer thread's loop: ends when every handle of the database is dropped.
pub(super) fn serve(
    location: Location,
    mut backend: Backend,
    checkpoint: Checkpoint,
    queue: Receiver<Box<dyn Write>>,
    signal: watch::Sender<i64>,
) {
    while let Ok(first) = queue.recv() {
        let mut group = Vec::with_capacity(GROUP);
        group.push(first);
        group.extend(queue.try_iter().take(GROUP - 1));
        let committed = commit(&location, &mut backend, &mut group);
        let outcome = match committed {
            Ok(Some(position)) => {
                signal.send_replace(position);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(e) => {
                tracing::warn!(error = %e, writes = group.len(), "a group of writes was not committed");
                Err(e)
            }
        };
        for write in group {
            write.finish(outcome.clone());
        }
        checkpoint.tend(&mut backend);
    }
}

/// Commits the group, again if need be. Answers the change-log position when it has grown.
fn commit(location: &Location, backend: &mut Backend, group: &mut [Box<dyn Write>]) -> Result<Option<i64>> {
    let mut attempt = 0;
    loop {
        let error = match once(location, backend, group) {
            Ok(position) => return Ok(position),
            Err(e) => e,
        };
        attempt += 1;
        if !error.is_transient() || attempt >= ATTEMPTS {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(20 << attempt));
        reconnect(location, backend)?;
    }
}

/// One transaction over the group.
fn once(location: &Location, backend: &mut Backend, group: &mut [Box<dyn Write>]) -> Result<Option<i64>> {
    let begin = if location.is_postgres() {
        "BEGIN"
    } else {
        "BEGIN IMMEDIATE"
    };
    backend.control(begin)?;
    let written = run_all(backend, group);
    let ledger = match written {
        Ok(ledger) => ledger,
        Err(e) => {
            let _ = backend.control("ROLLBACK");
            return Err(e);
        }
    };
    if location.is_postgres() {
        // No limit on the commit itself: cut short, its outcome would be unknown.
        backend.control("SET LOCAL statement_timeout = 0")?;
    }
    if let Err(e) = backend.control("COMMIT") {
        settle(location, backend, &ledger, e)?;
    }
    Ok(ledger.has_changes().then(|| ledger.change_position()))
}

/// Runs each closure in a savepoint; one that fails leaves its neighbours alone.
fn run_all(backend: &mut Backend, group: &mut [Box<dyn Write>]) -> Result<Ledger> {
    let mut ledger = Ledger::open(backend)?;
    for write in group.iter_mut() {
        let before = ledger.clone();
        backend.control("SAVEPOINT w")?;
        let mut tx = Tx {
            backend,
            ledger: &mut ledger,
            deadline: None,
            transient: None,
        };
        let keep = write.run(&mut tx);
        if let Some(e) = tx.transient {
            return Err(e);
        }
        if !keep {
            backend.control("ROLLBACK TO w")?;
            ledger = before;
        }
        backend.control("RELEASE w")?;
    }
    ledger.save(backend)?;
    Ok(ledger)
}

/// Learns what became of a COMMIT that answered with an error.
fn settle(location: &Location, backend: &mut Backend, ledger: &Ledger, error: Error) -> Result<()> {
    if !(location.is_postgres() && backend.is_lost()) {
        let _ = backend.control("ROLLBACK");
        return Err(error);
    }
    for wait in [50, 200, 1_000, 5_000] {
        std::thread::sleep(Duration::from_millis(wait));
        if reconnect(location, backend).is_err() {
            continue;
        }
        match postgres::committed(backend, ledger.xid) {
            Ok(Some(true)) => return Ok(()),
            Ok(Some(false)) => return Err(Error::Retry("the connection was lost before the commit".into())),
            Ok(None) | Err(_) => {}
        }
    }
    Err(Error::OutcomeUnknown)
}

/// Opens the connection anew when it is gone.
pub(super) fn reconnect(location: &Location, backend: &mut Backend) -> Result<()> {
    if backend.is_lost() {
        *backend = location.open(Purpose::Write)?;
    }
    Ok(())
}
