//! Putting a copy in the place of an SQLite database. While that is done nobody else may have the database open: what a
//! server still holds in memory would be written into the other file.

use super::sqlite;
use crate::{Error, Result};
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a command that is just ending is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// How each of SQLite's databases begins.
const HEAD: &[u8; 16] = b"SQLite format 3\0";
/// What SQLite puts beside a database.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Looks whether a file is a whole database of Provost. Whether this version can read it, [`super::Db::open`] tells.
///
/// # Errors
/// [`Error::Refused`]: `PRV-RESTORE-FILE` for a file that is none, `PRV-RESTORE-DAMAGED` for one with damaged pages.
pub fn check(path: &Path) -> Result<()> {
    let connection = open(path).map_err(|e| unreadable(path, &e))?;
    let found = integrity(&connection).map_err(|e| unreadable(path, &e))?;
    if found != "ok" {
        return Err(Error::refused(
            "PRV-RESTORE-DAMAGED",
            format!("{} is damaged: {found}", path.display()),
            "Take another copy; nothing was changed.",
        ));
    }
    let tables =
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('migration', 'workspace')";
    let count: i64 = connection
        .query_row(tables, [], |row| row.get(0))
        .map_err(|e| unreadable(path, &e))?;
    match count {
        2 => Ok(()),
        _ => Err(no_copy(path, "it is a database, but none of Provost")),
    }
}

/// The first thing that SQLite finds wrong, or `ok`.
fn integrity(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
}

/// Puts `copy` in the place of `target`. What was there is at `kept` afterwards; the answer says whether there was
/// something. A machine that stops meanwhile leaves the one or the other in place, and never neither.
///
/// # Errors
/// [`Error::Refused`] with `PRV-RESTORE-RUNNING` while anybody has the database open; [`Error::Setup`] when a file
/// cannot be moved.
pub fn put(copy: &Path, target: &Path, kept: &Path) -> Result<bool> {
    let is_there = target.exists();
    if is_there {
        if !leave_alone(target)? {
            // Its journal cannot be read into it any more; it must not be read into the other one.
            for end in BESIDE {
                let journal = with_end(target, end);
                if journal.exists() {
                    let to = with_end(kept, end);
                    fs::rename(&journal, &to).map_err(|e| cannot(&to, &e))?;
                }
            }
        }
        fs::hard_link(target, kept).map_err(|e| cannot(kept, &e))?;
    }
    fs::rename(copy, target).map_err(|e| cannot(target, &e))?;
    let folder = target.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| cannot(folder, &e))?;
    Ok(is_there)
}

/// Writes the journal into the database and closes it, so that the file holds everything by itself. SQLite does that
/// only when nobody else has it open. False: the file is too damaged to be opened at all.
fn leave_alone(target: &Path) -> Result<bool> {
    // Opening what is no database any more would throw the journal beside it away.
    if !begins_as_one(target) {
        return Ok(false);
    }
    let changed = open(target).and_then(|connection| {
        connection.busy_timeout(WAIT)?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
    });
    match changed {
        Ok(mode) if mode == "delete" => Ok(true),
        Ok(_) => Err(running(target)),
        Err(e) => match e.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(false),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(running(target)),
            _ => Err(sqlite::error(e)),
        },
    }
}

/// Whether the file begins as SQLite's do (Database File Format, section 1.3.1).
fn begins_as_one(path: &Path) -> bool {
    let mut head = [0; HEAD.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *HEAD
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn running(target: &Path) -> Error {
    Error::refused(
        "PRV-RESTORE-RUNNING",
        format!("{} is in use", target.display()),
        "Stop every `provost serve` and wait for other commands to end, then try again.",
    )
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => Error::refused(
            "PRV-RESTORE-DAMAGED",
            format!("{} is damaged: {error}", path.display()),
            "Take another copy; nothing was changed.",
        ),
        _ => no_copy(path, &error.to_string()),
    }
}

fn no_copy(path: &Path, why: &str) -> Error {
    Error::refused(
        "PRV-RESTORE-FILE",
        format!("{} is no copy of a database: {why}", path.display()),
        "Name a file that `provost backup write` has written; nothing was changed.",
    )
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::Setup(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Db, Location};

    #[tokio::test]
    async fn a_copy_takes_the_place_only_when_nobody_has_the_database_open() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let db = Db::open(&Location::Sqlite(at("provost.db")), 1).unwrap();
        let copy = db.backup("one.db").await.unwrap().path;
        check(&copy).unwrap();
        let refused = put(&copy, &at("provost.db"), &at("old.db")).unwrap_err();
        assert_eq!(refused.code(), Some("PRV-RESTORE-RUNNING"));
        assert!(copy.exists() && !at("old.db").exists(), "nothing was changed");
        db.close();
        assert!(put(&copy, &at("provost.db"), &at("old.db")).unwrap());
        assert!(!copy.exists() && at("provost.db").exists() && at("old.db").exists());
        check(&at("provost.db")).unwrap();
        // One that cannot even be opened makes room with its journal.
        fs::write(at("provost.db"), "no database at all").unwrap();
        fs::write(at("provost.db-wal"), "journal").unwrap();
        assert!(put(&at("old.db"), &at("provost.db"), &at("bad.db")).unwrap());
        assert!(at("bad.db").exists() && at("bad.db-wal").exists() && !at("provost.db-wal").exists());
    }

    #[test]
    fn what_is_no_whole_copy_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        assert_eq!(check(&path).unwrap_err().code(), Some("PRV-RESTORE-FILE"));
        fs::write(&path, "words").unwrap();
        assert_eq!(check(&path).unwrap_err().code(), Some("PRV-RESTORE-FILE"));
        fs::remove_file(&path).unwrap();
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE other (a)")
            .unwrap();
        assert_eq!(check(&path).unwrap_err().code(), Some("PRV-RESTORE-FILE"));
    }
}
