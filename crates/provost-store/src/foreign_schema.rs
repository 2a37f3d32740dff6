//! The unchanged rest of an imported synchronization schema, so that it can be exported without loss.

use crate::connection::Connection;
use crate::{Error, Result, Tx, audit};
use serde_json::Value;

crate::statements! {
    GET = "SELECT definition, imported FROM foreign_schema WHERE connection = $1";
    PUT = "INSERT INTO foreign_schema (connection, definition, imported) VALUES ($1, $2, $3) \
           ON CONFLICT (connection) DO UPDATE SET definition = excluded.definition, imported = excluded.imported";
    REMOVE = "DELETE FROM foreign_schema WHERE connection = $1";
}

/// A schema as it was imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// The whole file.
    pub definition: Value,
    /// When it was imported.
    pub imported: i64,
}

/// The schema that was imported into a connection, if one was.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64) -> Result<Option<Foreign>> {
    tx.first(GET, &[connection.into()], |r| {
        let definition = serde_json::from_str(r.str(0)?)
            .map_err(|e| Error::Damaged(format!("an imported synchronization schema: {e}")))?;
        let imported = r.int(1)?;
        Ok(Foreign { definition, imported })
    })
}

/// Keeps an imported schema in the place of an older one.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, definition: &Value) -> Result<()> {
    let text = definition.to_string();
    tx.execute(PUT, &[connection.key.into(), (&text).into(), now.into()])?;
    let (workspace, name) = (connection.workspace, &connection.name);
    let detail = format!("{} bytes", text.len());
    audit::append_named(tx, workspace, now, actor, "schema.import", name, &detail)
}

/// Forgets the imported schema. `false`: there was none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection) -> Result<bool> {
    let done = tx.execute(REMOVE, &[connection.key.into()])? > 0;
    if done {
        let (workspace, name) = (connection.workspace, &connection.name);
        audit::append_named(tx, workspace, now, actor, "schema.forget", name, "")?;
    }
    Ok(done)
}
