//! Who is assigned to a connection: people, and groups for their members. Every change asks for the people
//! concerned to be looked at, so that no new initial cycle is needed.

mod reach;

pub(crate) use reach::STATEMENTS as REACH_STATEMENTS;
pub use reach::{Inside, covers, effective, inside, people_of};

use crate::connection::Connection;
use crate::directory::{Object, kind_of};
use crate::{Result, Row, Tx, audit, directory, microsoft_365, revisit};
use provost_engine::object::Kind;
use uuid::Uuid;

crate::statements! {
    INSERT = "INSERT INTO assignment (connection, object, created, actor) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM assignment WHERE connection = $1 AND object = $2";
    FORGET = "DELETE FROM assignment WHERE object = $1";
    LIST = "SELECT a.object, o.id, COALESCE(o.kind, d.kind), COALESCE(o.label, d.label, ''), a.created, a.actor \
            FROM assignment a LEFT JOIN object o ON o.key = a.object LEFT JOIN deleted_object d ON d.key = a.object \
            WHERE a.connection = $1 AND a.object > $2 ORDER BY a.object LIMIT $3";
    HAS = "SELECT 1 FROM assignment WHERE connection = $1 AND object = $2";
    KEYS = "SELECT object FROM assignment WHERE connection = $1 ORDER BY object";
    COUNT = "SELECT COUNT(*) FROM assignment WHERE connection = $1";
    TO = "SELECT connection FROM assignment WHERE object = $1 ORDER BY connection";
}

/// Somebody who is assigned directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The inside key.
    pub object: i64,
    /// The public id; none while the object is deleted.
    pub id: Option<Uuid>,
    /// Person or group.
    pub kind: Kind,
    /// What to call it.
    pub label: String,
    /// When it was assigned.
    pub created: i64,
    /// Who assigned it.
    pub actor: String,
}

fn read(row: &Row) -> Result<Assigned> {
    Ok(Assigned {
        object: row.int(0)?,
        id: row.uuid_or_null(1)?,
        kind: kind_of(row.int_or_null(2)?.unwrap_or(0)),
        label: row.text(3)?,
        created: row.int(4)?,
        actor: row.text(5)?,
    })
}

/// Assigns a person or a group. `false`: it was assigned already.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-PROVIDER-NOT-ASSIGNABLE`) while nobody can be assigned to the connection's provider.
pub fn add(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, object: &Object) -> Result<bool> {
    microsoft_365::refuse_unassignable(tx, connection.key)?;
    let params = [connection.key.into(), object.key.into(), now.into(), actor.into()];
    if tx.execute(INSERT, &params)? == 0 {
        return Ok(false);
    }
    ask(tx, now, connection, object.key, object.kind, "assigned")?;
    let (workspace, detail) = (connection.workspace, format!("to {}", connection.name));
    audit::append(tx, workspace, now, actor, "assignment.add", object.id, &detail)?;
    Ok(true)
}

/// Ends an assignment, also of an object that is deleted. `false`: there was none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, object: i64) -> Result<bool> {
    if tx.execute(DELETE, &[connection.key.into(), object.into()])? == 0 {
        return Ok(false);
    }
    let found = directory::by_key(tx, object)?;
    let kind = found.as_ref().map_or(Kind::Person, |object| object.kind);
    ask(tx, now, connection, object, kind, "unassigned")?;
    let subject = found.map_or_else(|| format!("object {object}"), |object| object.id.to_string());
    let (workspace, detail) = (connection.workspace, format!("from {}", connection.name));
    audit::append_named(tx, workspace, now, actor, "assignment.remove", &subject, &detail)?;
    Ok(true)
}

/// Has the people concerned looked at: the object, and the members of a group.
fn ask(tx: &mut Tx, now: i64, connection: &Connection, object: i64, kind: Kind, reason: &str) -> Result<()> {
    let mut keys = vec![object];
    if kind == Kind::Group {
        keys.extend(people_of(tx, object, connection.preferences.nested)?);
    }
    revisit::ask_all(tx, connection.key, &keys, now, reason)
}

/// Who is assigned to a connection directly, with keys above `after`.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, after: i64, limit: i64) -> Result<Vec<Assigned>> {
    tx.query(LIST, &[connection.into(), after.into(), limit.into()], read)
}

/// Whether an object is assigned directly.
///
/// # Errors
/// Any error of the database.
pub fn contains(tx: &mut Tx, connection: i64, object: i64) -> Result<bool> {
    Ok(tx
        .first(HAS, &[connection.into(), object.into()], |_| Ok(()))?
        .is_some())
}

/// The keys of what is assigned directly, in order.
///
/// # Errors
/// Any error of the database.
pub fn set(tx: &mut Tx, connection: i64) -> Result<Vec<i64>> {
    tx.query(KEYS, &[connection.into()], |r| r.int(0))
}

/// How many people and groups are assigned directly.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, connection: i64) -> Result<i64> {
    Ok(tx.first(COUNT, &[connection.into()], |r| r.int(0))?.unwrap_or(0))
}

/// The keys of the connections that an object is assigned to directly.
///
/// # Errors
/// Any error of the database.
pub fn connections(tx: &mut Tx, object: i64) -> Result<Vec<i64>> {
    tx.query(TO, &[object.into()], |r| r.int(0))
}

/// Forgets the assignments of an object that is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}
