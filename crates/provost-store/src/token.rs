//! Tokens of inbound providers: those that an administrator makes, and the short ones that OAuth clients get.

use crate::provider::{Provider, State};
use crate::{Error, Result, Tx, audit, credential, extension, provider};
use provost_scim::schema::Catalogue;
use std::sync::Arc;

crate::statements! {
    INSERT = "INSERT INTO token (hash, key, provider, label, created, expires, client, start, actor) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    BY_HASH = concat!("SELECT t.key, t.expires, t.revoked, t.client, ", provider::columns!(), " FROM token t \
               JOIN inbound_provider p ON p.key = t.provider WHERE t.hash = $1");
    OF_PROVIDER = "SELECT key, label, created, expires, last_used, revoked, start, actor FROM token \
                   WHERE provider = $1 AND client IS NULL ORDER BY key";
    REVOKE = "UPDATE token SET revoked = $1 WHERE key = $2 AND provider = $3 AND client IS NULL AND revoked IS NULL";
    REVOKE_OF_CLIENT = "UPDATE token SET revoked = $1 WHERE client = $2 AND revoked IS NULL";
    OLDEST_OF_CLIENT = "SELECT hash FROM token WHERE client = $1 ORDER BY key";
    DELETE = "DELETE FROM token WHERE hash = $1";
    ENDED = "SELECT hash FROM token WHERE client IS NOT NULL AND expires < $1 LIMIT $2";
    USED = "UPDATE token SET last_used = $1 WHERE key = $2 AND (last_used IS NULL OR last_used < $3)";
}

/// The start of every token, by which a secret scanner knows it.
pub const PREFIX: &str = "prv_";
/// Live tokens of one provider: the one in use, and the one to change over to.
pub const LIVE: usize = 2;
/// Characters of a token that are kept beside its hash: enough to tell two apart, and no help to who guesses.
const START: usize = 10;
/// Milliseconds between two notes of a token's last use: not every request writes.
const USED_EVERY: i64 = 60_000;

/// A token as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The inside key.
    pub key: i64,
    /// What its maker called it.
    pub label: String,
    /// Its first characters, by which somebody who has it knows it again; empty for one that was made before they
    /// were kept.
    pub start: String,
    /// Who made it; empty for one that was made before that was kept.
    pub actor: String,
    /// When it was made.
    pub created: i64,
    /// When it stops working.
    pub expires: Option<i64>,
    /// When it was last used, to the minute.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

impl Token {
    /// Whether it works at `now`.
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|at| at > now)
    }
}

/// A token that was just made: the only moment its text is known.
pub struct Minted {
    /// The inside key.
    pub key: i64,
    /// What the identity provider must send after `Bearer`.
    pub text: String,
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Minted({}, …)", self.key)
    }
}

/// Makes a token of 256 random bits, with a checksum at its end that tells a mistyped one at once. A provider
/// has at most [`LIVE`] of them that work: enough to change over without a pause, and none that is forgotten.
///
/// # Errors
/// [`Error::Refused`] (`PRV-TOKEN-TWO`) when the provider has two live ones; it names the older and its last
/// use. [`Error::Setup`] when the machine has no randomness; any error of the database.
pub fn mint(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    owner: &Provider,
    label: &str,
    expires: Option<i64>,
) -> Result<Minted> {
    let live: Vec<Token> = of_provider(tx, owner.key)?
        .into_iter()
        .filter(|t| t.is_live(now))
        .collect();
    if let Some(older) = live.first().filter(|_| live.len() >= LIVE) {
        return Err(two(now, owner, older));
    }
    let minted = insert(tx, actor, now, owner.key, label, expires, None)?;
    audit::append(tx, owner.workspace, now, actor, "token.create", owner.id, label)?;
    Ok(minted)
}

fn two(now: i64, owner: &Provider, older: &Token) -> Error {
    let used = older.last_used.map_or("never used".into(), |at| {
        format!("last used {}", credential::ago(now, at))
    });
    Error::refused(
        "PRV-TOKEN-TWO",
        format!(
            "the inbound provider \"{}\" has two live tokens; the older one is \"{}\" (key {}), {used}",
            owner.name, older.label, older.key
        ),
        "Revoke the one that is not in use any more, then make the new one.",
    )
}

