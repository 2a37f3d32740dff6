//! Sessions of administrators. Only the hash of the cookie is kept. Who relies on a session also looks at the
//! administrator's state and stamp, which [`find`] hands over beside it.

use crate::administrator::{self, Administrator, Grant};
use crate::{Error, Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "s.key, s.administrator, s.stamp, s.method, s.csrf, s.created, s.seen, s.fresh, s.expires, s.address, s.agent"
    };
}

crate::statements! {
    OPEN = "INSERT INTO session (hash, key, administrator, stamp, method, csrf, created, seen, fresh, expires, address, agent) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    FIND = concat!("SELECT ", columns!(), ", ", administrator::columns!(), " FROM session s \
            JOIN administrator a ON a.key = s.administrator WHERE s.hash = $1");
    TOUCH = "UPDATE session SET seen = $1 WHERE key = $2 AND seen < $3";
    FRESHEN = "UPDATE session SET fresh = $1, method = $2 WHERE key = $3 RETURNING administrator";
    LIST = concat!("SELECT ", columns!(), " FROM session s WHERE s.administrator = $1 ORDER BY s.key DESC LIMIT 200");
    END = "DELETE FROM session WHERE key = $1 RETURNING administrator, address";
    END_ALL = "DELETE FROM session WHERE administrator = $1 AND key <> $2";
    KEEP = "UPDATE session SET stamp = $1 WHERE key = $2 AND administrator = $3";
    FORGET = "DELETE FROM session WHERE hash IN (SELECT s.hash FROM session s WHERE s.expires <= $1 ORDER BY s.expires LIMIT $2)";
}

word::words! {
    /// How somebody proved who they are.
    Method, "way to sign in":
    /// A link that works once.
    Link = "link",
    /// A passkey.
    Passkey = "passkey",
    /// A password alone.
    Password = "password",
    /// A password and a one-time or recovery code.
    Code = "code",
    /// Another system, by OpenID Connect.
    Provider = "provider",
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The inside key.
    pub key: i64,
    /// Whose it is.
    pub administrator: i64,
    /// The administrator's stamp when it was opened: it is over when the administrator has a newer one.
    pub stamp: i64,
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

/// Columns of [`Session`]; the administrator's follow.
const WIDTH: usize = 11;

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        key: row.int(0)?,
        administrator: row.int(1)?,
        stamp: row.int(2)?,
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
    pub administrator: i64,
    /// How they proved who they are.
    pub method: Method,
    /// What every form must carry.
    pub csrf: &'a str,
    /// When they proved who they are: earlier than now when another system did it and says when.
    pub fresh: i64,
    /// When it ends at the latest.
    pub expires: i64,
    /// The network address of the browser.
    pub address: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// Opens a session under the hash of its cookie, and notes the sign-in. The administrator is looked at in this
/// very transaction: who was blocked while the sign-in was under way gets none. Answers its key.
///
/// # Errors
/// [`Error::Refused`] for an administrator who is blocked (`PRV-ADMINISTRATOR-BLOCKED`) or gone
/// (`PRV-ADMINISTRATOR-GONE`).
pub fn open(tx: &mut Tx, now: i64, hash: &[u8], new: &New) -> Result<i64> {
    let administrator = administrator::get(tx, new.administrator)?;
    if !administrator.is_active() {
        return Err(Error::refused(
            "PRV-ADMINISTRATOR-BLOCKED",
            format!("{} is blocked", administrator.name),
            "Ask an owner of this installation.",
        ));
    }
    let key = tx.key();
    let params = [
        hash.into(),
        key.into(),
        administrator.key.into(),
        administrator.stamp.into(),
        new.method.as_str().into(),
        new.csrf.into(),
        now.into(),
        now.into(),
        new.fresh.min(now).into(),
        new.expires.into(),
        new.address.into(),
        new.agent.into(),
    ];
    tx.execute(OPEN, &params)?;
    administrator::note_signin(tx, now, administrator.key)?;
    let detail = format!("by {}, from {}", new.method, new.address);
    let (actor, email) = (administrator.actor(), &administrator.email);
    audit::append_installation(tx, now, &actor, "session.open", email, &detail)?;
    Ok(key)
}

/// The session under the hash of a cookie, its administrator and their roles, as they are now. Whether it still
/// counts is for the caller to decide, in one place.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, hash: &[u8]) -> Result<Option<(Session, Administrator, Vec<Grant>)>> {
    let found = tx.first(FIND, &[hash.into()], |row| {
        Ok((read(row)?, administrator::read_at(row, WIDTH)?))
    })?;
    let Some((session, administrator)) = found else {
        return Ok(None);
    };
    let grants = administrator::grants(tx, administrator.key)?;
    Ok(Some((session, administrator, grants)))
}

/// Notes that a session was used.
///
/// # Errors
/// Any error of the database.
pub fn touch(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(TOUCH, &[now.into(), key.into(), now.into()])?;
    Ok(())
}

/// Notes that somebody proved again who they are. `false`: the session is gone.
///
/// # Errors
/// Any error of the database.
pub fn freshen(tx: &mut Tx, key: i64, now: i64, method: Method) -> Result<bool> {
    let params = [now.into(), method.as_str().into(), key.into()];
    let Some(administrator) = tx.first(FRESHEN, &params, |r| r.int(0))? else {
        return Ok(false);
    };
    let administrator = administrator::get(tx, administrator)?;
    let (actor, detail) = (administrator.actor(), format!("by {method}"));
    audit::append_installation(tx, now, &actor, "session.confirm", &administrator.email, &detail)?;
    Ok(true)
}

/// An administrator's sessions, newest first, at most 200.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, administrator: i64) -> Result<Vec<Session>> {
    tx.query(LIST, &[administrator.into()], read)
}

/// Ends a session. `false`: it is gone already.
///
/// # Errors
/// Any error of the database.
pub fn end(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<bool> {
    let found = tx.first(END, &[key.into()], |r| Ok((r.int(0)?, r.text(1)?)))?;
    let Some((administrator, address)) = found else {
        return Ok(false);
    };
    let email = administrator::by_key(tx, administrator)?.map_or_else(String::new, |a| a.email);
    audit::append_installation(tx, now, actor, "session.end", &email, &format!("from {address}"))?;
    Ok(true)
}

/// Ends an administrator's sessions, but for the one with the key `but`, and answers how many there were. Their
/// stamp rises, so that one which is being opened elsewhere ends as well.
///
/// # Errors
/// [`Error::Refused`] for an administrator who is gone (`PRV-ADMINISTRATOR-GONE`).
pub fn end_all_of(tx: &mut Tx, actor: &str, now: i64, administrator: i64, but: Option<i64>) -> Result<u64> {
    let ended = tx.execute(END_ALL, &[administrator.into(), but.unwrap_or(0).into()])?;
    administrator::raise_stamp(tx, administrator)?;
    let whose = administrator::get(tx, administrator)?;
    if let Some(kept) = but {
        tx.execute(KEEP, &[whose.stamp.into(), kept.into(), administrator.into()])?;
    }
    let detail = format!("{ended} sessions");
    audit::append_installation(tx, now, actor, "session.end_all", &whose.email, &detail)?;
    Ok(ended)
}

/// Ends every session of somebody who is blocked or removed: that has an audit row of its own.
pub(crate) fn drop_all_of(tx: &mut Tx, administrator: i64) -> Result<()> {
    tx.execute(END_ALL, &[administrator.into(), 0_i64.into()])?;
    Ok(())
}

/// Forgets sessions that ended by `now`, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
