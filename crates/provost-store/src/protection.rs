//! Protected people and groups: their removal always waits for a person, in one connection or in all.

use crate::connection::Connection;
use crate::directory::{Object, kind_of};
use crate::{Result, Row, Tx, audit};
use provost_engine::object::Kind;
use std::collections::HashSet;
use uuid::Uuid;

crate::statements! {
    INSERT = "INSERT INTO protection (key, workspace, connection, object, reason, created, actor) \
              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, connection, object) DO UPDATE SET \
              reason = excluded.reason, created = excluded.created, actor = excluded.actor";
    GET = "SELECT object, connection FROM protection WHERE key = $1 AND workspace = $2";
    DELETE = "DELETE FROM protection WHERE key = $1";
    FORGET = "DELETE FROM protection WHERE object = $1";
    LIST = "SELECT p.key, p.connection, p.object, COALESCE(o.id, d.id), COALESCE(o.kind, d.kind), \
            COALESCE(o.label, d.label, ''), p.reason, p.created, p.actor FROM protection p \
            LEFT JOIN object o ON o.key = p.object LEFT JOIN deleted_object d ON d.key = p.object \
            WHERE p.workspace = $1 AND p.key > $2 ORDER BY p.key LIMIT $3";
    LIST_OF_CONNECTION = "SELECT p.key, p.connection, p.object, COALESCE(o.id, d.id), COALESCE(o.kind, d.kind), \
            COALESCE(o.label, d.label, ''), p.reason, p.created, p.actor FROM protection p \
            LEFT JOIN object o ON o.key = p.object LEFT JOIN deleted_object d ON d.key = p.object \
            WHERE p.workspace = $1 AND p.connection IN (0, $2) AND p.key > $3 ORDER BY p.key LIMIT $4";
    HAS = "SELECT 1 FROM protection WHERE workspace = $1 AND connection IN (0, $2) AND object = $3";
    KEYS = "SELECT object FROM protection WHERE workspace = $1 AND connection IN (0, $2)";
}

/// A protected person or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// The inside key.
    pub key: i64,
    /// The connection it holds in; none for all of the workspace.
    pub connection: Option<i64>,
    /// The object's inside key.
    pub object: i64,
    /// The object's public id; none when it is gone for good.
    pub id: Option<Uuid>,
    /// Person or group.
    pub kind: Kind,
    /// What to call it.
    pub label: String,
    /// Why it is protected.
    pub reason: String,
    /// When it was protected.
    pub created: i64,
    /// Who protected it.
    pub actor: String,
}

fn read(row: &Row) -> Result<Protected> {
    Ok(Protected {
        key: row.int(0)?,
        connection: Some(row.int(1)?).filter(|key| *key != 0),
        object: row.int(2)?,
        id: row.uuid_or_null(3)?,
        kind: kind_of(row.int_or_null(4)?.unwrap_or(0)),
        label: row.text(5)?,
        reason: row.text(6)?,
        created: row.int(7)?,
        actor: row.text(8)?,
    })
}

/// Protects a person or a group in one connection, or (none) in all of its workspace. Done again, the new
/// reason holds.
///
/// # Errors
/// Any error of the database.
pub fn add(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: Option<&Connection>,
    object: &Object,
    reason: &str,
) -> Result<()> {
    let key = tx.key();
    let params = [
        key.into(),
        object.workspace.into(),
        connection.map_or(0, |c| c.key).into(),
        object.key.into(),
        reason.into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    let place = connection.map_or("every connection", |c| c.name.as_str());
    let detail = format!("in {place}: {reason}");
    audit::append(
        tx,
        object.workspace,
        now,
        actor,
        "protection.add",
        object.id,
        &detail,
    )
}

/// Ends a protection. `false`: the workspace has no such one.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, workspace: i64, key: i64) -> Result<bool> {
    let found = tx.first(GET, &[key.into(), workspace.into()], |r| {
        Ok((r.int(0)?, r.int(1)?))
    })?;
    let Some((object, connection)) = found else {
        return Ok(false);
    };
    tx.execute(DELETE, &[key.into()])?;
    let subject = match crate::directory::by_key(tx, object)? {
        Some(object) => object.id.to_string(),
        None => format!("object {object}"),
    };
    let detail = if connection == 0 {
        "in every connection".to_owned()
    } else {
        format!("in connection {connection}")
    };
    audit::append_named(tx, workspace, now, actor, "protection.remove", &subject, &detail)?;
    Ok(true)
}

/// What is protected in a workspace, or (with a connection) what holds in that connection, with keys above
/// `after`.
///
/// # Errors
/// Any error of the database.
pub fn list(
    tx: &mut Tx,
    workspace: i64,
    connection: Option<i64>,
    after: i64,
    limit: i64,
) -> Result<Vec<Protected>> {
    let (space, after, limit) = (workspace.into(), after.into(), limit.into());
    match connection {
        None => tx.query(LIST, &[space, after, limit], read),
        Some(key) => tx.query(LIST_OF_CONNECTION, &[space, key.into(), after, limit], read),
    }
}

/// Whether an object is protected in a connection.
///
/// # Errors
/// Any error of the database.
pub fn is_protected(tx: &mut Tx, workspace: i64, connection: i64, object: i64) -> Result<bool> {
    let params = [workspace.into(), connection.into(), object.into()];
    Ok(tx.first(HAS, &params, |_| Ok(()))?.is_some())
}

/// The keys of everything that is protected in a connection.
///
/// # Errors
/// Any error of the database.
pub fn set(tx: &mut Tx, workspace: i64, connection: i64) -> Result<HashSet<i64>> {
    let mut keys = HashSet::new();
    tx.for_each(KEYS, &[workspace.into(), connection.into()], |r| {
        keys.insert(r.int(0)?);
        Ok(true)
    })?;
    Ok(keys)
}

/// Forgets the protection of an object that is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}
