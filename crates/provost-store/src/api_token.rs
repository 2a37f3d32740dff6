//! Tokens of the admin API: shown once, kept as a hash, each with a scope.

use crate::token::{Minted, Refusal, Token};
use crate::{Result, Row, Tx, audit, credential, word};

crate::statements! {
    INSERT = "INSERT INTO api_token (hash, key, workspace, label, scope, created, actor, expires, administrator) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    BY_HASH = "SELECT t.key, t.workspace, t.label, t.scope, t.administrator, t.expires, t.revoked, \
               CASE WHEN t.administrator = 0 THEN 'active' ELSE COALESCE(a.state, '') END \
               FROM api_token t LEFT JOIN administrator a ON a.key = t.administrator WHERE t.hash = $1";
    LIST = "SELECT key, label, created, expires, last_used, revoked, scope, actor, administrator FROM api_token \
            WHERE workspace = $1 AND key > $2 ORDER BY key LIMIT $3";
    REVOKE = "UPDATE api_token SET revoked = $1 WHERE key = $2 AND workspace = $3 AND revoked IS NULL";
    REVOKE_OF = "UPDATE api_token SET revoked = $1 WHERE administrator = $2 AND revoked IS NULL";
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
    /// Key, label, maker and times; the first characters of these tokens are not kept.
    pub token: Token,
    /// What it may do.
    pub scope: Scope,
    /// The administrator it ends with; none for one that the command made.
    pub administrator: Option<i64>,
}

/// A token to be made.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Whose data it may see.
    pub workspace: i64,
    /// What its maker calls it.
    pub label: &'a str,
    /// What it may do.
    pub scope: Scope,
    /// When it stops working.
    pub expires: Option<i64>,
    /// The administrator it is refused and ends with; none for one that the command makes.
    pub administrator: Option<i64>,
}

/// Makes a token that belongs to no administrator; see [`make`].
///
/// # Errors
/// As [`make`].
pub fn create(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    workspace: i64,
    label: &str,
    scope: Scope,
    expires: Option<i64>,
) -> Result<Minted> {
    let new = New {
        workspace,
        label,
        scope,
        expires,
        administrator: None,
    };
    make(tx, actor, now, &new)
}

/// Makes a token; its text is known only now.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-NAME`) for a label that cannot be printed; [`crate::Error::Setup`] when the
/// machine has no randomness.
pub fn make(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Minted> {
    let New {
        workspace,
        label,
        scope,
        ..
    } = *new;
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
        new.expires.into(),
        new.administrator.unwrap_or(0).into(),
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
    /// The administrator who made it, whose present role is its upper limit; none for one that the command made.
    pub administrator: Option<i64>,
}

/// Looks a token up by the hash of its text: the time of the search says nothing about how much of a guess was
/// right. The token of an administrator who is blocked is refused as revoked.
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
            administrator: Some(r.int(4)?).filter(|key| *key > 0),
        };
        let is_revoked = r.int_or_null(6)?.is_some() || r.str(7)? != "active";
        Ok((accepted, r.int_or_null(5)?, is_revoked))
    })?;
    Ok(match found {
        None => Err(Refusal::Unknown),
        Some((_, _, true)) => Err(Refusal::Revoked),
        Some((_, Some(expires), false)) if expires <= now => Err(Refusal::Expired),
        Some((accepted, _, false)) => Ok(accepted),
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
            start: String::new(),
            actor: row.text(7)?,
        },
        scope: row.str(6)?.parse()?,
        administrator: Some(row.int(8)?).filter(|key| *key > 0),
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

/// Revokes the tokens of an administrator who is removed or reset: that has an audit row of its own.
///
/// # Errors
/// Any error of the database.
pub fn revoke_of(tx: &mut Tx, now: i64, administrator: i64) -> Result<()> {
    tx.execute(REVOKE_OF, &[now.into(), administrator.into()])?;
    Ok(())
}
