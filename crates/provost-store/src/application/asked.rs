//! What applications ask of people: pushed beforehand, or kept while somebody signs in; and assertions that were used.

use crate::{Result, Tx};

crate::statements! {
    KEEP = "INSERT INTO application_request (hash, connection, pushed, parameters, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT connection, pushed, parameters, created FROM application_request WHERE hash = $1 AND expires > $2";
    DROP = "DELETE FROM application_request WHERE hash = $1";
    FORGET = "DELETE FROM application_request WHERE hash IN \
              (SELECT r.hash FROM application_request r WHERE r.expires <= $1 ORDER BY r.expires LIMIT $2)";
    USE = "INSERT INTO application_assertion (hash, connection, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    FORGET_ASSERTIONS = "DELETE FROM application_assertion WHERE hash IN \
                         (SELECT a.hash FROM application_assertion a WHERE a.expires <= $1 ORDER BY a.expires LIMIT $2)";
}

/// What is kept of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose it is.
    pub connection: i64,
    /// Whether the application itself has pushed it; otherwise it is one that waits for a person.
    pub pushed: bool,
    /// What was asked, as JSON.
    pub parameters: String,
    /// When it was kept.
    pub created: i64,
}

/// Keeps a request under the hash of its name.
///
/// # Errors
/// Any error of the database.
pub fn keep(tx: &mut Tx, hash: &[u8], asked: &Asked, expires: i64) -> Result<()> {
    let params = [
        hash.into(),
        asked.connection.into(),
        asked.pushed.into(),
        (&asked.parameters).into(),
        asked.created.into(),
        expires.into(),
    ];
    tx.execute(KEEP, &params)?;
    Ok(())
}

/// The request under this hash; none when it is over.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, hash: &[u8], now: i64) -> Result<Option<Asked>> {
    tx.first(GET, &[hash.into(), now.into()], |r| {
        Ok(Asked {
            connection: r.int(0)?,
            pushed: r.bool(1)?,
            parameters: r.text(2)?,
            created: r.int(3)?,
        })
    })
}

/// Drops a request that was used. `false`: somebody else has used it.
///
/// # Errors
/// Any error of the database.
pub fn drop(tx: &mut Tx, hash: &[u8]) -> Result<bool> {
    Ok(tx.execute(DROP, &[hash.into()])? > 0)
}

/// Notes that an assertion was used. `false`: it was used before.
///
/// # Errors
/// Any error of the database.
pub fn use_once(tx: &mut Tx, hash: &[u8], connection: i64, expires: i64) -> Result<bool> {
    Ok(tx.execute(USE, &[hash.into(), connection.into(), expires.into()])? > 0)
}

/// Forgets requests and assertions that were over by `now`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let gone = tx.execute(FORGET, &[now.into(), limit.into()])?;
    let gone = i64::try_from(gone).unwrap_or(limit);
    let more = tx.execute(FORGET_ASSERTIONS, &[now.into(), (limit - gone).into()])?;
    Ok(gone + i64::try_from(more).unwrap_or(0))
}
