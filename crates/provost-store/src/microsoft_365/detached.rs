//! Assignments that outlive their provider: kept when it is removed, offered again to the next provider of the same
//! domain.

use super::Provider;
use crate::connection::Connection;
use crate::directory::kind_of;
use crate::{Result, Row, Tx, assignment, audit, directory};
use provost_engine::object::Kind;
use uuid::Uuid;

crate::statements! {
    DETACH = "INSERT INTO detached_assignment (workspace, domain, object, assigned, detached, actor) \
              SELECT $1, $2, a.object, a.created, $3, $4 FROM assignment a WHERE a.connection = $5 \
              ON CONFLICT (workspace, domain, object) DO NOTHING";
    LIST = "SELECT t.object, o.id, COALESCE(o.kind, d.kind), COALESCE(o.label, d.label, ''), t.assigned, t.detached, t.actor \
            FROM detached_assignment t LEFT JOIN object o ON o.key = t.object LEFT JOIN deleted_object d ON d.key = t.object \
            WHERE t.workspace = $1 AND t.domain = $2 AND t.object > $3 ORDER BY t.object LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM detached_assignment WHERE workspace = $1 AND domain = $2";
    TAKE = "DELETE FROM detached_assignment WHERE workspace = $1 AND domain = $2 AND object = $3";
    CLEAR = "DELETE FROM detached_assignment WHERE workspace = $1 AND domain = $2";
    FORGET = "DELETE FROM detached_assignment WHERE object = $1";
}

/// Somebody who was assigned to a provider that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// The inside key.
    pub object: i64,
    /// The public id; none while the object is deleted.
    pub id: Option<Uuid>,
    /// Person or group.
    pub kind: Kind,
    /// What to call it.
    pub label: String,
    /// When it was assigned.
    pub assigned: i64,
    /// When the provider was removed.
    pub detached: i64,
    /// Who removed it.
    pub actor: String,
}

fn read(row: &Row) -> Result<Detached> {
    Ok(Detached {
        object: row.int(0)?,
        id: row.uuid_or_null(1)?,
        kind: kind_of(row.int_or_null(2)?.unwrap_or(0)),
        label: row.text(3)?,
        assigned: row.int(4)?,
        detached: row.int(5)?,
        actor: row.text(6)?,
    })
}

/// Keeps every direct assignment of the provider's connection. The assignments themselves stay until the connection
/// goes; what is kept already stays as it is. Answers how many were added.
///
/// # Errors
/// Any error of the database.
pub fn detach_all(tx: &mut Tx, actor: &str, now: i64, provider: &Provider) -> Result<i64> {
    let Some(connection) = provider.connection else {
        return Ok(0);
    };
    let params = [
        provider.workspace.into(),
        (&provider.domain).into(),
        now.into(),
        actor.into(),
        connection.into(),
    ];
    let kept = tx.execute(DETACH, &params)?;
    if kept > 0 {
        let (workspace, detail) = (provider.workspace, format!("{kept} of {}", provider.domain));
        audit::append_named(
            tx,
            workspace,
            now,
            actor,
            "microsoft_365.detach",
            &provider.name,
            &detail,
        )?;
    }
    Ok(i64::try_from(kept).unwrap_or(i64::MAX))
}

/// Who is kept for a domain, with keys above `after`.
///
/// # Errors
/// Any error of the database.
pub fn detached(tx: &mut Tx, workspace: i64, domain: &str, after: i64, limit: i64) -> Result<Vec<Detached>> {
    let params = [workspace.into(), domain.into(), after.into(), limit.into()];
    tx.query(LIST, &params, read)
}

/// How many are kept for a domain.
///
/// # Errors
/// Any error of the database.
pub fn detached_count(tx: &mut Tx, workspace: i64, domain: &str) -> Result<i64> {
    let found = tx.first(COUNT, &[workspace.into(), domain.into()], |r| r.int(0))?;
    Ok(found.unwrap_or(0))
}

/// Assigns somebody again who is kept for the provider's domain. `false`: nobody is kept under this key, or they are
/// deleted; then they stay kept.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-PROVIDER-NOT-ASSIGNABLE`) as [`assignment::add`].
pub fn reattach(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    connection: &Connection,
    object: i64,
) -> Result<bool> {
    let Some(found) = directory::by_key(tx, object)? else {
        return Ok(false);
    };
    let params = [
        provider.workspace.into(),
        (&provider.domain).into(),
        object.into(),
    ];
    if tx.execute(TAKE, &params)? == 0 {
        return Ok(false);
    }
    assignment::add(tx, actor, now, connection, &found)?;
    Ok(true)
}

/// Forgets everybody who is kept for a domain: nobody is offered again. Answers how many there were.
///
/// # Errors
/// Any error of the database.
pub fn forget_detached(tx: &mut Tx, actor: &str, now: i64, workspace: i64, domain: &str) -> Result<i64> {
    let gone = tx.execute(CLEAR, &[workspace.into(), domain.into()])?;
    if gone > 0 {
        let detail = format!("{gone} people and groups");
        audit::append_named(tx, workspace, now, actor, "microsoft_365.forget", domain, &detail)?;
    }
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Forgets an object that is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}
