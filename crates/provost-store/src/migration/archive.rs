//! What a closed migration was: its configuration and its results, sealed, for thirty days.

use crate::microsoft_365::Provider;
use crate::secret::Key;
use crate::{Result, Tx};

crate::statements! {
    KEEP = "INSERT INTO migration_archive (provider, workspace, sealed, made, expires) VALUES ($1, $2, $3, $4, $5)";
    GET = "SELECT sealed, made, expires FROM migration_archive WHERE provider = $1 AND expires > $2";
    REMOVE = "DELETE FROM migration_archive WHERE provider = $1";
    FORGET = "DELETE FROM migration_archive WHERE provider IN \
              (SELECT a.provider FROM migration_archive a WHERE a.expires <= $1 ORDER BY a.expires LIMIT $2)";
}

/// Milliseconds for which it is kept.
const LIFE: i64 = 30 * 86_400_000;

/// What was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The document, JSON.
    pub document: String,
    /// When it was made.
    pub made: i64,
    /// When it goes.
    pub expires: i64,
}

fn bound(provider: &Provider) -> String {
    format!("migration_archive:{}", provider.id)
}

/// Keeps a document for thirty days, sealed.
///
/// # Errors
/// When it cannot be sealed; any error of the database.
pub fn keep_archive(tx: &mut Tx, key: &Key, now: i64, provider: &Provider, document: &str) -> Result<()> {
    let sealed = key.seal_text(&bound(provider), document)?;
    let params = [
        provider.key.into(),
        provider.workspace.into(),
        (&sealed).into(),
        now.into(),
        now.saturating_add(LIFE).into(),
    ];
    tx.execute(KEEP, &params)?;
    Ok(())
}

/// What is kept of a provider's closed migration, while it is.
///
/// # Errors
/// When it cannot be opened; any error of the database.
pub fn archive(tx: &mut Tx, key: &Key, now: i64, provider: &Provider) -> Result<Option<Archive>> {
    let found = tx.first(GET, &[provider.key.into(), now.into()], |r| {
        Ok((r.text(0)?, r.int(1)?, r.int(2)?))
    })?;
    let Some((sealed, made, expires)) = found else {
        return Ok(None);
    };
    Ok(Some(Archive {
        document: key.open_text(&bound(provider), &sealed)?,
        made,
        expires,
    }))
}

pub(super) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(REMOVE, &[provider.into()])?;
    Ok(())
}

pub(super) fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
