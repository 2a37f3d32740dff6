//! Inbound providers: who pushes people and groups into a workspace.

use crate::directory::Owner;
use crate::{Result, Tx, audit};
use uuid::Uuid;

crate::statements! {
    INSERT = "INSERT INTO inbound_provider (key, id, workspace, name, role, team, created) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    BY_NAME = "SELECT key, id, workspace, name, role, team FROM inbound_provider WHERE workspace = $1 AND name = $2";
    BY_KEY = "SELECT key, id, workspace, name, role, team FROM inbound_provider WHERE key = $1";
    ALL = "SELECT key, id, workspace, name, role, team FROM inbound_provider WHERE workspace = $1 ORDER BY name";
}

/// An inbound provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The inside key; also the owner key of the objects it pushed.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The workspace it pushes into.
    pub workspace: i64,
    /// Its name, unique in the workspace.
    pub name: String,
    /// The role that its people get.
    pub role: String,
    /// The team that its people get.
    pub team: Option<String>,
}

impl Provider {
    /// Whose objects its tokens see and touch.
    pub fn owner(&self) -> Owner {
        Owner {
            workspace: self.workspace,
            key: self.key,
        }
    }
}

fn read(row: &crate::Row) -> Result<Provider> {
    Ok(Provider {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        name: row.text(3)?,
        role: row.text(4)?,
        team: row.text_or_null(5)?,
    })
}

/// What a new provider is made of.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The public id to give it.
    pub id: Uuid,
    /// The workspace's key.
    pub workspace: i64,
    /// Its name.
    pub name: &'a str,
    /// The role that its people get.
    pub role: &'a str,
    /// The team that its people get.
    pub team: Option<&'a str>,
}

/// Makes an inbound provider.
///
/// # Errors
/// [`crate::Error::Conflict`] when the name is taken in the workspace.
pub fn create(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Provider> {
    let key = tx.key();
    tx.execute(
        INSERT,
        &[
            key.into(),
            new.id.into(),
            new.workspace.into(),
            new.name.into(),
            new.role.into(),
            new.team.into(),
            now.into(),
        ],
    )?;
    audit::append(tx, new.workspace, now, actor, "provider.create", new.id, new.name)?;
    Ok(Provider {
        key,
        id: new.id,
        workspace: new.workspace,
        name: new.name.to_owned(),
        role: new.role.to_owned(),
        team: new.team.map(str::to_owned),
    })
}

/// The workspace's provider of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Provider>> {
    tx.first(BY_NAME, &[workspace.into(), name.into()], read)
}

/// The provider with this key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Provider>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The workspace's providers by name.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<Provider>> {
    tx.query(ALL, &[workspace.into()], read)
}
