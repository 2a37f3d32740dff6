//! Removes what is past its time: the request log, the recycle bin, and tokens of OAuth clients.

use crate::provider::Settings;
use crate::{Result, Tx, recycle, request, token};

crate::statements! {
    PROVIDERS = "SELECT key, settings FROM inbound_provider ORDER BY key";
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows of the request log.
    pub requests: i64,
    /// People and groups of the recycle bin.
    pub recycled: i64,
    /// Tokens of OAuth clients that ended more than a day ago.
    pub tokens: i64,
}

/// Removes what is past its time, at most `limit` of each kind, so that other writes wait no longer than
/// that takes. Whoever gets `limit` of a kind calls again. Each provider's settings say how many days its
/// requests are kept; a deleted person or group carries its own time.
///
/// # Errors
/// Any error of the database.
pub fn sweep(tx: &mut Tx, now: i64, limit: i64) -> Result<Swept> {
    Ok(Swept {
        requests: forget_requests(tx, now, limit)?,
        recycled: recycle::sweep(tx, now, limit)?,
        tokens: token::forget(tx, now.saturating_sub(DAY), limit)?,
    })
}

fn forget_requests(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let providers = tx.query(PROVIDERS, &[], |r| {
        Ok((r.int(0)?, Settings::of_text(r.str(1)?)?.log_days))
    })?;
    let mut left = limit;
    for (provider, days) in providers {
        let before = now.saturating_sub(i64::from(days).saturating_mul(DAY));
        if left > 0 {
            left -= request::forget(tx, provider, before, left)?;
        }
    }
    Ok(limit - left)
}
