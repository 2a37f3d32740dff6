//! Answers that are kept so that a request which is sent twice is carried out once (the IETF's draft "The
//! Idempotency-Key HTTP Header Field").

use crate::{Error, Result, Tx};

crate::statements! {
    GET = "SELECT digest, status, body, created FROM idempotency WHERE caller = $1 AND name = $2";
    BEGIN = "INSERT INTO idempotency (caller, name, digest, status, body, created) VALUES ($1, $2, $3, 0, '', $4) \
             ON CONFLICT (caller, name) DO UPDATE SET created = excluded.created";
    FINISH = "UPDATE idempotency SET status = $1, body = $2 WHERE caller = $3 AND name = $4 AND status = 0";
    ABANDON = "DELETE FROM idempotency WHERE caller = $1 AND name = $2 AND status = 0";
    FORGET = "DELETE FROM idempotency WHERE (caller, name) IN (SELECT i.caller, i.name FROM idempotency i \
              WHERE i.created < $1 ORDER BY i.created LIMIT $2)";
}

/// Milliseconds after which a request that never ended may be begun again: its node was killed.
const LOST: i64 = 10 * 60_000;

/// What became of a request's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nobody used it: carry the request out, then [`finish`] or [`abandon`].
    New,
    /// The same request is being carried out at this moment.
    Running,
    /// The same request was carried out: this was the answer.
    Done {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// Another request was sent with this key.
    Other,
}

/// Looks at the key `name` of a caller (the inside key of a token or an administrator) and, where it is new, takes
/// it. `digest` is of the request.
///
/// # Errors
/// Any error of the database.
pub fn begin(tx: &mut Tx, caller: i64, name: &str, digest: &[u8], now: i64) -> Result<Begun> {
    let found = tx.first(GET, &[caller.into(), name.into()], |r| {
        Ok((r.bytes(0)?, r.int(1)?, r.text(2)?, r.int(3)?))
    })?;
    match found {
        Some((kept, ..)) if kept != digest => return Ok(Begun::Other),
        Some((_, 0, _, created)) if now.saturating_sub(created) < LOST => return Ok(Begun::Running),
        None | Some((_, 0, ..)) => {}
        Some((_, status, body, _)) => {
            let status = u16::try_from(status)
                .map_err(|_| Error::Damaged(format!("the kept answer has the status {status}")))?;
            return Ok(Begun::Done { status, body });
        }
    }
    let params = [caller.into(), name.into(), digest.into(), now.into()];
    tx.execute(BEGIN, &params)?;
    Ok(Begun::New)
}

/// Keeps the answer to a request.
///
/// # Errors
/// Any error of the database.
pub fn finish(tx: &mut Tx, caller: i64, name: &str, status: u16, body: &str) -> Result<()> {
    let params = [i64::from(status).into(), body.into(), caller.into(), name.into()];
    tx.execute(FINISH, &params)?;
    Ok(())
}

/// Gives the key back: nothing was changed, and the request may be sent again.
///
/// # Errors
/// Any error of the database.
pub fn abandon(tx: &mut Tx, caller: i64, name: &str) -> Result<()> {
    tx.execute(ABANDON, &[caller.into(), name.into()])?;
    Ok(())
}

/// Forgets keys that were taken before `before`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_old(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
