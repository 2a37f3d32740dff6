//! Settings of a workspace by name, as JSON. Secrets are kept by [`crate::secret`], never here.

use crate::{Error, Result, Tx, audit, word};
use serde_json::Value;

crate::statements! {
    GET = "SELECT value FROM setting WHERE workspace = $1 AND name = $2";
    PUT = "INSERT INTO setting (workspace, name, value) VALUES ($1, $2, $3) \
           ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value";
    REMOVE = "DELETE FROM setting WHERE workspace = $1 AND name = $2";
    ALL = "SELECT name, value FROM setting WHERE workspace = $1 ORDER BY name";
}

fn json(name: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::Damaged(format!("the setting {name}: {e}")))
}

/// A setting's value; none where it was never set.
///
/// # Errors
/// [`Error::Damaged`] when it cannot be read.
pub fn get(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Value>> {
    tx.first(GET, &[workspace.into(), name.into()], |r| json(name, r.str(0)?))
}

/// Sets a value, with an audit row that holds it.
///
/// # Errors
/// [`Error::Refused`] (`PRV-NAME`) for a name that cannot be printed.
pub fn put(tx: &mut Tx, actor: &str, now: i64, workspace: i64, name: &str, value: &Value) -> Result<()> {
    word::check_name("setting", name)?;
    let text = value.to_string();
    tx.execute(PUT, &[workspace.into(), name.into(), (&text).into()])?;
    audit::append_named(tx, workspace, now, actor, "setting.save", name, &text)
}

/// Forgets a setting: its default holds again. `false`: it was not set.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, workspace: i64, name: &str) -> Result<bool> {
    let done = tx.execute(REMOVE, &[workspace.into(), name.into()])? > 0;
    if done {
        audit::append_named(tx, workspace, now, actor, "setting.remove", name, "")?;
    }
    Ok(done)
}

/// A workspace's settings by name. There are as many as the product has names for.
///
/// # Errors
/// [`Error::Damaged`] when one cannot be read.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<(String, Value)>> {
    tx.query(ALL, &[workspace.into()], |r| {
        let name = r.text(0)?;
        let value = json(&name, r.str(1)?)?;
        Ok((name, value))
    })
}
