//! Workspaces: the container of one organisation. Every other row carries a workspace's key.

use crate::{Result, Tx, audit};
use uuid::Uuid;

crate::statements! {
    INSERT = "INSERT INTO workspace (key, id, name, created) VALUES ($1, $2, $3, $4)";
    BY_NAME = "SELECT key, id, name FROM workspace WHERE name = $1";
    BY_ID = "SELECT key, id, name FROM workspace WHERE id = $1";
    BY_KEY = "SELECT key, id, name FROM workspace WHERE key = $1";
    ALL = "SELECT key, id, name FROM workspace ORDER BY name";
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// Its name, unique in this installation.
    pub name: String,
}

fn read(row: &crate::Row) -> Result<Workspace> {
    Ok(Workspace {
        key: row.int(0)?,
        id: row.uuid(1)?,
        name: row.text(2)?,
    })
}

/// Makes a workspace.
///
/// # Errors
/// [`crate::Error::Conflict`] when the name is taken.
pub fn create(tx: &mut Tx, actor: &str, now: i64, id: Uuid, name: &str) -> Result<Workspace> {
    let key = tx.key();
    tx.execute(INSERT, &[key.into(), id.into(), name.into(), now.into()])?;
    audit::append(tx, key, now, actor, "workspace.create", id, name)?;
    Ok(Workspace {
        key,
        id,
        name: name.to_owned(),
    })
}

/// The workspace of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Workspace>> {
    tx.first(BY_NAME, &[name.into()], read)
}

/// The workspace with this public id.
///
/// # Errors
/// Any error of the database.
pub fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Workspace>> {
    tx.first(BY_ID, &[id.into()], read)
}

/// The workspace with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Workspace>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// All workspaces by name.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx) -> Result<Vec<Workspace>> {
    tx.query(ALL, &[], read)
}
