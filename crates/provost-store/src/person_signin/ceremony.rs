//! What has to be remembered between two requests of a person's sign-in. Each is taken once, by the browser that began
//! it, in the workspace for which it was begun.

use crate::{Result, Tx};

crate::statements! {
    BEGIN = "INSERT INTO person_ceremony (hash, kind, workspace, person, browser, state, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    TAKE = "DELETE FROM person_ceremony WHERE hash = $1 AND kind = $2 AND workspace = $3 AND browser = $4 AND expires > $5 \
            RETURNING person, state";
    LOOK = "SELECT person, state FROM person_ceremony WHERE hash = $1 AND kind = $2 AND workspace = $3 AND browser = $4 \
            AND expires > $5";
    FORGET = "DELETE FROM person_ceremony WHERE hash IN \
              (SELECT c.hash FROM person_ceremony c WHERE c.expires <= $1 ORDER BY c.expires LIMIT $2)";
}

/// A ceremony to begin.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// What it is for: it is taken only for the same.
    pub kind: &'a str,
    /// The workspace in which it is.
    pub workspace: i64,
    /// Who goes through it, where that is known.
    pub person: Option<i64>,
    /// The hash of the cookie, or of the session, of the browser that began it.
    pub browser: &'a [u8],
    /// What must be known at its end.
    pub state: &'a str,
    /// When it is over.
    pub expires: i64,
}

/// What a ceremony is found by, beside its hash.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What it must be for.
    pub kind: &'a str,
    /// The workspace in which it must be.
    pub workspace: i64,
    /// The browser that must have begun it.
    pub browser: &'a [u8],
}

/// Begins a ceremony under the hash of its name. It is no change that a person would ask about: its end is.
///
/// # Errors
/// Any error of the database.
pub fn begin(tx: &mut Tx, now: i64, hash: &[u8], new: &New) -> Result<()> {
    let params = [
        hash.into(),
        new.kind.into(),
        new.workspace.into(),
        new.person.unwrap_or(0).into(),
        new.browser.into(),
        new.state.into(),
        now.into(),
        new.expires.into(),
    ];
    tx.execute(BEGIN, &params)?;
    Ok(())
}

/// Takes a ceremony, with who goes through it and its state: it is gone with this call. None for one of another kind,
/// workspace or browser (which stays), one that is over, and one that was taken before.
///
/// # Errors
/// Any error of the database.
pub fn take(tx: &mut Tx, hash: &[u8], wanted: Wanted, now: i64) -> Result<Option<(Option<i64>, String)>> {
    found(tx, TAKE, hash, wanted, now)
}

/// The same for a look at it: it stays, and can still be taken.
///
/// # Errors
/// Any error of the database.
pub fn look(tx: &mut Tx, hash: &[u8], wanted: Wanted, now: i64) -> Result<Option<(Option<i64>, String)>> {
    found(tx, LOOK, hash, wanted, now)
}

fn found(
    tx: &mut Tx,
    statement: &str,
    hash: &[u8],
    wanted: Wanted,
    now: i64,
) -> Result<Option<(Option<i64>, String)>> {
    let params = [
        hash.into(),
        wanted.kind.into(),
        wanted.workspace.into(),
        wanted.browser.into(),
        now.into(),
    ];
    tx.first(statement, &params, |r| {
        Ok((Some(r.int(0)?).filter(|key| *key > 0), r.text(1)?))
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
