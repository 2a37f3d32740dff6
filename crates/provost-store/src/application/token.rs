//! What is issued for a sign-in to an application: codes, access tokens, refresh tokens. Only hashes are kept.

use crate::{Result, Tx, word};

crate::statements! {
    ADD = "INSERT INTO application_token (hash, entry, kind, scope, bound, created, expires, used) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
    GET = "SELECT entry, kind, scope, bound, created, expires, used FROM application_token WHERE hash = $1";
    USE = "UPDATE application_token SET used = $1 WHERE hash = $2 AND used = 0";
    DROP = "DELETE FROM application_token WHERE hash = $1";
    FORGET = "DELETE FROM application_token WHERE hash IN \
              (SELECT t.hash FROM application_token t WHERE t.expires <= $1 ORDER BY t.expires LIMIT $2)";
}

word::words! {
    /// What a token is for.
    Kind, "kind of token":
    /// An authorization code.
    Code = "code",
    /// An access token.
    Access = "access",
    /// A refresh token.
    Refresh = "refresh",
}

/// A token, without itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The sign-in that it belongs to.
    pub entry: i64,
    /// What it is for.
    pub kind: Kind,
    /// What it is good for, with spaces between.
    pub scope: String,
    /// What a code is bound to, as JSON; empty for others.
    pub bound: String,
    /// When it was issued.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// When it was used, of those that are used once.
    pub used: Option<i64>,
}

/// Keeps a token under its hash.
///
/// # Errors
/// Any error of the database.
pub fn add(tx: &mut Tx, hash: &[u8], token: &Token) -> Result<()> {
    let params = [
        hash.into(),
        token.entry.into(),
        token.kind.as_str().into(),
        (&token.scope).into(),
        (&token.bound).into(),
        token.created.into(),
        token.expires.into(),
    ];
    tx.execute(ADD, &params)?;
    Ok(())
}

/// The token under this hash, also one that was used or has ended.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, hash: &[u8]) -> Result<Option<Token>> {
    tx.first(GET, &[hash.into()], |r| {
        Ok(Token {
            entry: r.int(0)?,
            kind: r.str(1)?.parse()?,
            scope: r.text(2)?,
            bound: r.text(3)?,
            created: r.int(4)?,
            expires: r.int(5)?,
            used: Some(r.int(6)?).filter(|at| *at > 0),
        })
    })
}

/// Notes that a token was used. `false`: it was used before.
///
/// # Errors
/// Any error of the database.
pub fn use_once(tx: &mut Tx, hash: &[u8], now: i64) -> Result<bool> {
    Ok(tx.execute(USE, &[now.into(), hash.into()])? > 0)
}

/// Forgets one token.
///
/// # Errors
/// Any error of the database.
pub fn drop(tx: &mut Tx, hash: &[u8]) -> Result<()> {
    tx.execute(DROP, &[hash.into()])?;
    Ok(())
}

/// Forgets tokens that ended by `now`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
