//! Tokens of inbound providers. Only their SHA-256 is kept, so a stolen database holds no usable token.

use crate::provider::Provider;
use crate::{Error, Result, Tx, audit, provider};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

crate::statements! {
    INSERT = "INSERT INTO token (hash, key, provider, label, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
    BY_HASH = "SELECT key, provider, expires, revoked FROM token WHERE hash = $1";
    OF_PROVIDER = "SELECT key, label, created, expires, last_used, revoked FROM token WHERE provider = $1 ORDER BY key";
    REVOKE = "UPDATE token SET revoked = $1 WHERE key = $2 AND provider = $3 AND revoked IS NULL";
    USED = "UPDATE token SET last_used = $1 WHERE key = $2 AND (last_used IS NULL OR last_used < $3)";
}

/// The start of every token, by which a secret scanner knows it.
pub const PREFIX: &str = "prv_";
/// Milliseconds between two notes of a token's last use: not every request writes.
const USED_EVERY: i64 = 60_000;

/// A token as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The inside key.
    pub key: i64,
    /// What its maker called it.
    pub label: String,
    /// When it was made.
    pub created: i64,
    /// When it stops working.
    pub expires: Option<i64>,
    /// When it was last used, to the minute.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// A token that was just made: the only moment its text is known.
pub struct Minted {
    /// The inside key.
    pub key: i64,
    /// What the identity provider must send after `Bearer`.
    pub text: String,
}

/// Makes a token of 256 random bits, with a checksum at its end that tells a mistyped one at once.
///
/// # Errors
/// [`Error::Setup`] when the machine has no randomness; any error of the database.
pub fn mint(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    owner: &Provider,
    label: &str,
    expires: Option<i64>,
) -> Result<Minted> {
    let mut bytes = [0u8; 32];
    rand::fill(&mut bytes).map_err(|_| Error::Setup("the machine has no source of randomness".into()))?;
    let body = URL_SAFE_NO_PAD.encode(bytes);
    let text = format!("{PREFIX}{body}{}", checksum(&body));
    let key = tx.key();
    let hash = digest(&SHA256, text.as_bytes());
    let params = [
        hash.as_ref().into(),
        key.into(),
        owner.key.into(),
        label.into(),
        now.into(),
        expires.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append(tx, owner.workspace, now, actor, "token.create", owner.id, label)?;
    Ok(Minted { key, text })
}

fn checksum(body: &str) -> String {
    crate::hex(&digest(&SHA256, body.as_bytes()).as_ref()[..3])
}

/// Whether a text has the form of one of our tokens. Says nothing about its being valid.
pub fn is_well_formed(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .and_then(|rest| rest.split_at_checked(rest.len().saturating_sub(6)))
        .is_some_and(|(body, sum)| body.len() == 43 && checksum(body) == sum)
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody's token.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A token that may be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The token's key.
    pub key: i64,
    /// Whose token it is.
    pub provider: Provider,
}

/// Looks a token up by the hash of its text. The search is by hash, so its time says nothing about how much
/// of a guess was right.
///
/// # Errors
/// Any error of the database.
pub fn accept(tx: &mut Tx, text: &str, now: i64) -> Result<std::result::Result<Accepted, Refusal>> {
    let hash = digest(&SHA256, text.as_bytes());
    let found = tx.first(BY_HASH, &[hash.as_ref().into()], |r| {
        Ok((r.int(0)?, r.int(1)?, r.int_or_null(2)?, r.int_or_null(3)?))
    })?;
    let Some((key, owner, expires, revoked)) = found else {
        return Ok(Err(Refusal::Unknown));
    };
    if revoked.is_some() {
        return Ok(Err(Refusal::Revoked));
    }
    if expires.is_some_and(|at| at <= now) {
        return Ok(Err(Refusal::Expired));
    }
    Ok(provider::by_key(tx, owner)?
        .map(|provider| Accepted { key, provider })
        .ok_or(Refusal::Unknown))
}

/// Notes that a token was used, at most once a minute.
///
/// # Errors
/// Any error of the database.
pub fn note_use(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(USED, &[now.into(), key.into(), (now - USED_EVERY).into()])?;
    Ok(())
}

/// Revokes a token. `false`: the provider has no such live token.
///
/// # Errors
/// Any error of the database.
pub fn revoke(tx: &mut Tx, actor: &str, now: i64, owner: &Provider, key: i64) -> Result<bool> {
    let done = tx.execute(REVOKE, &[now.into(), key.into(), owner.key.into()])? > 0;
    if done {
        audit::append(
            tx,
            owner.workspace,
            now,
            actor,
            "token.revoke",
            owner.id,
            &key.to_string(),
        )?;
    }
    Ok(done)
}

/// A provider's tokens, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn of_provider(tx: &mut Tx, provider: i64) -> Result<Vec<Token>> {
    tx.query(OF_PROVIDER, &[provider.into()], |r| {
        Ok(Token {
            key: r.int(0)?,
            label: r.text(1)?,
            created: r.int(2)?,
            expires: r.int_or_null(3)?,
            last_used: r.int_or_null(4)?,
            revoked: r.int_or_null(5)?,
        })
    })
}
