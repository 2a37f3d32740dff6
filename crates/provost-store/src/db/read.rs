//! The readers: each owns a connection and runs one closure at a time on a snapshot. Beside the threads there
//! are connections for short reads, which run where they are called: a lookup by index in the embedded
//! database takes microseconds, less than waking a thread.

use super::backend::Backend;
use super::ledger::Ledger;
use super::sqlite::{Deadline, Purpose};
use super::{Location, Tx};
use crate::Result;
use crossbeam_channel::Receiver;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A waiting read. Answers the transient error after which it may be run once more.
pub(super) type Read = Box<dyn FnMut(&mut Tx) -> Option<crate::Error> + Send>;

/// A read and how long it may take.
pub(super) struct Job {
    pub run: Read,
    pub limit: Duration,
    /// Whether it may do without a common snapshot on PostgreSQL.
    pub is_short: bool,
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
    let is_framed = !(postgres && job.is_short);
    if is_framed {
        backend.control(if postgres {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        })?;
    }
    let mut ledger = Ledger::default();
    let mut tx = Tx {
        backend,
        ledger: &mut ledger,
        deadline: Some(Instant::now() + job.limit),
        transient: None,
    };
    let failed = (job.run)(&mut tx);
    if is_framed {
        backend.control("ROLLBACK")?;
    }
    failed.map_or(Ok(()), Err)
}

/// A connection for short reads.
struct Desk {
    backend: Backend,
    deadline: Deadline,
    started: Instant,
}

/// Connections of the embedded database for short reads. PostgreSQL has none: its answers take a journey.
#[derive(Default)]
pub(super) struct Desks(Vec<Mutex<Desk>>);

impl Desks {
    pub fn open(location: &Location, count: usize) -> Result<Self> {
        if location.is_postgres() {
            return Ok(Self::default());
        }
        let desk = || {
            let (mut backend, deadline, started) =
                (location.open(Purpose::Read)?, Deadline::default(), Instant::now());
            deadline.watch(&mut backend, move || started.elapsed().as_millis() as u64)?;
            Ok(Mutex::new(Desk {
                backend,
                deadline,
                started,
            }))
        };
        (0..count).map(|_| desk()).collect::<Result<Vec<_>>>().map(Self)
    }

    /// Runs the closure here and now, unless every desk is taken.
    pub fn run<T, E: From<crate::Error>>(
        &self,
        closure: &mut impl FnMut(&mut Tx) -> std::result::Result<T, E>,
    ) -> Option<std::result::Result<T, E>> {
        let mut desk = self.0.iter().find_map(|desk| desk.try_lock().ok())?;
        Some(desk.run(closure).unwrap_or_else(|e| Err(e.into())))
    }
}

impl Desk {
    fn run<T, E>(
        &mut self,
        closure: &mut impl FnMut(&mut Tx) -> std::result::Result<T, E>,
    ) -> Result<std::result::Result<T, E>> {
        let limit = Duration::from_millis(super::READ_MILLIS);
        self.deadline
            .set((self.started.elapsed() + limit).as_millis() as u64);
        self.backend.control("BEGIN")?;
        let mut ledger = Ledger::default();
        let at = Some(Instant::now() + limit);
        let answer = closure(&mut Tx {
            backend: &mut self.backend,
            ledger: &mut ledger,
            deadline: at,
            transient: None,
        });
        self.backend.control("ROLLBACK")?;
        self.deadline.set(0);
        Ok(answer)
    }
}
