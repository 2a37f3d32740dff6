//! What was ticked of the list of what is done in Entra: no fact of ours can show it.

use super::{get, noted, refuse_closed};
use crate::microsoft_365::Provider;
use crate::{Result, Tx, word};

crate::statements! {
    PUT = "INSERT INTO migration_tick (provider, line, at, actor) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (provider, line) DO NOTHING";
    LIST = "SELECT line, at, actor FROM migration_tick WHERE provider = $1 ORDER BY line";
    REMOVE = "DELETE FROM migration_tick WHERE provider = $1 AND line = $2";
    FORGET = "DELETE FROM migration_tick WHERE provider = $1";
}

word::words! {
    /// A line of the list of what is done in Entra.
    EntraLine, "line of the Entra list":
    /// An application of the migration's own is made.
    Application = "application",
    /// Single sign-on is set up with our two values.
    SingleSignOn = "single_sign_on",
    /// The people who move are assigned, or nobody has to be.
    Assignment = "assignment",
    /// The certificate is downloaded, and the Application ID copied.
    Certificate = "certificate",
}

/// A line that was ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Which.
    pub line: EntraLine,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: String,
}

/// Ticks a line. One that was ticked before stays as it was: who and when are of the first time.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-MIGRATION-CLOSED`).
pub fn tick(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, line: EntraLine) -> Result<()> {
    refuse_closed(get(tx, provider.key)?.as_ref(), provider)?;
    let params = [
        provider.key.into(),
        line.as_str().into(),
        now.into(),
        actor.into(),
    ];
    if tx.execute(PUT, &params)? > 0 {
        noted(tx, now, actor, "migration.tick", provider, line.as_str())?;
    }
    Ok(())
}

/// Takes a tick back. `false`: the line was not ticked.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-MIGRATION-CLOSED`).
pub fn untick(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, line: EntraLine) -> Result<bool> {
    refuse_closed(get(tx, provider.key)?.as_ref(), provider)?;
    let done = tx.execute(REMOVE, &[provider.key.into(), line.as_str().into()])? > 0;
    if done {
        noted(tx, now, actor, "migration.untick", provider, line.as_str())?;
    }
    Ok(done)
}

/// What was ticked, in the order of the list.
///
/// # Errors
/// Any error of the database.
pub fn ticks(tx: &mut Tx, provider: i64) -> Result<Vec<Tick>> {
    let mut found = tx.query(LIST, &[provider.into()], |r| {
        Ok(Tick {
            line: r.str(0)?.parse()?,
            at: r.int(1)?,
            actor: r.text(2)?,
        })
    })?;
    found.sort_by_key(|one| one.line);
    Ok(found)
}

pub(super) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}
