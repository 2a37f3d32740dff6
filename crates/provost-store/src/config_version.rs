//! Every saved configuration of a connection: what it was, who made it so, and a way back.

use crate::connection::{self, Connection, Preferences};
use crate::{Error, Result, Row, Tx, group_licence, rule};
use provost_engine::policy::Guard;
use provost_engine::rule::Rule;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "key, number, created, actor, note"
    };
}

crate::statements! {
    LATEST = concat!("SELECT ", columns!(), ", definition FROM config_version WHERE connection = $1 \
              ORDER BY number DESC LIMIT 1");
    INSERT = "INSERT INTO config_version (key, connection, number, created, actor, note, definition) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LIST = concat!("SELECT ", columns!(), " FROM config_version WHERE connection = $1 AND number < $2 \
            ORDER BY number DESC LIMIT $3");
    GET = concat!("SELECT ", columns!(), ", definition FROM config_version WHERE connection = $1 AND number = $2");
}

/// A connection's whole configuration. Secrets are no part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definition {
    /// Its rules: people before groups, then in their order.
    pub rules: Vec<Rule>,
    /// How it runs.
    pub preferences: Preferences,
    /// Its deletion guard.
    pub guard: Guard,
    /// The connector's settings.
    pub settings: Value,
    /// The licences that groups bring; none: they stay as they are, because an older version or a file says
    /// nothing of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_licences: Option<Vec<GroupLicence>>,
}

/// A licence that a group brings, in words that are the same in another database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupLicence {
    /// The group's public id.
    pub group: Uuid,
    /// The product, by its id or short name.
    pub product: String,
    /// Ids of the services that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_plans: Vec<String>,
    /// How it gets to the members.
    pub way: group_licence::Way,
}

/// A version as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The inside key.
    pub key: i64,
    /// Its number in the connection, from 1.
    pub number: i64,
    /// When it was saved.
    pub created: i64,
    /// Who saved it.
    pub actor: String,
    /// What it was about.
    pub note: String,
}

fn version(row: &Row) -> Result<Version> {
    Ok(Version {
        key: row.int(0)?,
        number: row.int(1)?,
        created: row.int(2)?,
        actor: row.text(3)?,
        note: row.text(4)?,
    })
}

fn whole(row: &Row) -> Result<(Version, Definition)> {
    let version = version(row)?;
    let definition = serde_json::from_str(row.str(5)?).map_err(|e| {
        Error::Damaged(format!(
            "version {} of the configuration cannot be read: {e}",
            version.number
        ))
    })?;
    Ok((version, definition))
}

/// The connection's configuration as it is stored now.
///
/// # Errors
/// [`Error::Damaged`] when a part of it cannot be read, or there is no such connection.
pub fn current(tx: &mut Tx, connection: i64) -> Result<Definition> {
    let found = connection::by_key(tx, connection)?
        .ok_or_else(|| Error::Damaged("a configuration belongs to no connection".into()))?;
    let guard = serde_json::from_value(found.guard)
        .map_err(|e| Error::Damaged(format!("the guard of {} cannot be read: {e}", found.name)))?;
    let rules = rule::of_connection(tx, connection)?;
    Ok(Definition {
        rules: rules.into_iter().map(|stored| stored.rule).collect(),
        preferences: found.preferences,
        guard,
        settings: found.settings,
        group_licences: Some(group_licences(tx, connection)?),
    })
}

/// Those that somebody chose, in an order that does not hang on when they were added.
fn group_licences(tx: &mut Tx, connection: i64) -> Result<Vec<GroupLicence>> {
    let stored = group_licence::all(tx, connection)?;
    let mut found: Vec<GroupLicence> = stored
        .into_iter()
        .filter(|one| one.way != group_licence::Way::Ending)
        .filter_map(|one| {
            Some(GroupLicence {
                group: one.group_id?,
                product: one.sku,
                disabled_plans: one.disabled_plans,
                way: one.way,
            })
        })
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Keeps the configuration as it is stored now under the next number, and answers that. When nothing has
/// changed since the newest version, that one's number is the answer. Called in the transaction of the change.
///
/// # Errors
/// Any error of the database.
pub fn append(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, note: &str) -> Result<i64> {
    let definition = current(tx, connection.key)?;
    let text = serde_json::to_string(&definition).map_err(|e| Error::Damaged(e.to_string()))?;
    let newest = tx.first(LATEST, &[connection.key.into()], |r| {
        Ok((r.int(1)?, r.str(5)? == text))
    })?;
    let number = match newest {
        Some((number, true)) => return Ok(number),
        Some((number, false)) => number + 1,
        None => 1,
    };
    let key = tx.key();
    let params = [
        key.into(),
        connection.key.into(),
        number.into(),
        now.into(),
        actor.into(),
        note.into(),
        (&text).into(),
    ];
    tx.execute(INSERT, &params)?;
    Ok(number)
}

/// A connection's versions with numbers below `before` (none: from the newest), newest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, before: Option<i64>, limit: i64) -> Result<Vec<Version>> {
    let params = [connection.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.query(LIST, &params, version)
}

/// One version with what it holds.
///
/// # Errors
/// [`Error::Damaged`] when it cannot be read.
pub fn get(tx: &mut Tx, connection: i64, number: i64) -> Result<Option<(Version, Definition)>> {
    tx.first(GET, &[connection.into(), number.into()], whole)
}

/// The newest version.
///
/// # Errors
/// [`Error::Damaged`] when it cannot be read.
pub fn latest(tx: &mut Tx, connection: i64) -> Result<Option<(Version, Definition)>> {
    tx.first(LATEST, &[connection.into()], whole)
}
