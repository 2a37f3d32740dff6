//! Opening SQLite so that an acknowledged write is on the disk.

use super::backend::Backend;
use crate::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Page size of a new database in bytes: the best bytes per person of those measured.
const PAGE_SIZE: i64 = 8192;
/// Instructions of SQLite's machine between two looks at the deadline.
const DEADLINE_STEPS: i32 = 20_000;
/// Milliseconds to wait for another process that writes.
const BUSY_MILLIS: i64 = 10_000;

/// What a connection is for: it decides the memory of its page cache.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Purpose {
    Write,
    Read,
    Checkpoint,
}

/// Opens the file, sets every durability setting and reads it back.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Backend> {
    let c = rusqlite::Connection::open(path)
        .map_err(|e| Error::Setup(format!("cannot open the database {}: {e}", path.display())))?;
    c.set_prepared_statement_cache_capacity(256);
    // Plans do not depend on bound values, or every `LIMIT $n` would have its statement prepared anew each time.
    c.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(error)?;
    let cache_kib = if purpose == Purpose::Write {
        32 * 1024
    } else {
        8 * 1024
    };
    c.execute_batch(&format!(
        "PRAGMA page_size={PAGE_SIZE}; PRAGMA busy_timeout={BUSY_MILLIS}; PRAGMA journal_mode=WAL; \
         PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; \
         PRAGMA cache_size=-{cache_kib}; PRAGMA mmap_size=1073741824; PRAGMA wal_autocheckpoint=0; \
         PRAGMA journal_size_limit=67108864;"
    ))
    .map_err(error)?;
    assert_durable(&c)?;
    if purpose == Purpose::Read {
        c.execute_batch("PRAGMA query_only=ON").map_err(error)?;
    }
    Ok(c.into())
}

/// Refuses to start on settings under which an acknowledged write could be lost.
fn assert_durable(c: &rusqlite::Connection) -> Result<()> {
    let text = |name: &str| -> Result<String> {
        c.query_row(&format!("PRAGMA {name}"), [], |r| {
            r.get::<_, rusqlite::types::Value>(0)
        })
        .map(|v| match v {
            rusqlite::types::Value::Text(t) => t,
            rusqlite::types::Value::Integer(i) => i.to_string(),
            other => format!("{other:?}"),
        })
        .map_err(error)
    };
    for (name, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
    ] {
        let found = text(name)?;
        if found != wanted {
            return Err(Error::Setup(format!(
                "SQLite reports {name}={found} where {wanted} is needed, so an acknowledged change could be lost; \
                 use a local disk that supports shared memory, or PostgreSQL"
            )));
        }
    }
    Ok(())
}

/// A deadline that a connection looks at while it works, in milliseconds of the caller's clock.
#[derive(Clone, Default)]
pub(super) struct Deadline(Arc<AtomicU64>);

impl Deadline {
    /// Sets the moment; 0 means none.
    pub fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    /// Interrupts `backend`'s statements once `clock` passes the deadline. PostgreSQL has its own timeout.
    pub fn watch(&self, backend: &mut Backend, clock: impl Fn() -> u64 + Send + 'static) -> Result<()> {
        let Backend::Sqlite(c) = backend else {
            return Ok(());
        };
        let moment = self.0.clone();
        let late = move || {
            let at = moment.load(Ordering::Relaxed);
            at != 0 && clock() > at
        };
        c.progress_handler(DEADLINE_STEPS, Some(late)).map_err(error)
    }
}

/// Turns SQLite's error into the store's.
pub(super) fn error(e: rusqlite::Error) -> Error {
    use rusqlite::ffi::ErrorCode;
    match e.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Error::Conflict,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Retry("another process is writing".into())
        }
        Some(ErrorCode::OperationInterrupted) => Error::Timeout {
            millis: super::READ_MILLIS,
        },
        Some(ErrorCode::DiskFull) => {
            Error::Database("the disk is full; make room, nothing was changed".into())
        }
        _ => Error::Database(e.to_string()),
    }
}
