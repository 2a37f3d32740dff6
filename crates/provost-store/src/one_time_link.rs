//! Links that work once. Only the hash of a link's key is kept.

use crate::{Result, Row, Tx, administrator, audit, word};

macro_rules! columns {
    () => {
        "key, purpose, administrator, created, expires, actor"
    };
}

crate::statements! {
    INSERT = "INSERT INTO one_time_link (hash, key, purpose, administrator, created, expires, used, actor) \
              VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
    LOOK = concat!("SELECT ", columns!(), " FROM one_time_link WHERE hash = $1 AND used = 0 AND expires > $2");
    USE_UP = concat!("UPDATE one_time_link SET used = $1 WHERE hash = $2 AND used = 0 AND expires > $3 RETURNING ", columns!());
    OPEN_OF = concat!("SELECT ", columns!(), " FROM one_time_link WHERE administrator = $1 AND used = 0 AND expires > $2 ORDER BY key");
    END_OF = "DELETE FROM one_time_link WHERE administrator = $1 AND used = 0";
    END_OF_PURPOSE = "DELETE FROM one_time_link WHERE purpose = $1 AND used = 0";
    FORGET = "DELETE FROM one_time_link WHERE hash IN (SELECT l.hash FROM one_time_link l WHERE l.expires <= $1 ORDER BY l.expires LIMIT $2)";
}

word::words! {
    /// What a link is for.
    Purpose, "purpose of a link":
    /// Makes the first administrator.
    Owner = "owner",
    /// An administrator adds a way to sign in.
    Enrol = "enrol",
    /// Opens a session.
    Signin = "signin",
}

/// A link that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The inside key.
    pub key: i64,
    /// What it is for.
    pub purpose: Purpose,
    /// For whom; none for the first administrator.
    pub administrator: Option<i64>,
    /// When it was made.
    pub created: i64,
    /// When it stops working.
    pub expires: i64,
    /// Who made it.
    pub actor: String,
}

fn read(row: &Row) -> Result<Link> {
    Ok(Link {
        key: row.int(0)?,
        purpose: row.str(1)?.parse()?,
        administrator: Some(row.int(2)?).filter(|key| *key > 0),
        created: row.int(3)?,
        expires: row.int(4)?,
        actor: row.text(5)?,
    })
}

/// Keeps a link under the hash of its key, and answers the row's key.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-ADMINISTRATOR-GONE`) for an administrator who is gone.
pub fn make(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    hash: &[u8],
    purpose: Purpose,
    administrator: Option<i64>,
    expires: i64,
) -> Result<i64> {
    let whose = match administrator {
        Some(key) => administrator::get(tx, key)?.email,
        None => String::new(),
    };
    let key = tx.key();
    let params = [
        hash.into(),
        key.into(),
        purpose.as_str().into(),
        administrator.unwrap_or(0).into(),
        now.into(),
        expires.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append_installation(tx, now, actor, "link.make", &whose, purpose.as_str())?;
    Ok(key)
}

/// The link under this hash, if it can be used at `now`: not used, not expired, its administrator not blocked.
///
/// # Errors
/// Any error of the database.
pub fn look(tx: &mut Tx, hash: &[u8], now: i64) -> Result<Option<Link>> {
    let found = tx.first(LOOK, &[hash.into(), now.into()], read)?;
    of_active(tx, found)
}

fn of_active(tx: &mut Tx, found: Option<Link>) -> Result<Option<Link>> {
    let Some(link) = found else {
        return Ok(None);
    };
    let is_good = match link.administrator {
        Some(key) => administrator::by_key(tx, key)?.is_some_and(|a| a.is_active()),
        None => true,
    };
    Ok(is_good.then_some(link))
}

/// Uses a link up. Of several callers at once exactly one is given it; the others, and everybody later, get none.
///
/// # Errors
/// Any error of the database.
pub fn use_up(tx: &mut Tx, hash: &[u8], now: i64) -> Result<Option<Link>> {
    let used = tx.first(USE_UP, &[now.into(), hash.into(), now.into()], read)?;
    let Some(link) = of_active(tx, used)? else {
        return Ok(None);
    };
    let whose = match link.administrator {
        Some(key) => administrator::get(tx, key)?.email,
        None => String::new(),
    };
    audit::append_installation(tx, now, "link", "link.use", &whose, link.purpose.as_str())?;
    Ok(Some(link))
}

/// An administrator's links that can be used at `now`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn open_of(tx: &mut Tx, administrator: i64, now: i64) -> Result<Vec<Link>> {
    tx.query(OPEN_OF, &[administrator.into(), now.into()], read)
}

/// Ends an administrator's links that were not used, and answers how many. Who calls it does more than that, and
/// writes the audit row for all of it.
///
/// # Errors
/// Any error of the database.
pub fn end_of(tx: &mut Tx, administrator: i64) -> Result<u64> {
    tx.execute(END_OF, &[administrator.into()])
}

/// Ends every link of a purpose that was not used, and answers how many: a new link for the first owner ends the
/// one before it.
///
/// # Errors
/// Any error of the database.
pub fn end_all(tx: &mut Tx, purpose: Purpose) -> Result<u64> {
    tx.execute(END_OF_PURPOSE, &[purpose.as_str().into()])
}

/// Forgets links that expired by `now`, used or not, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