/// Makes and keeps a token, of an administrator or of an OAuth client.
pub(crate) fn insert(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    owner: i64,
    label: &str,
    expires: Option<i64>,
    client: Option<i64>,
) -> Result<Minted> {
    let text = credential::make(PREFIX)?;
    let hash = credential::hash(&text);
    let start: String = text.chars().take(START).collect();
    let key = tx.key();
    let params = [
        hash.as_ref().into(),
        key.into(),
        owner.into(),
        label.into(),
        now.into(),
        expires.into(),
        client.into(),
        start.as_str().into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    Ok(Minted { key, text })
}

/// Whether a text has the form of one of our tokens. Says nothing about its being valid.
pub fn is_well_formed(text: &str) -> bool {
    credential::is_well_formed(PREFIX, text)
}

/// Why a token or a client is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody's.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// Its provider is a draft.
    NotSaved,
    /// Its provider is switched off.
    Off,
}

/// Whether what has these times may be used now, at a provider in this state.
pub(crate) fn admit(
    now: i64,
    expires: Option<i64>,
    revoked: Option<i64>,
    state: State,
) -> std::result::Result<(), Refusal> {
    if revoked.is_some() {
        Err(Refusal::Revoked)
    } else if expires.is_some_and(|at| at <= now) {
        Err(Refusal::Expired)
    } else {
        match state {
            State::Saved => Ok(()),
            State::Draft => Err(Refusal::NotSaved),
            State::Off => Err(Refusal::Off),
        }
    }
}

/// A token that may be used now.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The token's key.
    pub key: i64,
    /// The OAuth client that it was given to; none for a token made by an administrator.
    pub client: Option<i64>,
    /// Whose token it is, with its settings.
    pub provider: Provider,
    /// What the provider's workspace knows of people and groups.
    pub catalogue: Arc<Catalogue>,
}

/// Looks a token up by the hash of its text, with its provider and the workspace's schema: two searches by
/// index. The search is by hash, so its time says nothing about how much of a guess was right.
///
/// # Errors
/// Any error of the database.
pub fn accept(tx: &mut Tx, text: &str, now: i64) -> Result<std::result::Result<Accepted, Refusal>> {
    let found = tx.first(BY_HASH, &[credential::hash(text).as_ref().into()], |r| {
        let times = (r.int_or_null(1)?, r.int_or_null(2)?);
        Ok((r.int(0)?, times, r.int_or_null(3)?, provider::read_at(r, 4)?))
    })?;
    let Some((key, (expires, revoked), client, provider)) = found else {
        return Ok(Err(Refusal::Unknown));
    };
    if let Err(refusal) = admit(now, expires, revoked, provider.state) {
        return Ok(Err(refusal));
    }
    let catalogue = extension::catalogue(tx, provider.workspace)?;
    Ok(Ok(Accepted {
        key,
        client,
        provider,
        catalogue,
    }))
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
        let detail = key.to_string();
        audit::append(tx, owner.workspace, now, actor, "token.revoke", owner.id, &detail)?;
    }
    Ok(done)
}

/// A provider's tokens that administrators made, oldest first.
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
            start: r.text(6)?,
            actor: r.text(7)?,
        })
    })
}

/// Ends every token of an OAuth client.
pub(crate) fn revoke_of_client(tx: &mut Tx, now: i64, client: i64) -> Result<()> {
    tx.execute(REVOKE_OF_CLIENT, &[now.into(), client.into()])?;
    Ok(())
}

/// Drops a client's oldest tokens until it has fewer than `most`.
pub(crate) fn make_room(tx: &mut Tx, client: i64, most: usize) -> Result<()> {
    let hashes = tx.query(OLDEST_OF_CLIENT, &[client.into()], |r| r.bytes(0))?;
    let surplus = (hashes.len() + 1).saturating_sub(most);
    delete(tx, hashes.get(..surplus).unwrap_or_default())
}

/// Deletes tokens of OAuth clients that ended before `at`, at most `limit`. Answers how many.
pub(crate) fn forget(tx: &mut Tx, at: i64, limit: i64) -> Result<i64> {
    let hashes = tx.query(ENDED, &[at.into(), limit.into()], |r| r.bytes(0))?;
    delete(tx, &hashes)?;
    Ok(hashes.len() as i64)
}

fn delete(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<()> {
    for hash in hashes {
        tx.execute(DELETE, &[hash.as_slice().into()])?;
    }
    Ok(())
}
