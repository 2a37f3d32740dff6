//! The readers: each owns a connection and runs one closure at a time on a snapshot.

use super::backend::Backend;
use super::ledger::Ledger;
use super::sqlite::{Deadline, Purpose};
use super::{Location, Tx};
use crate::Result;
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};

/// A waiting read. Answers the transient error after which it may be run once more.
pub(super) type Read = Box<dyn FnMut(&mut Tx) -> Option<crate::Error> + Send>;

/// A read and how long it may take.
pub(super) struct Job {
    pub run: Read,
    pub limit: Duration,
}

/// A reader thread's loop: ends when every handle of the database is dropped.
pub(super) fn serve(location: &Location, mut backend: Backend, queue: &Receiver<Job>) {
    let started = Instant::now();
    let deadline = Deadline::default();
    let clock = move || started.elapsed().as_millis() as u64;
    if let Err(e) = deadline.watch(&mut backend, clock) {
        tracing::warn!(error = %e, "reads of this connection have no time limit");
    }
    while let Ok(mut job) = queue.recv() {
        deadline.set((started.elapsed() + job.limit).as_millis() as u64);
        if run(&mut backend, &mut job).is_err() && backend.is_lost() {
            // A read changes nothing: once more on a new connection is always right.
            match location.open(Purpose::Read) {
                Ok(fresh) => {
                    backend = fresh;
                    let _ = run(&mut backend, &mut job);
                }
                Err(e) => tracing::warn!(error = %e, "a reader could not connect again"),
            }
        }
        deadline.set(0);
    }
}

fn run(backend: &mut Backend, job: &mut Job) -> Result<()> {
    let postgres = matches!(backend, Backend::Postgres(_));
    backend.control(if postgres { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" })?;
    let mut ledger = Ledger::default();
    let mut tx = Tx { backend, ledger: &mut ledger, deadline: Some(Instant::now() + job.limit), transient: None };
    let failed = (job.run)(&mut tx);
    backend.control("ROLLBACK")?;
    failed.map_or(Ok(()), Err)
}
