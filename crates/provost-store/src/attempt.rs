//! Limits against guessing: a bucket of attempts for each account and each network, on every node the same.

use crate::{Result, Tx};

crate::statements! {
    GET = "SELECT tokens, at FROM attempt WHERE subject = $1";
    PUT = "INSERT INTO attempt (subject, tokens, at) VALUES ($1, $2, $3) \
           ON CONFLICT (subject) DO UPDATE SET tokens = excluded.tokens, at = excluded.at";
    FORGIVE = "DELETE FROM attempt WHERE subject = $1";
    FORGET = "DELETE FROM attempt WHERE subject IN (SELECT t.subject FROM attempt t WHERE t.at < $1 ORDER BY t.at LIMIT $2)";
}

/// One attempt, in the thousandths that are counted.
const ONE: i64 = 1_000;
/// Milliseconds of an hour, for one thousandth of an attempt at a rate of one an hour.
const HOUR: i64 = 3_600_000 / ONE;

/// Takes an attempt. None: go ahead. Otherwise the seconds to wait, and nothing was taken.
///
/// A subject that is new, or was left alone for long, has `burst` attempts; `per_hour` come back in an hour.
///
/// # Errors
/// Any error of the database.
pub fn take(tx: &mut Tx, subject: &str, now: i64, per_hour: i64, burst: i64) -> Result<Option<i64>> {
    let per_hour = per_hour.max(1);
    let left = left(tx, subject, now, per_hour, burst)?;
    if left < ONE {
        let millis = (ONE - left).saturating_mul(HOUR) / per_hour;
        return Ok(Some(millis / 1_000 + 1));
    }
    tx.execute(PUT, &[subject.into(), (left - ONE).into(), now.into()])?;
    Ok(None)
}

/// What a subject has left, in thousandths.
fn left(tx: &mut Tx, subject: &str, now: i64, per_hour: i64, burst: i64) -> Result<i64> {
    let full = full(burst);
    let found = tx.first(GET, &[subject.into()], |r| Ok((r.int(0)?, r.int(1)?)))?;
    Ok(found.map_or(full, |(tokens, at)| {
        let gained = now.saturating_sub(at).max(0).saturating_mul(per_hour) / HOUR;
        tokens.saturating_add(gained).min(full)
    }))
}

fn full(burst: i64) -> i64 {
    burst.max(1).saturating_mul(ONE)
}

/// Gives back one attempt that [`take`] took with the same numbers, because it came to a good end. Nobody gets more than
/// `burst` by that.
///
/// # Errors
/// Any error of the database.
pub fn give_back(tx: &mut Tx, subject: &str, now: i64, per_hour: i64, burst: i64) -> Result<()> {
    let left = left(tx, subject, now, per_hour.max(1), burst)?;
    let back = left.saturating_add(ONE).min(full(burst));
    tx.execute(PUT, &[subject.into(), back.into(), now.into()])?;
    Ok(())
}

/// Gives all attempts back, as after a sign-in that went well.
///
/// # Errors
/// Any error of the database.
pub fn forgive(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.execute(FORGIVE, &[subject.into()])?;
    Ok(())
}

/// Forgets subjects that were last counted before `before`, at most `limit`, and answers how many. Where that is
/// longer ago than a bucket takes to fill, nothing is lost.
///
/// # Errors
/// Any error of the database.
pub fn forget_old(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
