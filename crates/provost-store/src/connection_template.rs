//! Which template a connection was made from, and what its application takes: noted when the connection is made, so that
//! no door lets a rule in about objects that the application does not have.

use crate::connection::Connection;
use crate::{Error, Result, Tx, setting};
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The workspace's setting: templates by the ids of connections.
const SETTING: &str = "connection.templates";

/// The template of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name, such as `connecter`.
    pub template: String,
    /// What its application takes: people, groups, or both.
    pub objects: Vec<Kind>,
}

/// The template of a connection; none where it was made without one.
///
/// # Errors
/// [`Error::Damaged`] when the note cannot be read.
pub fn of(tx: &mut Tx, connection: &Connection) -> Result<Option<Template>> {
    let kept = setting::get(tx, connection.workspace, SETTING)?;
    let found = kept.and_then(|kept| kept.get(connection.id.to_string()).cloned());
    let read = |value| serde_json::from_value(value).map_err(|e| Error::Damaged(format!("{SETTING}: {e}")));
    found.map(read).transpose()
}

/// Notes the template of a connection; `None` forgets it.
///
/// # Errors
/// Any error of the database.
pub fn note(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    template: Option<&Template>,
) -> Result<()> {
    let mut kept = match setting::get(tx, connection.workspace, SETTING)? {
        Some(Value::Object(kept)) => kept,
        _ => Map::new(),
    };
    let (id, before) = (connection.id.to_string(), kept.clone());
    match template {
        Some(template) => {
            let value = serde_json::to_value(template).map_err(|e| Error::Damaged(e.to_string()))?;
            kept.insert(id, value);
        }
        None => drop(kept.remove(&id)),
    }
    if kept == before {
        return Ok(());
    }
    setting::put(
        tx,
        actor,
        now,
        connection.workspace,
        SETTING,
        &Value::Object(kept),
    )
}

/// Refuses a rule about objects that the application of the connection's template does not have.
///
/// # Errors
/// [`Error::Refused`] with `PRV-RULE-KIND`.
pub(crate) fn refuse(tx: &mut Tx, connection: &Connection, rule: &Rule) -> Result<()> {
    let Some(found) = of(tx, connection)?.filter(|found| !found.objects.contains(&rule.object)) else {
        return Ok(());
    };
    let (refused, taken) = match rule.object {
        Kind::Group => ("groups", "people"),
        Kind::Person => ("people", "groups"),
    };
    Err(Error::refused(
        "PRV-RULE-KIND",
        format!(
            "the rule \"{}\" is about {refused}, and the application of the connection \"{}\" (template {}) takes {taken} \
             only",
            rule.name, connection.name, found.template
        ),
        "Leave the rule out. Groups still decide who is meant: assign them, and their members are provisioned.",
    ))
}
