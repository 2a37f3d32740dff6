//! Objects whose last step failed: each is tried again by itself, later and later, and blocks no other.

use crate::{Result, Tx};

crate::statements! {
    PUT = "INSERT INTO retry (rule, object, member, attempts, next_try, reason) VALUES ($1, $2, $3, 1, $4, $5) \
           ON CONFLICT (rule, object, member) DO UPDATE SET attempts = retry.attempts + 1, \
           next_try = excluded.next_try, reason = excluded.reason";
    ATTEMPTS = "SELECT attempts FROM retry WHERE rule = $1 AND object = $2 AND member = $3";
    REMOVE = "DELETE FROM retry WHERE rule = $1 AND object = $2 AND member = $3";
    DUE = "SELECT object, member FROM retry WHERE rule = $1 AND next_try <= $2 ORDER BY next_try LIMIT $3";
    NEXT = "SELECT MIN(y.next_try) FROM retry y JOIN rule r ON r.key = y.rule WHERE r.connection = $1";
    LIST = "SELECT y.rule, y.object, y.member, y.attempts, y.next_try, y.reason FROM retry y \
            JOIN rule r ON r.key = y.rule WHERE r.connection = $1 ORDER BY y.next_try LIMIT $2";
}

/// Milliseconds before the second try; each further one waits twice as long.
const FIRST_WAIT: i64 = 2_000;
/// The longest wait in milliseconds.
const LONGEST_WAIT: i64 = 3_600_000;

/// A step that waits for its next try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, or 0.
    pub member: i64,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried again.
    pub next_try: i64,
    /// Why it failed.
    pub reason: String,
}

/// Notes a failure and answers when the step is tried again: after `wait` milliseconds where the target
/// named a time, else after a time that doubles with each failure.
///
/// # Errors
/// Any error of the database.
pub fn note(
    tx: &mut Tx,
    rule: i64,
    object: i64,
    member: i64,
    now: i64,
    wait: Option<i64>,
    reason: &str,
) -> Result<i64> {
    let before = tx
        .first(ATTEMPTS, &[rule.into(), object.into(), member.into()], |r| {
            r.int(0)
        })?
        .unwrap_or(0);
    let doubled = FIRST_WAIT.saturating_mul(1 << before.min(20)).min(LONGEST_WAIT);
    let next = now + wait.unwrap_or(doubled).max(0);
    tx.execute(
        PUT,
        &[
            rule.into(),
            object.into(),
            member.into(),
            next.into(),
            reason.into(),
        ],
    )?;
    Ok(next)
}

/// The step has succeeded, or has no longer a reason to be tried.
///
/// # Errors
/// Any error of the database.
pub fn settle(tx: &mut Tx, rule: i64, object: i64, member: i64) -> Result<()> {
    tx.execute(REMOVE, &[rule.into(), object.into(), member.into()])?;
    Ok(())
}

/// Steps of a rule that are due, as (object, member).
///
/// # Errors
/// Any error of the database.
pub fn due(tx: &mut Tx, rule: i64, now: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
    tx.query(DUE, &[rule.into(), now.into(), limit.into()], |r| {
        Ok((r.int(0)?, r.int(1)?))
    })
}

/// When the next step of a connection is due.
///
/// # Errors
/// Any error of the database.
pub fn next(tx: &mut Tx, connection: i64) -> Result<Option<i64>> {
    Ok(tx
        .first(NEXT, &[connection.into()], |r| r.int_or_null(0))?
        .flatten())
}

/// A connection's waiting steps, soonest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<Waiting>> {
    tx.query(LIST, &[connection.into(), limit.into()], |r| {
        Ok(Waiting {
            rule: r.int(0)?,
            object: r.int(1)?,
            member: r.int(2)?,
            attempts: r.int(3)?,
            next_try: r.int(4)?,
            reason: r.text(5)?,
        })
    })
}
