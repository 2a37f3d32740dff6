//! Tokens of the admin API: shown once, kept as a hash, each with a scope.

use crate::token::{Minted, Refusal, Token};
use crate::{Result, Row, Tx, audit, credential, word};

crate::statements! {
    INSERT = "INSERT INTO api_token (hash, key, workspace, label, scope, created, actor, expires) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_HASH = "SELECT key, workspace, label, scope, expires, revoked FROM api_token WHERE hash = $1";
    LIST = "SELECT key, label, created, expires, last_used, revoked, scope, actor FROM api_token \
            WHERE workspace = $1 AND key > $2 ORDER BY key LIMIT $3";
    REVOKE = "UPDATE api_token SET revoked = $1 WHERE key = $2 AND workspace = $3 AND revoked IS NULL";
    USED = "UPDATE api_token SET last_used = $1 WHERE key = $2 AND (last_used IS NULL OR last_used < $3)";
}

/// The start of every token, by which a secret scanner knows it.
pub const PREFIX: &str = "prv_api_";
/// Milliseconds between two notes of a token's last use: not every request writes.
const USED_EVERY: i64 = 60_000;

word::words! {
    /// What a token may do. Each scope includes the one before.
    Scope, "scope":
    /// Read.
    Read = "read",
    /// Run, approve, retry, assign.
    Operate = "operate",
    /// Change rules, settings, tokens.
    Configure = "configure",
}

impl Scope {
    /// Whether a token of this scope may do what `needed` names.
    pub fn allows(self, needed: Scope) -> bool {
        (self as u8) >= (needed as u8)
    }
}

/// A token as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Key, label and times.
    pub token: Token,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub actor: String,
}

/// Makes a token; its text is known only now.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-NAME`) for a label that cannot be printed; [`crate::Error::Setup`] when the
/// machine has no randomness.
pub fn create(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    workspace: i64,
    label: &str,
    scope: Scope,
    expires: Option<i64>,
) -> Result<Minted> {
    word::check_name("token", label)?;
    let text = credential::make(PREFIX)?;
    let hash = credential::hash(&text);
    let key = tx.key();
    let params = [
        hash.as_ref().into(),
        key.into(),
        workspace.into(),
        label.into(),
        scope.as_str().into(),
        now.into(),
        actor.into(),
        expires.into(),
    ];
    tx.execute(INSERT, &params)?;
    let detail = format!("key {key}, scope {scope}");
    audit::append_named(tx, workspace, now, actor, "api_token.create", label, &detail)?;
    Ok(Minted { key, text })
}

/// Whether a text has the form of one of these tokens. Says nothing about its being valid.
pub fn is_well_formed(text: &str) -> bool {
    credential::is_well_formed(PREFIX, text)
}

/// A token that may be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The token's key.
    pub key: i64,
    /// Whose data it may see.
    pub workspace: i64,
    /// What its maker called it.
    pub label: String,
    /// What it may do.
    pub scope: Scope,
}

/// Looks a token up by the hash of its text: the time of the search says nothing about how much of a guess was
/// right.
///
/// # Errors
/// Any error of the database.
pub fn accept(tx: &mut Tx, text: &str, now: i64) -> Result<std::result::Result<Accepted, Refusal>> {
    let found = tx.first(BY_HASH, &[credential::hash(text).as_ref().into()], |r| {
        let accepted = Accepted {
            key: r.int(0)?,
            workspace: r.int(1)?,
            label: r.text(2)?,
            scope: r.str(3)?.parse()?,
        };
        Ok((accepted, r.int_or_null(4)?, r.int_or_null(5)?))
    })?;
    Ok(match found {
        None => Err(Refusal::Unknown),
        Some((_, _, Some(_))) => Err(Refusal::Revoked),
        Some((_, Some(expires), None)) if expires <= now => Err(Refusal::Expired),
        Some((accepted, _, None)) => Ok(accepted),
    })
}

/// Notes that a token was used, at most once a minute.
///
/// # Errors
/// Any error of the database.
pub fn note_use(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(USED, &[now.into(), key.into(), (now - USED_EVERY).into()])?;
    Ok(())
}

fn read(row: &Row) -> Result<ApiToken> {
    Ok(ApiToken {
        token: Token {
            key: row.int(0)?,
            label: row.text(1)?,
            created: row.int(2)?,
            expires: row.int_or_null(3)?,
            last_used: row.int_or_null(4)?,
            revoked: row.int_or_null(5)?,
        },
        scope: row.str(6)?.parse()?,
        actor: row.text(7)?,
    })
}

/// A workspace's tokens with keys above `after`, oldest first, also those that have ended.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64, after: i64, limit: i64) -> Result<Vec<ApiToken>> {
    tx.query(LIST, &[workspace.into(), after.into(), limit.into()], read)
}

/// Revokes a token. `false`: the workspace has no such live token.
///
/// # Errors
/// Any error of the database.
pub fn revoke(tx: &mut Tx, actor: &str, now: i64, workspace: i64, key: i64) -> Result<bool> {
    let done = tx.execute(REVOKE, &[now.into(), key.into(), workspace.into()])? > 0;
    if done {
        let subject = format!("key {key}");
        audit::append_named(tx, workspace, now, actor, "api_token.revoke", &subject, "")?;
    }
    Ok(done)
}
