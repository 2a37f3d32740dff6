//! Carrying SQLite's write-ahead log over into the database file, beside the writer.
//!
//! A checkpoint in the writer's thread would hold up everybody who waits for a commit. So a thread with a
//! connection of its own does the work while the writer goes on; the writer itself only carries over the few
//! pages that came meanwhile, which is what lets the log begin again from its start and stay small.
//!
//! SQLite syncs the database file only in the checkpoint that reaches the end of the log, which is the
//! writer's. Most of the waiting is there, so the thread syncs what it has written first.

use super::backend::Backend;
use super::sqlite::{self, Purpose};
use super::{Location, spawn};
use crate::Result;
use crossbeam_channel::{Receiver, Sender};
use rusqlite::hooks::Wal;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Pages in the log before a checkpoint, and between two that could not be completed: 32 MiB.
const PAGES: i64 = 4_096;
/// Pages that the writer carries over itself.
const FEW: i64 = 256;
/// Passes of the thread over what came while it worked.
const PASSES: usize = 4;

/// What the writer does between two commits.
#[derive(Default)]
pub(super) struct Checkpoint {
    /// Set by the thread when little is left.
    finish: Arc<AtomicBool>,
}

impl Checkpoint {
    /// Has the log of an SQLite writer carried over by a thread, which ends with the writer's connection.
    /// PostgreSQL looks after its own log.
    pub fn beside(location: &Location, writer: &mut Backend) -> Result<(Self, Option<JoinHandle<()>>)> {
        let checkpoint = Self::default();
        let (Location::Sqlite(path), Backend::Sqlite(connection)) = (location, writer) else {
            return Ok((checkpoint, None));
        };
        let (wake, sleep) = crossbeam_channel::bounded(1);
        // Takes the place of SQLite's own checkpoints.
        connection.wal_hook(Some(watch(wake))).map_err(sqlite::error)?;
        let (path, finish) = (path.clone(), checkpoint.finish.clone());
        let thread = spawn("db-checkpoint".into(), move || serve(&path, &sleep, &finish))?;
        Ok((checkpoint, Some(thread)))
    }

    /// Carries over what little is left, when the thread has done the rest.
    pub fn tend(&self, writer: &mut Backend) {
        if let Backend::Sqlite(connection) = writer
            && self.finish.swap(false, Ordering::AcqRel)
            && let Err(e) = carry_over(connection)
        {
            tracing::warn!(error = %e, "the write-ahead log was not carried over");
        }
    }
}

/// Called after every commit with the length of the log: wakes the thread when it has grown enough.
fn watch(wake: Sender<()>) -> impl FnMut(&mut Wal, std::ffi::c_int) -> rusqlite::Result<()> {
    let (mut last, mut next) = (0, PAGES);
    move |_, pages| {
        let pages = i64::from(pages);
        if pages < last {
            next = PAGES;
        }
        last = pages;
        if pages >= next {
            next = pages + PAGES;
            // A thread that has not looked yet will see this commit too.
            let _ = wake.try_send(());
        }
        Ok(())
    }
}

fn serve(path: &Path, sleep: &Receiver<()>, finish: &AtomicBool) {
    let mut backend = None;
    while sleep.recv().is_ok() {
        if let Err(e) = work(path, &mut backend, finish) {
            tracing::warn!(error = %e, "a checkpoint failed; the write-ahead log grows until one succeeds");
        }
    }
}

fn work(path: &Path, backend: &mut Option<Backend>, finish: &AtomicBool) -> Result<()> {
    if backend.is_none() {
        *backend = Some(sqlite::open(path, Purpose::Checkpoint)?);
    }
    let Some(Backend::Sqlite(connection)) = backend else {
        return Ok(());
    };
    for _ in 0..PASSES {
        let left = carry_over(connection)?;
        if left <= FEW {
            break;
        }
    }
    let synced = never_closed(path).and_then(File::sync_data);
    if let Err(e) = synced {
        // Nothing is lost: the writer's own checkpoint syncs as well, only longer.
        tracing::warn!(error = %e, "the database file was not synced beside the writer");
    }
    finish.store(true, Ordering::Release);
    Ok(())
}

/// The database file, to sync it. SQLite's locks belong to the process and the file: closing any handle of it
/// would drop them all, so this one stays open until the process ends.
fn never_closed(path: &Path) -> std::io::Result<&'static File> {
    static OPEN: Mutex<BTreeMap<PathBuf, &'static File>> = Mutex::new(BTreeMap::new());
    let path = path.canonicalize()?;
    let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(file) = open.get(&path) {
        return Ok(file);
    }
    let file: &'static File = Box::leak(Box::new(File::open(&path)?));
    open.insert(path, file);
    Ok(file)
}

/// Carries over what no reader still needs, without waiting for anybody. Answers how many pages are left.
fn carry_over(connection: &rusqlite::Connection) -> Result<i64> {
    let (log, done) = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut s| s.query_row([], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))))
        .map_err(sqlite::error)?;
    Ok(log - done)
}
