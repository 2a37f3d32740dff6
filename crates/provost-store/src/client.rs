//! OAuth clients of inbound providers: an id and a secret that are exchanged for tokens of an hour (RFC 6749
//! section 4.4). Only the secret's SHA-256 is kept.

use crate::provider::{self, Provider};
use crate::token::{self, Refusal};
use crate::word::check_name;
use crate::{Error, Result, Row, Tx, audit, credential};
use aws_lc_rs::constant_time::verify_slices_are_equal;

crate::statements! {
    INSERT = "INSERT INTO oauth_client (key, id, provider, label, hash, created, expires) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    BY_ID = "SELECT key, provider, hash, expires, revoked FROM oauth_client WHERE id = $1";
    OF_PROVIDER = "SELECT key, id, label, created, expires, last_used, revoked FROM oauth_client \
                   WHERE provider = $1 ORDER BY key";
    USED = "UPDATE oauth_client SET last_used = $1 WHERE key = $2";
    REVOKE = "UPDATE oauth_client SET revoked = $1 WHERE key = $2 AND provider = $3 AND revoked IS NULL";
}

/// The start of every client's id.
pub const ID_PREFIX: &str = "prc_";
/// The start of every client's secret, by which a secret scanner knows it.
pub const SECRET_PREFIX: &str = "prs_";
/// Seconds that an access token is valid.
pub const TOKEN_SECONDS: i64 = 3_600;
/// Live clients of one provider.
const LIVE: usize = 10;
/// Access tokens that are kept of one client. A client that asks for one before each request loses the
/// oldest, which it does not use any more.
const TOKENS: usize = 100;

/// A client as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The inside key.
    pub key: i64,
    /// What it calls itself; no secret.
    pub id: String,
    /// What its maker called it.
    pub label: String,
    /// When it was made.
    pub created: i64,
    /// When it stops working.
    pub expires: Option<i64>,
    /// When it last got a token.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

impl Client {
    /// Whether it works at `now`.
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|at| at > now)
    }
}

/// A client that was just made: the only moment its secret is known.
pub struct Minted {
    /// The inside key.
    pub key: i64,
    /// The `client_id`.
    pub id: String,
    /// The `client_secret`.
    pub secret: String,
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Minted({}, …)", self.id)
    }
}

/// Makes a client with a secret of 256 random bits.
///
/// # Errors
/// [`Error::Refused`]: `PRV-NAME` for a label that is not possible, `PRV-CLIENT-MANY` when the provider has
/// ten live clients.
pub fn create(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    owner: &Provider,
    label: &str,
    expires: Option<i64>,
) -> Result<Minted> {
    check_name("client", label)?;
    if of_provider(tx, owner.key)?
        .iter()
        .filter(|c| c.is_live(now))
        .count()
        >= LIVE
    {
        let sentence = format!("the inbound provider \"{}\" has {LIVE} live clients", owner.name);
        return Err(Error::refused(
            "PRV-CLIENT-MANY",
            sentence,
            "Revoke one that is not in use any more.",
        ));
    }
    let id = format!("{ID_PREFIX}{}", crate::hex(&credential::random::<16>()?));
    let secret = credential::make(SECRET_PREFIX)?;
    let hash = credential::hash(&secret);
    let key = tx.key();
    let params = [
        key.into(),
        (&id).into(),
        owner.key.into(),
        label.into(),
        hash.as_ref().into(),
        now.into(),
        expires.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append(tx, owner.workspace, now, actor, "client.create", owner.id, label)?;
    Ok(Minted { key, id, secret })
}

/// A client whose secret was right and that may have a token now.
#[derive(Debug, Clone)]
pub struct Known {
    key: i64,
    provider: i64,
    expires: Option<i64>,
}

/// Looks whether a client may have a token, without writing: a wrong secret must not wake the writer. An
/// unknown id costs the same comparison as a wrong secret, and what became of a client is told only to who
/// knows its secret.
///
/// # Errors
/// Any error of the database.
pub fn check(tx: &mut Tx, id: &str, secret: &str, now: i64) -> Result<std::result::Result<Known, Refusal>> {
    let given = credential::hash(secret);
    let found = tx.first(BY_ID, &[id.into()], |r| {
        let known = Known {
            key: r.int(0)?,
            provider: r.int(1)?,
            expires: r.int_or_null(3)?,
        };
        Ok((known, r.bytes(2)?, r.int_or_null(4)?))
    })?;
    let nobody = [0; 32];
    let kept = found.as_ref().map_or(nobody.as_slice(), |(_, hash, _)| hash);
    let is_right = verify_slices_are_equal(given.as_ref(), kept).is_ok();
    let Some((known, _, revoked)) = found.filter(|_| is_right) else {
        return Ok(Err(Refusal::Unknown));
    };
    let Some(owner) = provider::by_key(tx, known.provider)? else {
        return Ok(Err(Refusal::Unknown));
    };
    Ok(token::admit(now, known.expires, revoked, owner.state).map(|()| known))
}

/// A token for a client: the only moment its text is known.
pub struct AccessToken {
    /// What the client must send after `Bearer`.
    pub text: String,
    /// For how many seconds it is valid.
    pub seconds: i64,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessToken(…, {} s)", self.seconds)
    }
}

/// Gives a client a token of an hour, or of the time that the client has left. It does not count among the
/// provider's two tokens.
///
/// # Errors
/// [`Error::Setup`] when the machine has no randomness; any error of the database.
pub fn exchange(
    tx: &mut Tx,
    id: &str,
    secret: &str,
    now: i64,
) -> Result<std::result::Result<AccessToken, Refusal>> {
    let client = match check(tx, id, secret, now)? {
        Ok(client) => client,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let left = client
        .expires
        .map_or(i64::MAX, |at| at.saturating_sub(now) / 1_000);
    let seconds = TOKEN_SECONDS.min(left);
    let ends = now.saturating_add(seconds.saturating_mul(1_000));
    token::make_room(tx, client.key, TOKENS)?;
    let minted = token::insert(tx, id, now, client.provider, id, Some(ends), Some(client.key))?;
    tx.execute(USED, &[now.into(), client.key.into()])?;
    Ok(Ok(AccessToken {
        text: minted.text,
        seconds,
    }))
}

fn read(row: &Row) -> Result<Client> {
    Ok(Client {
        key: row.int(0)?,
        id: row.text(1)?,
        label: row.text(2)?,
        created: row.int(3)?,
        expires: row.int_or_null(4)?,
        last_used: row.int_or_null(5)?,
        revoked: row.int_or_null(6)?,
    })
}

/// A provider's clients, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn of_provider(tx: &mut Tx, provider: i64) -> Result<Vec<Client>> {
    tx.query(OF_PROVIDER, &[provider.into()], read)
}

/// Revokes a client and ends its tokens. `false`: the provider has no such live client.
///
/// # Errors
/// Any error of the database.
pub fn revoke(tx: &mut Tx, actor: &str, now: i64, owner: &Provider, key: i64) -> Result<bool> {
    let done = tx.execute(REVOKE, &[now.into(), key.into(), owner.key.into()])? > 0;
    if done {
        token::revoke_of_client(tx, now, key)?;
        let detail = key.to_string();
        audit::append(
            tx,
            owner.workspace,
            now,
            actor,
            "client.revoke",
            owner.id,
            &detail,
        )?;
    }
    Ok(done)
}
