//! SQLite and PostgreSQL behind one synchronous transaction type.
//!
//! A database thread owns each connection. Callers hand it a closure and await the answer, so a request
//! pays for one hop however many statements it runs; writes that wait together are committed together.

mod backend;
mod backup;
mod checkpoint;
mod ledger;
mod migrate;
mod postgres;
mod read;
mod remembered;
pub mod restore;
mod sqlite;
mod tx;
mod value;
mod write;

pub use backup::Backup;
pub(crate) use ledger::{BUCKET, STATEMENTS as LEDGER_STATEMENTS};
pub use tx::Tx;
pub(crate) use value::{Param, Row};

use crate::{Error, Result};
use sqlite::Purpose;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Milliseconds a read may take before it is refused as too broad.
pub const READ_MILLIS: u64 = 2_000;
/// Requests that may wait for the writer, and for the readers.
const QUEUE: usize = 4_096;

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file; its folder must exist.
    Sqlite(PathBuf),
    /// A PostgreSQL URL (`postgres://user@host/database`). It may hold a password and is never printed.
    Postgres(String),
}

impl Location {
    fn open(&self, purpose: Purpose) -> Result<backend::Backend> {
        match self {
            Location::Sqlite(path) => sqlite::open(path, purpose),
            Location::Postgres(url) => postgres::open(url, purpose),
        }
    }

    fn is_postgres(&self) -> bool {
        matches!(self, Location::Postgres(_))
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Location::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Location::Postgres(_) => f.write_str("postgres"),
        }
    }
}

/// A handle of the database; clones share its threads, which end with the last handle.
#[derive(Clone)]
pub struct Db {
    writes: crossbeam_channel::Sender<Box<dyn write::Write>>,
    reads: crossbeam_channel::Sender<read::Job>,
    signal: watch::Receiver<i64>,
    desks: Arc<read::Desks>,
    remembered: Arc<remembered::Remembered>,
    location: Arc<Location>,
    threads: Arc<Threads>,
}

/// Joins the database threads once the last handle is gone, so that the files are closed when it returns.
#[derive(Default)]
struct Threads(Mutex<Vec<std::thread::JoinHandle<()>>>);

impl Db {
    /// Opens the database, brings its schema up to date and starts its threads: one writer and `readers`.
    ///
    /// # Errors
    /// [`Error::Setup`] when the file or server cannot be opened, when a durability setting is not in force,
    /// or when the schema was made by a newer version or changed by hand.
    pub fn open(location: &Location, readers: usize) -> Result<Db> {
        let mut writer = location.open(Purpose::Write)?;
        migrate::run(&mut writer)?;
        let (writes, write_queue) = crossbeam_channel::bounded(QUEUE);
        let (reads, read_queue) = crossbeam_channel::bounded(QUEUE);
        let (signal_sender, signal) = watch::channel(0);
        let mut threads = Vec::new();
        for i in 0..readers.max(1) {
            let (backend, queue, location) = (
                location.open(Purpose::Read)?,
                read_queue.clone(),
                location.clone(),
            );
            threads.push(spawn(format!("db-read-{i}"), move || {
                read::serve(&location, backend, &queue)
            })?);
        }
        let desks = Arc::new(read::Desks::open(location, readers.max(1))?);
        let (checkpoint, thread) = checkpoint::Checkpoint::beside(location, &mut writer)?;
        threads.extend(thread);
        let kept = Arc::new(location.clone());
        let location = location.clone();
        threads.push(spawn("db-write".into(), move || {
            write::serve(location, writer, checkpoint, write_queue, signal_sender)
        })?);
        Ok(Db {
            writes,
            reads,
            signal,
            desks,
            remembered: Arc::default(),
            location: kept,
            threads: Arc::new(Threads(Mutex::new(threads))),
        })
    }

