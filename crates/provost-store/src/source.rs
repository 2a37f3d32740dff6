//! The mapping of a provider's source: how records of a file or of bulk uploads become people.

use crate::provider::Provider;
use crate::{Error, Result, Tx, audit};
use serde_json::Value;

crate::statements! {
    GET = "SELECT definition FROM source WHERE provider = $1";
    PUT = "INSERT INTO source (provider, definition, created, modified) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (provider) DO UPDATE SET definition = excluded.definition, modified = excluded.modified";
    REMOVE = "DELETE FROM source WHERE provider = $1";
    EVERY = "SELECT provider FROM source ORDER BY provider";
}

/// The source of a provider, if one was saved.
///
/// # Errors
/// [`Error::Damaged`] when it cannot be read.
pub fn get(tx: &mut Tx, provider: i64) -> Result<Option<Value>> {
    tx.first(GET, &[provider.into()], |r| {
        serde_json::from_str(r.str(0)?).map_err(|e| Error::Damaged(format!("the source of a provider: {e}")))
    })
}

/// Saves the source of a provider in the place of an older one.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, definition: &Value) -> Result<()> {
    let text = definition.to_string();
    tx.execute(
        PUT,
        &[provider.key.into(), (&text).into(), now.into(), now.into()],
    )?;
    audit::append(
        tx,
        provider.workspace,
        now,
        actor,
        "source.save",
        provider.id,
        &text,
    )
}

/// Removes the source of a provider; its records stay. `false`: it had none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, provider: &Provider) -> Result<bool> {
    let done = tx.execute(REMOVE, &[provider.key.into()])? > 0;
    if done {
        audit::append(
            tx,
            provider.workspace,
            now,
            actor,
            "source.remove",
            provider.id,
            "",
        )?;
    }
    Ok(done)
}

/// The keys of all providers that have a source.
///
/// # Errors
/// Any error of the database.
pub fn providers(tx: &mut Tx) -> Result<Vec<i64>> {
    tx.query(EVERY, &[], |r| r.int(0))
}
