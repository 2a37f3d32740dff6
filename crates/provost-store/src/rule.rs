//! Rules of a connection, kept as the engine's JSON.

use crate::directory::{kind_number, kind_of};
use crate::{Error, Result, Tx, audit};
use provost_engine::object::Kind;

crate::statements! {
    PUT = "INSERT INTO rule (key, connection, position, kind, name, definition) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (connection, name) DO UPDATE SET definition = excluded.definition, position = excluded.position, \
           kind = excluded.kind";
    OF_CONNECTION = "SELECT key, kind, name, definition FROM rule WHERE connection = $1 ORDER BY kind, position, key";
}

/// A stored rule.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The inside key: links belong to it.
    pub key: i64,
    /// People or groups.
    pub kind: Kind,
    /// Its name, unique in the connection.
    pub name: String,
    /// The rule itself.
    pub rule: provost_engine::rule::Rule,
}

/// Keeps a rule in the place of the one with its name.
///
/// # Errors
/// Any error of the database.
pub fn put(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &crate::connection::Connection,
    position: i64,
    rule: &provost_engine::rule::Rule,
) -> Result<()> {
    let text = serde_json::to_string(rule).map_err(|e| Error::Damaged(e.to_string()))?;
    let key = tx.key();
    let params = [
        key.into(),
        connection.key.into(),
        position.into(),
        kind_number(rule.object).into(),
        (&rule.name).into(),
        (&text).into(),
    ];
    tx.execute(PUT, &params)?;
    let subject = format!("{}/{}", connection.name, rule.name);
    audit::append_named(tx, connection.workspace, now, actor, "rule.save", &subject, "")
}

/// A connection's rules: people before groups, then by position.
///
/// # Errors
/// [`Error::Damaged`] when a stored rule cannot be read.
pub fn of_connection(tx: &mut Tx, connection: i64) -> Result<Vec<Stored>> {
    tx.query(OF_CONNECTION, &[connection.into()], |row| {
        let name = row.text(2)?;
        let rule = serde_json::from_str(row.str(3)?)
            .map_err(|e| Error::Damaged(format!("the rule {name} cannot be read: {e}")))?;
        Ok(Stored {
            key: row.int(0)?,
            kind: kind_of(row.int(1)?),
            name,
            rule,
        })
    })
}
