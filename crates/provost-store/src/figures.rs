//! Numbers for whoever watches the service: lengths of queues, and what was added to the logs since a moment.

use crate::{Result, Tx};
use std::collections::BTreeMap;

crate::statements! {
    RETRIES = "SELECT r.connection, COUNT(*) FROM retry y JOIN rule r ON r.key = y.rule GROUP BY r.connection";
    STAGED = "SELECT s.connection, COUNT(*) FROM staged_step s WHERE s.decision = 'pending' GROUP BY s.connection";
    PLANS = "SELECT p.connection, COUNT(*) FROM plan p WHERE p.state IN ('open', 'approved') GROUP BY p.connection";
    NEWEST_LINE = "SELECT COALESCE(MAX(key), 0) FROM provisioning_log";
    LINES = "SELECT connection, action, status, COUNT(*), CAST(SUM(micros) AS BIGINT) FROM provisioning_log \
             WHERE key > $1 AND key <= $2 GROUP BY connection, action, status";
    HELD_RUNS = "SELECT COUNT(*) FROM import_run WHERE state = 'held'";
    RECORDS = "SELECT COUNT(*) FROM source_record WHERE due > 0 AND due <= $1";
}

/// What waits in one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queues {
    /// Failed steps that are tried again, given up ones among them.
    pub retries: i64,
    /// Steps that the guard holds.
    pub staged: i64,
    /// Plans that wait to be approved or applied.
    pub plans: i64,
}

/// What waits, by the connection's key. A connection where nothing waits may be missing.
///
/// # Errors
/// Any error of the database.
pub fn queues(tx: &mut Tx) -> Result<BTreeMap<i64, Queues>> {
    let mut all: BTreeMap<i64, Queues> = BTreeMap::new();
    type Set = fn(&mut Queues, i64);
    let parts: [(&str, Set); 3] = [
        (RETRIES, |queues, count| queues.retries = count),
        (STAGED, |queues, count| queues.staged = count),
        (PLANS, |queues, count| queues.plans = count),
    ];
    for (sql, set) in parts {
        tx.for_each(sql, &[], |row| {
            set(all.entry(row.int(0)?).or_default(), row.int(1)?);
            Ok(true)
        })?;
    }
    Ok(all)
}

/// Lines of the provisioning log that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The connection's key, or a provider's for what came in.
    pub connection: i64,
    /// The action.
    pub action: String,
    /// The status.
    pub status: String,
    /// How many.
    pub count: i64,
    /// How long they took together, in microseconds.
    pub micros: i64,
}

/// The key of the newest line of the provisioning log.
///
/// # Errors
/// Any error of the database.
pub fn newest_line(tx: &mut Tx) -> Result<i64> {
    Ok(tx.first(NEWEST_LINE, &[], |row| row.int(0))?.unwrap_or(0))
}

/// Counts the lines of the provisioning log with keys above `after`, up to and including `upto`.
///
/// # Errors
/// Any error of the database.
pub fn lines(tx: &mut Tx, after: i64, upto: i64) -> Result<Vec<Lines>> {
    tx.query(LINES, &[after.into(), upto.into()], |row| {
        Ok(Lines {
            connection: row.int(0)?,
            action: row.text(1)?,
            status: row.text(2)?,
            count: row.int(3)?,
            micros: row.int(4)?,
        })
    })
}

/// Records of sources that wait to be looked at.
///
/// # Errors
/// Any error of the database.
pub fn records_due(tx: &mut Tx, now: i64) -> Result<i64> {
    Ok(tx.first(RECORDS, &[now.into()], |row| row.int(0))?.unwrap_or(0))
}

/// Import runs whose absences wait for a person.
///
/// # Errors
/// Any error of the database.
pub fn held_runs(tx: &mut Tx) -> Result<i64> {
    Ok(tx.first(HELD_RUNS, &[], |row| row.int(0))?.unwrap_or(0))
}
