//! Sessions of people. Only the hash of the cookie is kept. A session counts while its person may sign in.

use super::account::{self, Account};
use super::{Person, open as person_open};
use crate::{Error, Result, Row, Tx, application, audit, word};

macro_rules! columns {
    () => {
        "key, workspace, person, method, csrf, created, seen, fresh, expires, address, agent"
    };
}

crate::statements! {
    OPEN = "INSERT INTO person_session (hash, key, workspace, person, method, csrf, created, seen, fresh, expires, address, agent) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    FIND = concat!("SELECT ", columns!(), " FROM person_session WHERE hash = $1");
    BY_KEY = concat!("SELECT ", columns!(), " FROM person_session WHERE key = $1");
    TOUCH = "UPDATE person_session SET seen = $1 WHERE key = $2 AND seen < $3";
    LIST = concat!("SELECT ", columns!(), " FROM person_session WHERE person = $1 ORDER BY key DESC LIMIT 200");
    END = "DELETE FROM person_session WHERE key = $1 AND person = $2 RETURNING address";
    END_ALL = "DELETE FROM person_session WHERE person = $1 AND key <> $2";
    FORGET = "DELETE FROM person_session WHERE hash IN \
              (SELECT s.hash FROM person_session s WHERE s.expires <= $1 ORDER BY s.expires LIMIT $2)";
}

word::words! {
    /// How a person proved who they are.
    Method, "way in which people sign in":
    /// A passkey that verified its user: something they have, and a PIN or a finger.
    Passkey = "passkey",
}

/// A person's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// Whose it is.
    pub person: i64,
    /// How they last proved who they are.
    pub method: Method,
    /// What every form must carry.
    pub csrf: String,
    /// When it was opened.
    pub created: i64,
    /// When it was last used, to the minute.
    pub seen: i64,
    /// When they last proved who they are.
    pub fresh: i64,
    /// When it ends, however much it is used.
    pub expires: i64,
    /// The network address it was opened from.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
}

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        key: row.int(0)?,
        workspace: row.int(1)?,
        person: row.int(2)?,
        method: row.str(3)?.parse()?,
        csrf: row.text(4)?,
        created: row.int(5)?,
        seen: row.int(6)?,
        fresh: row.int(7)?,
        expires: row.int(8)?,
        address: row.text(9)?,
        agent: row.text(10)?,
    })
}

/// A session to be opened.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Whose.
    pub person: i64,
    /// How they proved who they are.
    pub method: Method,
    /// What every form must carry.
    pub csrf: &'a str,
    /// When it ends at the latest.
    pub expires: i64,
    /// The network address of the browser.
    pub address: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// Opens a session under the hash of its cookie, and notes the sign-in. The person is looked at in this very
/// transaction: who was closed while the sign-in was under way gets none.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PERSON-CLOSED`) for somebody who cannot sign in.
pub fn open(tx: &mut Tx, now: i64, hash: &[u8], new: &New) -> Result<(Session, Person)> {
    let person = person_open(tx, new.person)?.ok_or_else(closed)?;
    let session = Session {
        key: tx.key(),
        workspace: person.workspace,
        person: person.key,
        method: new.method,
        csrf: new.csrf.to_owned(),
        created: now,
        seen: now,
        fresh: now,
        expires: new.expires,
        address: new.address.to_owned(),
        agent: new.agent.to_owned(),
    };
    let params = [
        hash.into(),
        session.key.into(),
        session.workspace.into(),
        session.person.into(),
        session.method.as_str().into(),
        new.csrf.into(),
        now.into(),
        now.into(),
        now.into(),
        new.expires.into(),
        new.address.into(),
        new.agent.into(),
    ];
    tx.execute(OPEN, &params)?;
    account::note_signin(tx, now, &person)?;
    let detail = format!("by {}, from {}", new.method, new.address);
    note(tx, now, &person.actor(), "person_session.open", &person, &detail)?;
    Ok((session, person))
}

fn closed() -> Error {
    let hint = "Their page in the console says why.";
    Error::refused("PRV-PERSON-CLOSED", "this person cannot sign in", hint)
}

fn note(tx: &mut Tx, now: i64, actor: &str, action: &str, person: &Person, detail: &str) -> Result<()> {
    audit::append(tx, person.workspace, now, actor, action, person.id, detail)
}

/// The session under the hash of a cookie, with its person and what they chose; none when the person cannot sign in
/// (any more). Whether its time is over is for the caller to decide, in one place.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, hash: &[u8]) -> Result<Option<(Session, Person, Account)>> {
    let session = tx.first(FIND, &[hash.into()], read)?;
    with_person(tx, session)
}

/// The same by the inside key, for a transaction that changes something on the session's word.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<(Session, Person, Account)>> {
    let session = tx.first(BY_KEY, &[key.into()], read)?;
    with_person(tx, session)
}

fn with_person(tx: &mut Tx, session: Option<Session>) -> Result<Option<(Session, Person, Account)>> {
    let Some(session) = session else {
        return Ok(None);
    };
    let Some(person) = person_open(tx, session.person)? else {
        return Ok(None);
    };
    let account = account::get(tx, person.key)?;
    Ok(Some((session, person, account)))
}

/// Notes that a session was used.
///
/// # Errors
/// Any error of the database.
pub fn touch(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(TOUCH, &[now.into(), key.into(), now.into()])?;
    Ok(())
}

/// A person's sessions, newest first, at most 200.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, person: i64) -> Result<Vec<Session>> {
    tx.query(LIST, &[person.into()], read)
}

/// Ends one of a person's sessions. `false`: they have no such session.
///
/// # Errors
/// Any error of the database.
pub fn end(tx: &mut Tx, actor: &str, now: i64, person: &Person, key: i64) -> Result<bool> {
    let found = tx.first(END, &[key.into(), person.key.into()], |r| r.text(0))?;
    let Some(address) = found else {
        return Ok(false);
    };
    application::entry::end_of_session(tx, now, key)?;
    let detail = format!("from {address}");
    note(tx, now, actor, "person_session.end", person, &detail)?;
    Ok(true)
}

/// Ends a person's sessions, but for the one with the key `but`, and answers how many there were.
///
/// # Errors
/// Any error of the database.
pub fn end_all_of(tx: &mut Tx, actor: &str, now: i64, person: &Person, but: Option<i64>) -> Result<u64> {
    application::entry::end_of_person(tx, now, person.key, but, "signed_out")?;
    let ended = tx.execute(END_ALL, &[person.key.into(), but.unwrap_or(0).into()])?;
    if ended > 0 {
        let detail = format!("{ended} sessions");
        note(tx, now, actor, "person_session.end_all", person, &detail)?;
    }
    Ok(ended)
}

/// Forgets sessions that ended by `now`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
