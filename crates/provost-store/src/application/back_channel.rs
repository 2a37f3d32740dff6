//! Telling applications that somebody has signed out. What is to be told stands in the row of the sign-in, so that it
//! outlives a restart; whoever claims it has half a minute.

use super::entry::{Entry, columns, read};
use crate::{Result, Tx, audit};

crate::statements! {
    DUE = concat!("SELECT ", columns!(), ", e.tries FROM application_entry e WHERE e.next_try > 0 AND e.next_try <= $1 \
           ORDER BY e.next_try LIMIT $2");
    IS_DUE = "SELECT 1 FROM application_entry WHERE next_try > 0 AND next_try <= $1 LIMIT 1";
    CLAIM = "UPDATE application_entry SET tries = tries + 1, next_try = $1 WHERE key = $2 AND next_try > 0 AND next_try <= $3";
    SAME = "UPDATE application_entry SET next_try = 0 WHERE session = $1 AND connection = $2 AND sid = $3 AND key <> $4 AND ended > 0 AND next_try > 0";
    SETTLE = "UPDATE application_entry SET next_try = $1 WHERE key = $2";
}

/// Milliseconds that whoever claims one has.
const CLAIM_MILLIS: i64 = 30_000;

/// Whether there is anything to be told by `now`.
///
/// # Errors
/// Any error of the database.
pub fn is_due(tx: &mut Tx, now: i64) -> Result<bool> {
    Ok(tx.first(IS_DUE, &[now.into()], |_| Ok(()))?.is_some())
}

/// Takes what is to be told by `now`, at most `limit`: each with how often it was tried before. What an
/// application calls one session is told it once.
///
/// # Errors
/// Any error of the database.
pub fn claim(tx: &mut Tx, now: i64, limit: i64) -> Result<Vec<(Entry, i64)>> {
    let due = tx.query(DUE, &[now.into(), limit.into()], |r| Ok((read(r)?, r.int(15)?)))?;
    let mut claimed: Vec<(Entry, i64)> = Vec::new();
    for (entry, tries) in due {
        let until = now.saturating_add(CLAIM_MILLIS);
        if tx.execute(CLAIM, &[until.into(), entry.key.into(), now.into()])? == 0 {
            continue;
        }
        // A session that took another's sign-ins over, after one more proof, is known there by more than one name.
        let params = [
            entry.session.into(),
            entry.connection.into(),
            (&entry.sid).into(),
            entry.key.into(),
        ];
        tx.execute(SAME, &params)?;
        claimed.push((entry, tries));
    }
    Ok(claimed)
}

/// Settles one: it was told, or is tried again at `next`.
///
/// # Errors
/// Any error of the database.
pub fn settle(tx: &mut Tx, key: i64, next: Option<i64>) -> Result<()> {
    tx.execute(SETTLE, &[next.unwrap_or(0).into(), key.into()])?;
    Ok(())
}

/// Gives one up, with an audit row that says why.
///
/// # Errors
/// Any error of the database.
pub fn give_up(tx: &mut Tx, now: i64, entry: &Entry, application: &str, why: &str) -> Result<()> {
    settle(tx, entry.key, None)?;
    let action = "application_logout.refused";
    audit::append_named(tx, entry.workspace, now, "schedule", action, application, why)
}
