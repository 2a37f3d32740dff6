//! What has to be remembered between two requests of a sign-in: a challenge, a nonce. Each is taken once, by the
//! browser that began it.

use crate::{Result, Tx};

crate::statements! {
    BEGIN = "INSERT INTO ceremony (hash, kind, administrator, browser, state, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TAKE = "DELETE FROM ceremony WHERE hash = $1 AND kind = $2 AND browser = $3 AND expires > $4 RETURNING administrator, state";
    FORGET = "DELETE FROM ceremony WHERE hash IN (SELECT c.hash FROM ceremony c WHERE c.expires <= $1 ORDER BY c.expires LIMIT $2)";
}

/// A ceremony to begin.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// What it is for: it is taken only for the same.
    pub kind: &'a str,
    /// Who goes through it, where that is known.
    pub administrator: Option<i64>,
    /// The hash of the cookie of the browser that began it.
    pub browser: &'a [u8],
    /// What must be known at its end.
    pub state: &'a str,
    /// When it is over.
    pub expires: i64,
}

/// A ceremony that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Who goes through it, where that was known.
    pub administrator: Option<i64>,
    /// What was to be known at its end.
    pub state: String,
}

/// Begins a ceremony under the hash of its name. It is no change that a person would ask about: its end is.
///
/// # Errors
/// Any error of the database.
pub fn begin(tx: &mut Tx, now: i64, hash: &[u8], new: &New) -> Result<()> {
    let params = [
        hash.into(),
        new.kind.into(),
        new.administrator.unwrap_or(0).into(),
        new.browser.into(),
        new.state.into(),
        now.into(),
        new.expires.into(),
    ];
    tx.execute(BEGIN, &params)?;
    Ok(())
}

/// Takes a ceremony: it is gone with this call. None for one of another kind or another browser (which stays), one
/// that is over, and one that was taken before.
///
/// # Errors
/// Any error of the database.
pub fn take(tx: &mut Tx, hash: &[u8], kind: &str, browser: &[u8], now: i64) -> Result<Option<Ceremony>> {
    let params = [hash.into(), kind.into(), browser.into(), now.into()];
    tx.first(TAKE, &params, |r| {
        Ok(Ceremony {
            administrator: Some(r.int(0)?).filter(|key| *key > 0),
            state: r.text(1)?,
        })
    })
}

/// Forgets ceremonies that were over by `now`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
