//! The one task that writes the request log, the habit counts and the notes about providers.

use super::Note;
use provost_scim::leniency::{Dialect, Habits};
use provost_store::{Db, Error, Tx, habit, provider, request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Notes that are written together at most.
const BATCH: usize = 512;
/// How long the first note of a batch waits for others. At full speed a batch or more comes meanwhile, the task
/// is woken once for all of them, and the readers' caches, which each commit makes stale, live longer.
const GATHERING: Duration = Duration::from_millis(100);
/// How long the last rows may take when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// The task while it runs.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(super) fn start(db: Db, waiting: mpsc::Receiver<Note>, lost: Arc<AtomicU64>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(Writer { db, lost }, waiting, stopped));
        Self { stop, task }
    }

    /// Writes what still waits and ends the task.
    pub async fn finish(self) {
        // When nobody listens the task has ended already.
        let _ = self.stop.send(());
        match timeout(GRACE, self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the request log ended abnormally"),
            Err(_) => tracing::warn!("the last rows of the request log could not be written in time"),
        }
    }
}

async fn run(writer: Writer, mut waiting: mpsc::Receiver<Note>, mut stopped: oneshot::Receiver<()>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut is_open = true;
    loop {
        tokio::select! {
            first = waiting.recv() => match first {
                Some(first) => batch.push(first),
                None => return,
            },
            _ = &mut stopped, if is_open => is_open = close(&mut waiting),
        }
        if is_open {
            tokio::select! {
                () = sleep(GATHERING) => {}
                _ = &mut stopped => is_open = close(&mut waiting),
            }
        }
        while fill(&mut batch, &mut waiting) {
            writer.write(std::mem::take(&mut batch)).await;
        }
        if !batch.is_empty() {
            writer.write(std::mem::take(&mut batch)).await;
        }
    }
}

/// Closes the queue. What is in it can still be taken out; then it answers `None`.
fn close(waiting: &mut mpsc::Receiver<Note>) -> bool {
    waiting.close();
    false
}

/// Fills the batch with what waits. `true`: it is full.
fn fill(batch: &mut Vec<Note>, waiting: &mut mpsc::Receiver<Note>) -> bool {
    while batch.len() < BATCH {
        match waiting.try_recv() {
            Ok(note) => batch.push(note),
            Err(_) => return false,
        }
    }
    true
}

struct Writer {
    db: Db,
    lost: Arc<AtomicU64>,
}

impl Writer {
    async fn write(&self, notes: Vec<Note>) {
        let batch = Batch::of(notes);
        let rows = batch.rows.len() as u64;
        let written = self.db.write(move |tx| batch.write(tx)).await;
        if let Err(error) = written {
            self.lost.fetch_add(rows, Ordering::Relaxed);
            tracing::warn!(%error, "the request log could not be written");
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "rows of the request log were lost");
        }
    }
}

/// Notes as they are written: what several say of one provider is added up.
#[derive(Default)]
struct Batch {
    rows: Vec<request::New>,
    habits: BTreeMap<i64, (Habits, i64)>,
    seen: BTreeMap<i64, (Option<Dialect>, i64)>,
}

impl Batch {
    fn of(notes: Vec<Note>) -> Self {
        let mut batch = Self::default();
        for note in notes {
            batch.rows.extend(note.row.map(|row| *row));
            if let Some(habits) = note.habits {
                let (all, at) = batch.habits.entry(note.provider).or_default();
                all.merge(&habits);
                *at = note.at.max(*at);
            }
            if let Some(dialect) = note.seen {
                let (last, at) = batch.seen.entry(note.provider).or_default();
                *last = dialect.or(*last);
                *at = note.at.max(*at);
            }
        }
        batch
    }

    fn write(&self, tx: &mut Tx) -> Result<(), Error> {
        request::append(tx, &self.rows)?;
        for (provider, (habits, at)) in &self.habits {
            habit::count(tx, *provider, habits, *at)?;
        }
        for (provider, (dialect, at)) in &self.seen {
            provider::note_seen(tx, *provider, *dialect, *at)?;
        }
        Ok(())
    }
}
