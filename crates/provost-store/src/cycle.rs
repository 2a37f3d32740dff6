//! Cycles: one row a run, with its mode, its counts and how it ended.

use crate::{Result, Tx};

crate::statements! {
    START = "INSERT INTO cycle (key, connection, mode, epoch, started, watermark, state, counts) \
             VALUES ($1, $2, $3, $4, $5, $6, 'running', '{}')";
    ABANDON = "UPDATE cycle SET finished = $1, state = 'stopped' WHERE connection = $2 AND state = 'running'";
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
    /// `running`, `done`, `held`, `failed` or `stopped`.
    pub state: String,
    /// What it did, as JSON counts.
    pub counts: String,
}

/// Notes that a cycle begins. One that is still noted as running was cut short: its lease is lost.
///
/// # Errors
/// Any error of the database.
pub fn start(tx: &mut Tx, lease: crate::lease::Lease, mode: &str, now: i64, watermark: i64) -> Result<i64> {
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
