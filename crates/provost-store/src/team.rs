//! Teams: a part of a workspace that people are placed in.

use crate::word::check_name;
use crate::{Result, Row, Tx, audit};
use uuid::Uuid;

crate::statements! {
    INSERT = "INSERT INTO team (key, id, workspace, name, created) VALUES ($1, $2, $3, $4, $5)";
    BY_NAME = "SELECT key, id, workspace, name, created FROM team WHERE workspace = $1 AND name = $2";
    ALL = "SELECT key, id, workspace, name, created FROM team WHERE workspace = $1 ORDER BY name";
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The workspace it is part of.
    pub workspace: i64,
    /// Its name, unique in the workspace.
    pub name: String,
    /// When it was made.
    pub created: i64,
}

fn read(row: &Row) -> Result<Team> {
    Ok(Team {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        name: row.text(3)?,
        created: row.int(4)?,
    })
}

/// Makes a team with the public id `id`.
///
/// # Errors
/// [`crate::Error::Conflict`] when the name is taken in the workspace; [`crate::Error::Refused`] for a name
/// that is not possible.
pub fn create(tx: &mut Tx, actor: &str, now: i64, workspace: i64, id: Uuid, name: &str) -> Result<Team> {
    check_name("team", name)?;
    let key = tx.key();
    let params = [key.into(), id.into(), workspace.into(), name.into(), now.into()];
    tx.execute(INSERT, &params)?;
    audit::append(tx, workspace, now, actor, "team.create", id, name)?;
    Ok(Team {
        key,
        id,
        workspace,
        name: name.to_owned(),
        created: now,
    })
}

/// The workspace's team of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Team>> {
    tx.first(BY_NAME, &[workspace.into(), name.into()], read)
}

/// The workspace's teams by name.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<Team>> {
    tx.query(ALL, &[workspace.into()], read)
}
