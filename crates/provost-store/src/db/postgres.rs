//! Opening PostgreSQL so that an acknowledged write is on the disk.

use super::backend::{Backend, PostgresSession};
use super::sqlite::Purpose;
use crate::{Error, Result};
use postgres::error::SqlState;

/// Milliseconds a statement of a writer may take. The commit itself has no limit: cut short, its outcome
/// would be unknown.
const WRITE_MILLIS: u64 = 30_000;

/// Connects, sets every durability setting and reads it back.
pub(super) fn open(url: &str, purpose: Purpose) -> Result<Backend> {
    let mut client = postgres::Client::connect(url, postgres::NoTls).map_err(|e| {
        Error::Setup(format!(
            "cannot connect to PostgreSQL: {}; check database.url and that the server runs",
            reason(&e)
        ))
    })?;
    let timeout = if purpose == Purpose::Write {
        WRITE_MILLIS
    } else {
        super::READ_MILLIS
    };
    client
        .batch_execute(&format!(
            "SET synchronous_commit = on; SET statement_timeout = {timeout}; SET lock_timeout = {WRITE_MILLIS}; \
             SET idle_in_transaction_session_timeout = 60000; SET client_min_messages = warning; \
             SET default_transaction_isolation = 'read committed'; SET timezone = 'UTC'"
        ))
        .map_err(error)?;
    assert_durable(&mut client)?;
    Ok(Backend::Postgres(Box::new(PostgresSession::new(client))))
}

/// Refuses to start on settings under which an acknowledged write could be lost.
fn assert_durable(client: &mut postgres::Client) -> Result<()> {
    for (name, refused) in [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
    ] {
        let found: String = client
            .query_one(&format!("SHOW {name}"), &[])
            .map_err(error)?
            .get(0);
        if found == refused {
            return Err(Error::Setup(format!(
                "PostgreSQL runs with {name}={found}, so an acknowledged change could be lost; switch it on and start again"
            )));
        }
    }
    Ok(())
}

/// Whether the transaction `xid` was committed, asked on a new connection after the old one was lost during
/// its COMMIT. `None`: the server still works on it, or no longer knows.
pub(super) fn committed(backend: &mut Backend, xid: i64) -> Result<Option<bool>> {
    let mut answer = None;
    backend.for_each("SELECT txid_status($1)", &[xid.into()], |row| {
        answer = match row.text_or_null(0)?.as_deref() {
            Some("committed") => Some(true),
            Some("aborted") => Some(false),
            _ => None,
        };
        Ok(false)
    })?;
    Ok(answer)
}

/// Turns the driver's error into the store's.
pub(super) fn error(e: postgres::Error) -> Error {
    if e.is_closed() {
        return Error::Retry("the connection to PostgreSQL was lost".into());
    }
    match e.code() {
        Some(c) if *c == SqlState::UNIQUE_VIOLATION => Error::Conflict,
        Some(c) if *c == SqlState::T_R_SERIALIZATION_FAILURE || *c == SqlState::T_R_DEADLOCK_DETECTED => {
            Error::Retry("another node was writing the same rows".into())
        }
        Some(c) if *c == SqlState::LOCK_NOT_AVAILABLE => {
            Error::Retry("another node holds the write lock".into())
        }
        Some(c)
            if *c == SqlState::ADMIN_SHUTDOWN
                || *c == SqlState::CRASH_SHUTDOWN
                || *c == SqlState::CANNOT_CONNECT_NOW
                || *c == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT =>
        {
            Error::Retry("PostgreSQL is restarting".into())
        }
        Some(c) if *c == SqlState::QUERY_CANCELED => Error::Timeout {
            millis: super::READ_MILLIS,
        },
        None => Error::Retry(format!("the connection to PostgreSQL failed ({})", reason(&e))),
        Some(_) => Error::Database(reason(&e)),
    }
}

/// The server's own message where there is one: the driver's text alone only says "db error".
fn reason(e: &postgres::Error) -> String {
    match e.as_db_error() {
        Some(db) => db.message().to_owned(),
        None => std::error::Error::source(e).map_or_else(|| e.to_string(), ToString::to_string),
    }
}
