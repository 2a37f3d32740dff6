//! The keys that sign the tokens of a workspace. The private half is sealed.

use super::Algorithm;
use crate::secret::{self, Key as Sealing, Place};
use crate::{Result, Row, Tx, audit};

crate::statements! {
    INSERT = "INSERT INTO application_key (key, workspace, algorithm, kid, public, created, begins, ends) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
    LIST = "SELECT key, algorithm, kid, public, created, begins, ends FROM application_key WHERE workspace = $1 ORDER BY key";
    END = "UPDATE application_key SET ends = $1 WHERE workspace = $2 AND algorithm = $3 AND key <> $4 AND (ends = 0 OR ends > $5)";
    REMOVE = "DELETE FROM application_key WHERE key = $1";
    WORKSPACES = "SELECT DISTINCT workspace FROM application_key";
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The inside key.
    pub key: i64,
    /// For which algorithm.
    pub algorithm: Algorithm,
    /// Its name in tokens.
    pub kid: String,
    /// The public half, as a JWK (RFC 7517).
    pub public: String,
    /// When it was made.
    pub created: i64,
    /// From when it signs.
    pub begins: i64,
    /// Until when it is published; none while it is the newest.
    pub ends: Option<i64>,
}

fn read(row: &Row) -> Result<SigningKey> {
    Ok(SigningKey {
        key: row.int(0)?,
        algorithm: row.str(1)?.parse()?,
        kid: row.text(2)?,
        public: row.text(3)?,
        created: row.int(4)?,
        begins: row.int(5)?,
        ends: Some(row.int(6)?).filter(|at| *at > 0),
    })
}

fn place(key: i64) -> Place<'static> {
    Place {
        table: "application_key",
        owner: key,
        field: "private",
    }
}

/// A key to be kept.
#[derive(Clone, Copy)]
pub struct New<'a> {
    /// For which algorithm.
    pub algorithm: Algorithm,
    /// Its name in tokens.
    pub kid: &'a str,
    /// The public half, as a JWK.
    pub public: &'a str,
    /// The private half, as text.
    pub private: &'a str,
    /// From when it signs.
    pub begins: i64,
    /// Until when those before it are published.
    pub others_end: i64,
}

/// Keeps a new key, which takes the place of those before it when it begins.
///
/// # Errors
/// Any error of sealing or of the database.
pub fn add(
    tx: &mut Tx,
    sealing: &Sealing,
    actor: &str,
    now: i64,
    workspace: i64,
    new: &New,
) -> Result<SigningKey> {
    let key = tx.key();
    let params = [
        key.into(),
        workspace.into(),
        new.algorithm.as_str().into(),
        new.kid.into(),
        new.public.into(),
        now.into(),
        new.begins.into(),
    ];
    tx.execute(INSERT, &params)?;
    secret::put(tx, sealing, now, &place(key), new.private)?;
    let end = new.others_end;
    let params = [
        end.into(),
        workspace.into(),
        new.algorithm.as_str().into(),
        key.into(),
        end.into(),
    ];
    tx.execute(END, &params)?;
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "application_key.add",
        new.kid,
        new.algorithm.as_str(),
    )?;
    Ok(SigningKey {
        key,
        algorithm: new.algorithm,
        kid: new.kid.to_owned(),
        public: new.public.to_owned(),
        created: now,
        begins: new.begins,
        ends: None,
    })
}

/// The keys of a workspace, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64) -> Result<Vec<SigningKey>> {
    tx.query(LIST, &[workspace.into()], read)
}

/// The private half of a key.
///
/// # Errors
/// [`crate::Error::Damaged`] when it does not open.
pub fn private(tx: &mut Tx, sealing: &Sealing, key: i64) -> Result<Option<String>> {
    secret::get(tx, sealing, &place(key))
}

/// Forgets a key whose time is over.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, now: i64, workspace: i64, key: &SigningKey) -> Result<()> {
    tx.execute(REMOVE, &[key.key.into()])?;
    secret::wipe(tx, "application_key", key.key)?;
    audit::append_named(
        tx,
        workspace,
        now,
        "schedule",
        "application_key.remove",
        &key.kid,
        "its time is over",
    )
}

/// The workspaces that have keys.
///
/// # Errors
/// Any error of the database.
pub fn workspaces(tx: &mut Tx) -> Result<Vec<i64>> {
    tx.query(WORKSPACES, &[], |r| r.int(0))
}