    /// Runs a closure that may write, and answers once it is durable.
    ///
    /// The closure runs on the database thread, in one transaction with others that wait. It may be run
    /// again after a serialization failure or a lost connection, so it must not do anything but use `tx`.
    /// When it answers an error, nothing that it wrote is kept.
    ///
    /// # Errors
    /// [`Error::Busy`] at once when too many requests wait; the closure's own error; [`Error::Retry`] or
    /// [`Error::OutcomeUnknown`] when the commit failed.
    pub async fn write<T, E, F>(&self, closure: F) -> std::result::Result<T, E>
    where
        F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writes
            .try_send(Box::new(write::Waiting {
                closure,
                answer: None,
                reply,
            }))
            .map_err(refused)?;
        answer.await.map_err(|_| E::from(Error::Closed))?
    }

    /// Runs a closure on a snapshot, within [`READ_MILLIS`].
    ///
    /// # Errors
    /// [`Error::Busy`] at once when too many requests wait; [`Error::Timeout`]; the closure's own error.
    pub async fn read<T, E, F>(&self, closure: F) -> std::result::Result<T, E>
    where
        F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.read_within(Duration::from_millis(READ_MILLIS), closure)
            .await
    }

    /// Like [`Db::read`], for reads that are known to be short: lookups by index and single pages. On the
    /// embedded database they run where they are called, without waking a thread. On PostgreSQL each of their
    /// statements has a snapshot of its own: opening and ending a common one would be two more journeys, which
    /// is as much as the lookup itself. What a write relies on is checked again by the write.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_short<T, E, F>(&self, mut closure: F) -> std::result::Result<T, E>
    where
        F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self.desks.run(&mut closure) {
            Some(answer) => answer,
            None => {
                let limit = Duration::from_millis(READ_MILLIS);
                self.queue_read(limit, true, closure).await
            }
        }
    }

    /// Like [`Db::read`] with a limit of its own, for work in the background.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_within<T, E, F>(&self, limit: Duration, closure: F) -> std::result::Result<T, E>
    where
        F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.queue_read(limit, false, closure).await
    }

    async fn queue_read<T, E, F>(
        &self,
        limit: Duration,
        is_short: bool,
        mut closure: F,
    ) -> std::result::Result<T, E>
    where
        F: FnMut(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let mut reply = Some(reply);
        let run: read::Read = Box::new(move |tx| {
            let result = closure(tx);
            if let Some(e) = tx.transient.take() {
                return Some(e);
            }
            if let Some(reply) = reply.take() {
                // A caller that has gone away does not need the answer.
                let _ = reply.send(result);
            }
            None
        });
        let job = read::Job { run, limit, is_short };
        self.reads.try_send(job).map_err(refused)?;
        answer
            .await
            .map_err(|_| E::from(Error::Retry("the connection to the database was lost".into())))?
    }

    /// The signal: the change log's last position, each time this process has made it grow. It carries no
    /// data and losing it loses nothing.
    pub fn signal(&self) -> watch::Receiver<i64> {
        self.signal.clone()
    }

    /// Closes this handle and, when it is the last one, waits for the threads to end.
    pub fn close(self) {
        let Db {
            writes,
            reads,
            signal,
            desks,
            remembered,
            location,
            threads,
        } = self;
        drop((writes, reads, signal, desks, remembered, location));
        if let Some(threads) = Arc::into_inner(threads)
            && let Ok(mut list) = threads.0.lock()
        {
            for thread in list.drain(..) {
                let _ = thread.join();
            }
        }
    }
}

fn refused<T, E: From<Error>>(e: crossbeam_channel::TrySendError<T>) -> E {
    match e {
        crossbeam_channel::TrySendError::Full(_) => Error::Busy { limit: QUEUE }.into(),
        crossbeam_channel::TrySendError::Disconnected(_) => Error::Closed.into(),
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name)
        .spawn(body)
        .map_err(|e| Error::Setup(format!("cannot start a database thread: {e}")))
}
