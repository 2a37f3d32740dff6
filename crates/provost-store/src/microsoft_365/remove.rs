//! Removing a provider with its connection; the direct assignments are kept.

use super::{Provider, by_key, detached, lock};
use crate::connection::{self, Connection};
use crate::{Error, Result, Tx, audit, federation, migration, rule, signing_key};

crate::statements! {
    REMOVE = "DELETE FROM microsoft_365_provider WHERE key = $1";
}

/// Removes a provider with its connection, rules and links, at most `limit` rows at a time, so that other writes
/// wait no longer than that takes. Answers whether it is gone: until then the caller calls again. The direct
/// assignments are kept first ([`super::detached`]); the accounts in the tenant stay as they are, and so does the
/// audit log.
///
/// # Errors
/// [`Error::Refused`]: `PRV-CONNECTION-IN-USE`, which names the rules that are on; `PRV-CONNECTION-RUNS` while a cycle
/// runs.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, limit: i64) -> Result<bool> {
    let Some(found) = by_key(tx, provider.key)? else {
        return Ok(true);
    };
    let connection = match found.connection {
        Some(key) => connection::by_key(tx, key)?,
        None => None,
    };
    if let Some(connection) = connection {
        refuse_used(tx, &connection)?;
        detached::detach_all(tx, actor, now, &found)?;
        if !connection::remove_owned(tx, actor, now, &connection, limit)? {
            return Ok(false);
        }
    }
    federation::forget(tx, found.key)?;
    signing_key::forget(tx, found.key)?;
    migration::drop_provider(tx, found.key)?;
    tx.execute(REMOVE, &[found.key.into()])?;
    let detail = format!("{}, it was {}", found.domain, found.state);
    audit::append_named(
        tx,
        found.workspace,
        now,
        actor,
        "microsoft_365.remove",
        &found.name,
        &detail,
    )?;
    Ok(true)
}

/// A connection whose rules are on is not removed under them. What has begun to go is paused, and its rules go last.
fn refuse_used(tx: &mut Tx, connection: &Connection) -> Result<()> {
    let rules = rule::of_connection(tx, connection.key)?;
    let on: Vec<String> = rules
        .iter()
        .filter(|stored| stored.rule.enabled)
        .map(|stored| format!("\"{}\"", stored.name))
        .collect();
    if on.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-CONNECTION-IN-USE",
        format!(
            "the connection \"{}\" is in use by rules that are switched on: {}",
            connection.name,
            on.join(", ")
        ),
        "Switch these rules off or remove them, then remove the provider.",
    ))
}

/// Refuses the removal of a provider's connection by itself: without it the provider would be half of one, and who is
/// assigned would be lost.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PROVIDER-OWNS`).
pub fn refuse_alone(tx: &mut Tx, connection: &Connection) -> Result<()> {
    let hint = "Remove the provider: that shows what goes, and keeps who is assigned for the next one.";
    lock::refuse_owned(tx, connection, "removed by itself", hint)
}
