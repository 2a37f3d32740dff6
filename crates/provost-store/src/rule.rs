//! Rules of a connection, kept as the engine's JSON.

use crate::connection::{Connection, reset_watermark};
use crate::directory::{kind_number, kind_of};
use crate::{
    Error, Result, Tx, audit, config_version, connection_template, identifier, microsoft_365, secret,
};
use provost_engine::mapping::MappingSource;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use serde_json::Value;

crate::statements! {
    PUT = "INSERT INTO rule (key, connection, position, kind, name, definition) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (connection, name) DO UPDATE SET definition = excluded.definition, position = excluded.position, \
           kind = excluded.kind";
    OF_CONNECTION = "SELECT key, kind, name, definition FROM rule WHERE connection = $1 ORDER BY kind, position, key";
    PLACED = "SELECT position, definition FROM rule WHERE connection = $1 AND name = $2";
    KEY = "SELECT key FROM rule WHERE connection = $1 AND name = $2";
    DROP = "DELETE FROM rule WHERE key = $1";
    DROP_LINKS = "DELETE FROM link WHERE rule = $1";
    DROP_MEMBERS = "DELETE FROM link_member WHERE rule = $1";
    DROP_REFERENCES = "DELETE FROM pending_reference WHERE rule = $1";
    DROP_RETRIES = "DELETE FROM retry WHERE rule = $1";
    DROP_DRIFT = "DELETE FROM drift WHERE rule = $1";
    DROP_LICENCES = "DELETE FROM link_licence WHERE rule = $1";
    DROP_STATUS = "DELETE FROM sync_status WHERE rule = $1";
    DROP_DOUBTS = "DELETE FROM doubt WHERE rule = $1";
    DROP_STAGED = "DELETE FROM staged_step WHERE connection = $1 AND rule = $2";
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
    pub rule: Rule,
}

/// Keeps a rule in the place of the one with its name, with a new version of the configuration. When it
/// means something else than before, the next cycle is an initial one.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PASSWORD-PLAIN` for a password that stands in the rule; `PRV-RULE-KIND` for one about objects
/// that the application does not have; `PRV-PROVIDER-NOT-ASSIGNABLE` for one
/// that is on while nobody can be assigned to the connection's provider.
pub fn put(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    position: i64,
    rule: &Rule,
) -> Result<()> {
    if write(tx, actor, now, connection, position, rule)? {
        reset_watermark(tx, connection.key)?;
    }
    config_version::append(tx, actor, now, connection, &format!("rule {}", rule.name)).map(drop)
}

/// Makes the connection's rules exactly `rules`, in this order, with one version of the configuration. A rule
/// that is not among them is removed as by [`remove`]: its links are forgotten, the accounts stay.
///
/// # Errors
/// [`Error::Refused`]: `PRV-RULE-TWICE` when two of them have the same name, `PRV-PASSWORD-PLAIN` for a password
/// that stands in one of them, `PRV-RULE-KIND` and `PRV-PROVIDER-NOT-ASSIGNABLE` as [`put`].
pub fn replace_all(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    rules: &[Rule],
    note: &str,
) -> Result<()> {
    write_all(tx, actor, now, connection, rules)?;
    config_version::append(tx, actor, now, connection, note).map(drop)
}

/// [`replace_all`] without the version.
pub(crate) fn write_all(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    rules: &[Rule],
) -> Result<()> {
    refuse_twins(rules)?;
    let (mut moved, mut dropped) = (false, Vec::new());
    for gone in of_connection(tx, connection.key)? {
        if !rules.iter().any(|rule| rule.name == gone.name) {
            drop_rule(tx, actor, now, connection, gone.key, &gone.name)?;
            dropped.push(gone.name);
            moved = true;
        }
    }
    for (position, rule) in (0..).zip(rules) {
        moved |= write(tx, actor, now, connection, position, rule)?;
    }
    forget_passwords(tx, connection, &dropped)?;
    if moved {
        reset_watermark(tx, connection.key)?;
    }
    Ok(())
}

fn refuse_twins(rules: &[Rule]) -> Result<()> {
    let mut names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    names.sort_unstable();
    let twin = names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    twin.map_or(Ok(()), |name| {
        Err(Error::refused(
            "PRV-RULE-TWICE",
            format!("two rules have the name \"{name}\""),
            "Give each rule of a connection a name of its own.",
        ))
    })
}

