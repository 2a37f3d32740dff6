//! Links by which a person adds a passkey: made by an administrator, good once, for a time, until they are withdrawn.

use super::Person;
use crate::{Result, Row, Tx, audit};

macro_rules! columns {
    () => {
        "key, workspace, person, created, actor, expires, used, withdrawn, browser"
    };
}

crate::statements! {
    INSERT = "INSERT INTO person_grant (hash, key, workspace, person, created, actor, expires, used, withdrawn, browser) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)";
    FIND = concat!("SELECT ", columns!(), " FROM person_grant WHERE hash = $1 AND workspace = $2");
    USE_UP = "UPDATE person_grant SET used = $1 WHERE key = $2 AND used = 0 AND withdrawn = 0 AND expires > $3";
    LIST = concat!("SELECT ", columns!(), " FROM person_grant WHERE person = $1 ORDER BY key DESC LIMIT 50");
    WITHDRAW = "UPDATE person_grant SET withdrawn = $1 WHERE key = $2 AND person = $3 AND used = 0 AND withdrawn = 0 AND expires > $4";
    FORGET = "DELETE FROM person_grant WHERE hash IN \
              (SELECT g.hash FROM person_grant g WHERE g.expires <= $1 ORDER BY g.expires LIMIT $2)";
}

/// A link by which a person adds a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// For whom.
    pub person: i64,
    /// When it was made.
    pub created: i64,
    /// Who made it.
    pub actor: String,
    /// When it stops working.
    pub expires: i64,
    /// When it was used.
    pub used: Option<i64>,
    /// When it was withdrawn: by an administrator, or because the person was closed.
    pub withdrawn: Option<i64>,
    /// The browser that alone may use it, as the hash of its cookie in hexadecimal; empty for any.
    pub browser: String,
}

impl Grant {
    /// Whether it can be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: i64) -> bool {
        self.used.is_none() && self.withdrawn.is_none() && self.expires > now
    }

    /// The word for what became of it by `now`: `valid`, `used`, `withdrawn` or `expired`.
    #[must_use]
    pub fn state(&self, now: i64) -> &'static str {
        match (self.used, self.withdrawn) {
            (Some(_), _) => "used",
            (None, Some(_)) => "withdrawn",
            (None, None) if self.expires <= now => "expired",
            (None, None) => "valid",
        }
    }
}

fn read(row: &Row) -> Result<Grant> {
    let some = |n: i64| Some(n).filter(|n| *n > 0);
    Ok(Grant {
        key: row.int(0)?,
        workspace: row.int(1)?,
        person: row.int(2)?,
        created: row.int(3)?,
        actor: row.text(4)?,
        expires: row.int(5)?,
        used: some(row.int(6)?),
        withdrawn: some(row.int(7)?),
        browser: row.text(8)?,
    })
}

/// Keeps a link under the hash of its key.
///
/// # Errors
/// Any error of the database.
pub fn make(tx: &mut Tx, actor: &str, now: i64, hash: &[u8], person: &Person, expires: i64) -> Result<Grant> {
    make_for(tx, actor, now, hash, person, expires, "")
}

/// The same for one browser alone: the hash of its cookie in hexadecimal, empty for any.
///
/// # Errors
/// Any error of the database.
pub fn make_for(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    hash: &[u8],
    person: &Person,
    expires: i64,
    browser: &str,
) -> Result<Grant> {
    let made = Grant {
        key: tx.key(),
        workspace: person.workspace,
        person: person.key,
        created: now,
        actor: actor.to_owned(),
        expires,
        used: None,
        withdrawn: None,
        browser: browser.to_owned(),
    };
    let params = [
        hash.into(),
        made.key.into(),
        made.workspace.into(),
        made.person.into(),
        now.into(),
        actor.into(),
        expires.into(),
        browser.into(),
    ];
    tx.execute(INSERT, &params)?;
    note(tx, now, actor, "person_link.make", person, made.key)?;
    Ok(made)
}

fn note(tx: &mut Tx, now: i64, actor: &str, action: &str, person: &Person, key: i64) -> Result<()> {
    let detail = format!("key {key}");
    audit::append(tx, person.workspace, now, actor, action, person.id, &detail)
}

/// A workspace's link under this hash, whatever has become of it: whoever opens it is told.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, workspace: i64, hash: &[u8]) -> Result<Option<Grant>> {
    tx.first(FIND, &[hash.into(), workspace.into()], read)
}

/// Uses a link up. `false`: it is not live (any more); of several callers at once exactly one is given it.
///
/// # Errors
/// Any error of the database.
pub fn use_up(tx: &mut Tx, now: i64, person: &Person, key: i64) -> Result<bool> {
    let done = tx.execute(USE_UP, &[now.into(), key.into(), now.into()])? > 0;
    if done {
        note(tx, now, &person.actor(), "person_link.use", person, key)?;
    }
    Ok(done)
}

/// A person's links, newest first, at most 50, also those that have ended.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, person: i64) -> Result<Vec<Grant>> {
    tx.query(LIST, &[person.into()], read)
}

/// Withdraws one of a person's links. `false`: they have no such link that works.
///
/// # Errors
/// Any error of the database.
pub fn withdraw(tx: &mut Tx, actor: &str, now: i64, person: &Person, key: i64) -> Result<bool> {
    let params = [now.into(), key.into(), person.key.into(), now.into()];
    let done = tx.execute(WITHDRAW, &params)? > 0;
    if done {
        note(tx, now, actor, "person_link.withdraw", person, key)?;
    }
    Ok(done)
}

/// Forgets links that expired by `before`, used or not, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
