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
use tokio::time::{Instant, timeout, timeout_at};

/// Notes that are written together at most.
const BATCH: usize = 256;
/// How long the first note of a batch waits for others.
const GATHERING: Duration = Duration::from_millis(200);
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
        let first = tokio::select! {
            first = waiting.recv() => first,
            _ = &mut stopped, if is_open => {
                // What is in the queue can still be taken out; then it answers `None`.
                waiting.close();
                is_open = false;
                continue;
            }
        };
        let Some(first) = first else { return };
        batch.push(first);
        let deadline = Instant::now() + GATHERING;
        while batch.len() < BATCH && is_open {
            let room = BATCH - batch.len();
            tokio::select! {
                taken = timeout_at(deadline, waiting.recv_many(&mut batch, room)) => match taken {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                },
                _ = &mut stopped => {
                    waiting.close();
                    is_open = false;
                }
            }
        }
        writer.write(std::mem::take(&mut batch)).await;
    }
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