/// A password that is the same for everybody is kept sealed, not in a rule, which is shown, exported and kept in
/// every version: a text for an attribute whose name ends with "password". What is different for everybody may
/// stand there, and so may yes and no (Microsoft's `resetPassword`).
fn refuse_plain_password(rule: &Rule) -> Result<()> {
    let is_plain = |value: &Value| match value {
        Value::String(text) => !text.is_empty() && text != "true" && text != "false",
        _ => false,
    };
    let has_plain = |source: &MappingSource| match source {
        MappingSource::Constant { value } => is_plain(value),
        MappingSource::Expression { text } => is_the_same_for_all(text),
        _ => false,
    };
    let holds_password = |target: &str| target.to_lowercase().ends_with("password");
    let plain = rule.mappings.iter().chain(&rule.leaver).find(|mapping| {
        holds_password(&mapping.target)
            && (has_plain(&mapping.source) || mapping.default.as_ref().is_some_and(is_plain))
    });
    plain.map_or(Ok(()), |mapping| {
        Err(Error::refused(
            "PRV-PASSWORD-PLAIN",
            format!("the rule \"{}\" would hold the password for {} itself", rule.name, mapping.target),
            "Have one generated for each person, or give it as a secret of the connection, which is kept sealed.",
        ))
    })
}

/// Whether an expression names no attribute and draws nothing.
fn is_the_same_for_all(expression: &str) -> bool {
    let text = expression.to_lowercase();
    !["[", "randomstring", "guid"]
        .iter()
        .any(|part| text.contains(part))
}

/// The sealed passwords of rules that are gone go too, unless another rule uses them.
fn forget_passwords(tx: &mut Tx, connection: &Connection, gone: &[String]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let left = of_connection(tx, connection.key)?;
    let sources = || {
        left.iter()
            .flat_map(|one| one.rule.mappings.iter())
            .map(|mapping| &mapping.source)
    };
    for name in gone {
        let field = format!("password.{name}");
        let is_it =
            |source: &MappingSource| matches!(source, MappingSource::Secret { name } if *name == field);
        if !sources().any(is_it) {
            let place = secret::Place {
                table: "connection",
                owner: connection.key,
                field: &field,
            };
            secret::remove(tx, &place)?;
        }
    }
    Ok(())
}

/// Writes a rule and its audit row, unless it is stored so already. Answers whether it means something else
/// than before.
fn write(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    position: i64,
    rule: &Rule,
) -> Result<bool> {
    refuse_plain_password(rule)?;
    let text = serde_json::to_string(rule).map_err(|e| Error::Damaged(e.to_string()))?;
    let before = tx.first(PLACED, &[connection.key.into(), (&rule.name).into()], |r| {
        Ok((r.int(0)?, r.text(1)?))
    })?;
    if before
        .as_ref()
        .is_some_and(|(at, stored)| *at == position && *stored == text)
    {
        return Ok(false);
    }
    connection_template::refuse(tx, connection, rule)?;
    if rule.enabled {
        microsoft_365::refuse_rules(tx, connection.key)?;
    }
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
    audit::append_named(tx, connection.workspace, now, actor, "rule.save", &subject, "")?;
    Ok(before.is_none_or(|(_, stored)| meaning(&stored) != meaning(&text)))
}

/// What a rule does to people and groups: everything but who has to approve it.
fn meaning(definition: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(definition).ok()?;
    value.as_object_mut()?.remove("approval");
    Some(value)
}

/// Removes a rule with its links, given licences, retries, staged steps, doubts and drift, and keeps a version of the configuration.
/// The accounts in the target stay as they are. `false`: the connection has no such rule.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, name: &str) -> Result<bool> {
    let Some(key) = tx.first(KEY, &[connection.key.into(), name.into()], |r| r.int(0))? else {
        return Ok(false);
    };
    drop_rule(tx, actor, now, connection, key, name)?;
    forget_passwords(tx, connection, &[name.to_owned()])?;
    config_version::append(tx, actor, now, connection, &format!("rule {name} removed"))?;
    Ok(true)
}

fn drop_rule(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    key: i64,
    name: &str,
) -> Result<()> {
    identifier::drop_rule(tx, key)?;
    for sql in [
        DROP_LINKS,
        DROP_MEMBERS,
        DROP_REFERENCES,
        DROP_RETRIES,
        DROP_DRIFT,
        DROP_LICENCES,
        DROP_STATUS,
        DROP_DOUBTS,
        DROP,
    ] {
        tx.execute(sql, &[key.into()])?;
    }
    tx.execute(DROP_STAGED, &[connection.key.into(), key.into()])?;
    let subject = format!("{}/{name}", connection.name);
    audit::append_named(tx, connection.workspace, now, actor, "rule.remove", &subject, "")
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
