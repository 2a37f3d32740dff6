//! The provisioning log: what happened to each object in each target, step by step.

use crate::directory::{kind_number, kind_of};
use crate::{Result, Tx};
use provost_engine::object::Kind;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "at, connection, cycle, kind, object, object_id, label, action, status, reason, detail"
    };
}

crate::statements! {
    APPEND = "INSERT INTO provisioning_log (key, workspace, connection, cycle, at, kind, object, object_id, label, \
              action, status, reason, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    OF_CONNECTION = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE connection = $1 ORDER BY key DESC LIMIT $2");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE object = $1 ORDER BY key DESC LIMIT $2");
    REMOVALS = "SELECT COUNT(*) FROM provisioning_log WHERE connection = $1 AND at > $2 AND status = 'success' \
                AND action IN ($3, $4)";
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The connection.
    pub connection: i64,
    /// The cycle it happened in.
    pub cycle: i64,
    /// Person or group.
    pub kind: Kind,
    /// The object's key.
    pub object: i64,
    /// The object's public id.
    pub object_id: Uuid,
    /// What to call it.
    pub label: String,
    /// The step's action.
    pub action: String,
    /// `success`, `failure` or `skipped`.
    pub status: String,
    /// Why, for people; with a code for a failure.
    pub reason: String,
    /// The modified attributes' names, or the request's trace, as JSON. Never a secret.
    pub detail: String,
}

/// Writes a line.
///
/// # Errors
/// Any error of the database.
pub fn append(tx: &mut Tx, workspace: i64, entry: &Entry) -> Result<()> {
    let key = tx.key();
    let params = [
        key.into(),
        workspace.into(),
        entry.connection.into(),
        entry.cycle.into(),
        entry.at.into(),
        kind_number(entry.kind).into(),
        entry.object.into(),
        entry.object_id.into(),
        (&entry.label).into(),
        (&entry.action).into(),
        (&entry.status).into(),
        (&entry.reason).into(),
        (&entry.detail).into(),
    ];
    tx.execute(APPEND, &params)?;
    Ok(())
}

fn read(row: &crate::Row) -> Result<Entry> {
    Ok(Entry {
        at: row.int(0)?,
        connection: row.int(1)?,
        cycle: row.int(2)?,
        kind: kind_of(row.int(3)?),
        object: row.int(4)?,
        object_id: row.uuid(5)?,
        label: row.text(6)?,
        action: row.text(7)?,
        status: row.text(8)?,
        reason: row.text(9)?,
        detail: row.text(10)?,
    })
}

/// A connection's newest lines, newest first.
///
/// # Errors
/// Any error of the database.
pub fn of_connection(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(OF_CONNECTION, &[connection.into(), limit.into()], read)
}

/// An object's newest lines in every target, newest first, also when it is gone.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, object: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(OF_OBJECT, &[object.into(), limit.into()], read)
}

/// How many objects and memberships were taken away in the target since a moment: the guard's rolling counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removals {
    /// Accounts and groups that were deleted or disabled.
    pub objects: i64,
    /// Memberships that were removed.
    pub members: i64,
}

/// Counts the removals of a connection after `since`, across cycles and restarts.
///
/// # Errors
/// Any error of the database.
pub fn removals_since(tx: &mut Tx, connection: i64, since: i64) -> Result<Removals> {
    let mut count = |one: &str, other: &str| {
        let params = [connection.into(), since.into(), one.into(), other.into()];
        tx.first(REMOVALS, &params, |r| r.int(0)).map(|n| n.unwrap_or(0))
    };
    Ok(Removals {
        objects: count("delete", "disable")?,
        members: count("remove member", "remove member")?,
    })
}
