//! One sign-in of a person to an application. All tokens that follow from it are one family: they end with it.

use super::token;
use crate::person_signin::Person;
use crate::{Result, Row, Tx, audit};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "e.key, e.workspace, e.connection, e.person, e.session, e.subject, e.sid, e.scope, e.proved, e.two_factor, e.created, \
         e.last_used, e.expires, e.ended, e.why"
    };
}
pub(super) use columns;

crate::statements! {
    OPEN = "INSERT INTO application_entry (key, workspace, connection, person, session, subject, sid, scope, proved, \
            two_factor, created, last_used, expires, ended, why, tries, next_try) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, '', 0, 0)";
    GET = concat!("SELECT ", columns!(), " FROM application_entry e WHERE e.key = $1");
    TOUCH = "UPDATE application_entry SET last_used = $1 WHERE key = $2";
    OF_CONNECTION = concat!("SELECT ", columns!(), ", o.id, o.label FROM application_entry e LEFT JOIN object o ON o.key = e.person \
                     WHERE e.connection = $1 AND e.key < $2 ORDER BY e.key DESC LIMIT $3");
    OF_PERSON = concat!("SELECT ", columns!(), " FROM application_entry e WHERE e.person = $1 ORDER BY e.key DESC LIMIT 1000");
    END = "UPDATE application_entry SET ended = $1, why = $2, next_try = $3 WHERE key = $4 AND ended = 0";
    CARRY = "UPDATE application_entry SET session = $1 WHERE session = $2 AND person = $3 AND ended = 0";
    END_OF_SESSION = "UPDATE application_entry SET ended = $1, why = 'signed_out', next_try = $2 WHERE session = $3 AND ended = 0";
    END_OF_PERSON = "UPDATE application_entry SET ended = $1, why = $2, next_try = $3 WHERE person = $4 AND session <> $5 AND ended = 0";
    END_OF_OWNER = "UPDATE application_entry SET ended = $1, why = 'closed', next_try = $2 WHERE ended = 0 \
                    AND person IN (SELECT o.key FROM object o WHERE o.owner = $3 AND o.kind = 0)";
    END_OF_CONNECTION = "UPDATE application_entry SET ended = $1, why = 'off' WHERE connection = $2 AND ended = 0";
    OTHER_PERSON = "UPDATE application_entry SET person = $1 WHERE person = $2";
    TOKENS_OF_PERSON = "DELETE FROM application_token WHERE entry IN (SELECT e.key FROM application_entry e WHERE e.person = $1)";
    OF_PERSON_GONE = "DELETE FROM application_entry WHERE person = $1";
    TOKENS_OF_EXPIRED = "DELETE FROM application_token WHERE entry IN (SELECT e.key FROM application_entry e \
                         WHERE e.expires <= $1 ORDER BY e.expires LIMIT $2)";
    FORGET = "DELETE FROM application_entry WHERE key IN \
              (SELECT e.key FROM application_entry e WHERE e.expires <= $1 ORDER BY e.expires LIMIT $2)";
}

/// A sign-in to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// The application, by its connection.
    pub connection: i64,
    /// Who.
    pub person: i64,
    /// The key of their session here.
    pub session: i64,
    /// What they are called there.
    pub subject: String,
    /// What their session is called there.
    pub sid: String,
    /// What was granted, with spaces between.
    pub scope: String,
    /// When they proved who they are.
    pub proved: i64,
    /// Whether that was by two factors.
    pub two_factor: bool,
    /// When they signed in there.
    pub created: i64,
    /// When tokens of it were last fetched.
    pub last_used: i64,
    /// When it ends, however much it is used.
    pub expires: i64,
    /// When it ended before its time.
    pub ended: Option<i64>,
    /// Why: `signed_out`, `closed`, `off`, `revoked`, `reused`.
    pub why: String,
}

pub(super) fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        key: row.int(0)?,
        workspace: row.int(1)?,
        connection: row.int(2)?,
        person: row.int(3)?,
        session: row.int(4)?,
        subject: row.text(5)?,
        sid: row.text(6)?,
        scope: row.text(7)?,
        proved: row.int(8)?,
        two_factor: row.bool(9)?,
        created: row.int(10)?,
        last_used: row.int(11)?,
        expires: row.int(12)?,
        ended: Some(row.int(13)?).filter(|at| *at > 0),
        why: row.text(14)?,
    })
}

/// A sign-in to an application, and who it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The sign-in.
    pub entry: Entry,
    /// The public id of the person; none while they are deleted.
    pub id: Option<Uuid>,
    /// What to call them; empty while they are deleted.
    pub label: String,
}

/// Writes a sign-in down, with its audit row. `entry.key` is given here.
///
/// # Errors
/// Any error of the database.
pub fn open(tx: &mut Tx, now: i64, person: &Person, application: &str, entry: Entry) -> Result<Entry> {
    let entry = Entry {
        key: tx.key(),
        ..entry
    };
    let params = [
        entry.key.into(),
        entry.workspace.into(),
        entry.connection.into(),
        entry.person.into(),
        entry.session.into(),
        (&entry.subject).into(),
        (&entry.sid).into(),
        (&entry.scope).into(),
        entry.proved.into(),
        entry.two_factor.into(),
        now.into(),
        now.into(),
        entry.expires.into(),
    ];
    tx.execute(OPEN, &params)?;
    let detail = format!("to {application}");
    audit::append(
        tx,
        person.workspace,
        now,
        &person.actor(),
        "application_signin.open",
        person.id,
        &detail,
    )?;
    Ok(entry)
}

