//! Cycles: one row a run, with its mode, its counts and how it ended.

use crate::connection::Connection;
use crate::lease::Lease;
use crate::{Result, Tx, audit};

crate::statements! {
    START = "INSERT INTO cycle (key, connection, mode, epoch, started, watermark, state, counts) \
             VALUES ($1, $2, $3, $4, $5, $6, 'running', '{}')";
    ABANDON = "UPDATE cycle SET finished = $1, state = 'stopped' WHERE connection = $2 \
               AND state IN ('running', 'stopping')";
    STOP = "UPDATE cycle SET state = 'stopping' WHERE key = $1 AND state = 'running'";
    END_STOPPING = "UPDATE cycle SET finished = $1, state = 'stopped' WHERE key = $2 AND state = 'stopping'";
    STATE = "SELECT state FROM cycle WHERE key = $1";
    NEWEST_OF = "SELECT key, state FROM cycle WHERE connection = $1 AND epoch = $2 ORDER BY key DESC LIMIT 1";
    FINISH = "UPDATE cycle SET finished = $1, state = $2, watermark = $3, counts = $4 WHERE key = $5";
    LATEST = "SELECT key, mode, started, finished, state, counts FROM cycle WHERE connection = $1 \
              ORDER BY key DESC LIMIT $2";
    BEFORE = "SELECT key, mode, started, finished, state, counts FROM cycle WHERE connection = $1 AND key < $2 \
              ORDER BY key DESC LIMIT $3";
    GET = "SELECT key, mode, started, finished, state, counts, connection FROM cycle WHERE key = $1";
}

/// A cycle as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The inside key.
    pub key: i64,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: String,
    /// When it began.
    pub started: i64,
    /// When it ended; none while it runs, or when its node was killed.
    pub finished: Option<i64>,
    /// `running`, `stopping` (somebody asked it to stop), `done`, `held`, `failed` or `stopped`.
    pub state: String,
    /// What it did, as JSON counts.
    pub counts: String,
}

/// Notes that a cycle begins. One that is still noted as running was cut short: its lease is lost.
///
/// # Errors
/// Any error of the database.
pub fn start(tx: &mut Tx, lease: Lease, mode: &str, now: i64, watermark: i64) -> Result<i64> {
    tx.execute(ABANDON, &[now.into(), lease.connection.into()])?;
    let key = tx.key();
    let params = [
        key.into(),
        lease.connection.into(),
        mode.into(),
        lease.epoch.into(),
        now.into(),
        watermark.into(),
    ];
    tx.execute(START, &params)?;
    Ok(key)
}

/// Notes how a cycle ended.
///
/// # Errors
/// Any error of the database.
pub fn finish(tx: &mut Tx, key: i64, now: i64, state: &str, watermark: i64, counts: &str) -> Result<()> {
    tx.execute(
        FINISH,
        &[
            now.into(),
            state.into(),
            watermark.into(),
            counts.into(),
            key.into(),
        ],
    )?;
    Ok(())
}

/// The state of a cycle that somebody asked to stop.
const STOPPING: &str = "stopping";

/// Asks a running cycle of a connection to stop, with an audit row. False: it does not run, or was asked already.
///
/// # Errors
/// Any error of the database.
pub fn ask_to_stop(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, key: i64) -> Result<bool> {
    let is_running = tx.execute(STOP, &[key.into()])? > 0;
    if is_running {
        let detail = format!("cycle {key}");
        let (workspace, name) = (connection.workspace, connection.name.as_str());
        audit::append_named(tx, workspace, now, actor, "cycle.stop", name, &detail)?;
    }
    Ok(is_running)
}

/// Whether somebody asked a cycle to stop, and it has not yet.
///
/// # Errors
/// Any error of the database.
pub fn is_stopping(tx: &mut Tx, key: i64) -> Result<bool> {
    let state = tx.first(STATE, &[key.into()], |r| r.text(0))?;
    Ok(state.as_deref() == Some(STOPPING))
}

/// The same of the newest cycle that began under a lease.
///
/// # Errors
/// Any error of the database.
pub fn is_one_stopping(tx: &mut Tx, lease: Lease) -> Result<bool> {
    Ok(stopping_of(tx, lease)?.is_some())
}

/// Notes that a cycle which was asked to stop has ended without having told how.
///
/// # Errors
/// Any error of the database.
pub fn end_stopping(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(END_STOPPING, &[now.into(), key.into()])?;
    Ok(())
}

/// The same of the newest cycle that began under a lease. False: nobody had asked it to stop.
///
/// # Errors
/// Any error of the database.
pub fn end_stopping_of(tx: &mut Tx, lease: Lease, now: i64) -> Result<bool> {
    let Some(key) = stopping_of(tx, lease)? else {
        return Ok(false);
    };
    end_stopping(tx, key, now)?;
    Ok(true)
}

fn stopping_of(tx: &mut Tx, lease: Lease) -> Result<Option<i64>> {
    let params = [lease.connection.into(), lease.epoch.into()];
    let newest = tx.first(NEWEST_OF, &params, |r| Ok((r.int(0)?, r.text(1)?)))?;
    Ok(newest.filter(|(_, state)| state == STOPPING).map(|(key, _)| key))
}

/// A connection's newest cycles, newest first.
///
/// # Errors
/// Any error of the database.
pub fn latest(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<Cycle>> {
    tx.query(LATEST, &[connection.into(), limit.into()], read)
}

/// A connection's cycles with keys below `before`, newest first: the key of a page's last line leads to the next.
///
/// # Errors
/// Any error of the database.
pub fn page(tx: &mut Tx, connection: i64, before: Option<i64>, limit: i64) -> Result<Vec<Cycle>> {
    let params = [connection.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.query(BEFORE, &params, read)
}

/// The cycle with this key, and the key of the connection that it ran for.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<(Cycle, i64)>> {
    tx.first(GET, &[key.into()], |r| Ok((read(r)?, r.int(6)?)))
}

fn read(r: &crate::Row) -> Result<Cycle> {
    Ok(Cycle {
        key: r.int(0)?,
        mode: r.text(1)?,
        started: r.int(2)?,
        finished: r.int_or_null(3)?,
        state: r.text(4)?,
        counts: r.text(5)?,
    })
}