/// The sign-in with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<Entry>> {
    tx.first(GET, &[key.into()], read)
}

/// Notes that tokens were fetched.
///
/// # Errors
/// Any error of the database.
pub fn touch(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(TOUCH, &[now.into(), key.into()])?;
    Ok(())
}

/// The sign-ins to an application with keys below `before`, newest first.
///
/// # Errors
/// Any error of the database.
pub fn of_connection(tx: &mut Tx, connection: i64, before: i64, limit: i64) -> Result<Vec<Line>> {
    tx.query(
        OF_CONNECTION,
        &[connection.into(), before.into(), limit.into()],
        |r| {
            Ok(Line {
                entry: read(r)?,
                id: r.uuid_or_null(15)?,
                label: r.text_or_null(16)?.unwrap_or_default(),
            })
        },
    )
}

/// A person's sign-ins to applications, newest first, at most 1,000.
///
/// # Errors
/// Any error of the database.
pub fn of_person(tx: &mut Tx, person: i64) -> Result<Vec<Entry>> {
    tx.query(OF_PERSON, &[person.into()], read)
}

/// Ends one sign-in with all its tokens. `false`: it had ended.
///
/// # Errors
/// Any error of the database.
pub fn end(tx: &mut Tx, now: i64, key: i64, why: &str) -> Result<bool> {
    // The application that gives its own tokens back is told nothing: it knows.
    let told = if why == "revoked" { 0 } else { now };
    Ok(tx.execute(END, &[now.into(), why.into(), told.into(), key.into()])? > 0)
}

/// Has what followed from a session follow from another one of the same person: they have proved once more who they are.
///
/// # Errors
/// Any error of the database.
pub fn carry(tx: &mut Tx, person: i64, from: i64, to: i64) -> Result<()> {
    tx.execute(CARRY, &[to.into(), from.into(), person.into()])?;
    Ok(())
}

/// Ends what followed from a session. Whoever asked for it is told.
pub(crate) fn end_of_session(tx: &mut Tx, now: i64, session: i64) -> Result<()> {
    tx.execute(END_OF_SESSION, &[now.into(), now.into(), session.into()])?;
    Ok(())
}

/// The same for all of somebody's sessions, but for the one with the key `but`.
pub(crate) fn end_of_person(tx: &mut Tx, now: i64, person: i64, but: Option<i64>, why: &str) -> Result<()> {
    let params = [
        now.into(),
        why.into(),
        now.into(),
        person.into(),
        but.unwrap_or(0).into(),
    ];
    tx.execute(END_OF_PERSON, &params)?;
    Ok(())
}

/// The sign-ins of `goes` are ended and become those of `stays`, who was found to be the same: what they are called there
/// is the name of the one who goes, so none of it is used on.
pub(crate) fn move_to(tx: &mut Tx, now: i64, stays: i64, goes: i64) -> Result<()> {
    end_of_person(tx, now, goes, None, "closed")?;
    tx.execute(OTHER_PERSON, &[stays.into(), goes.into()])?;
    Ok(())
}

/// The same for everybody whom a provider sent.
pub(crate) fn end_of_owner(tx: &mut Tx, now: i64, provider: i64) -> Result<()> {
    tx.execute(END_OF_OWNER, &[now.into(), now.into(), provider.into()])?;
    Ok(())
}

/// Ends everything of an application. It is told nothing: it is switched off.
pub(super) fn end_of_connection(tx: &mut Tx, now: i64, connection: i64) -> Result<()> {
    tx.execute(END_OF_CONNECTION, &[now.into(), connection.into()])?;
    Ok(())
}

/// Forgets everything of somebody who is gone for good.
pub(crate) fn forget_person(tx: &mut Tx, person: i64) -> Result<()> {
    tx.execute(TOKENS_OF_PERSON, &[person.into()])?;
    tx.execute(OF_PERSON_GONE, &[person.into()])?;
    Ok(())
}

/// Forgets sign-ins that expired by `before`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    tx.execute(TOKENS_OF_EXPIRED, &[before.into(), limit.into()])?;
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}

/// Ends the family of a token that came a second time: one of the two was stolen.
///
/// # Errors
/// Any error of the database.
pub fn end_reused(tx: &mut Tx, now: i64, entry: &Entry, application: &str, kind: token::Kind) -> Result<()> {
    if end(tx, now, entry.key, "reused")? {
        let detail = format!(
            "a {kind} came twice; everything of the sign-in {} ended",
            entry.key
        );
        audit::append_named(
            tx,
            entry.workspace,
            now,
            "application",
            "application_signin.refused",
            application,
            &detail,
        )?;
    }
    Ok(())
}
