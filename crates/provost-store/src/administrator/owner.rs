//! The last owner: an installation that had one who can come in keeps one who can.
//!
//! The check is part of the change's own transaction, and there is one writer at a time (also on PostgreSQL), so
//! that two changes at once cannot each rely on the other's owner.

use super::Administrator;
use crate::{Error, Result, Tx};

crate::statements! {
    OWNERS = "SELECT COUNT(*) FROM administrator_role r JOIN administrator a ON a.key = r.administrator \
              WHERE r.workspace = 0 AND r.role = 'owner' AND a.state = 'active'";
    ABLE = "SELECT 1 FROM administrator_role r JOIN administrator a ON a.key = r.administrator \
            WHERE r.workspace = 0 AND r.role = 'owner' AND a.state = 'active' AND ( \
            EXISTS (SELECT 1 FROM passkey p WHERE p.administrator = a.key) \
            OR EXISTS (SELECT 1 FROM password w WHERE w.administrator = a.key) \
            OR EXISTS (SELECT 1 FROM signin_identity i JOIN signin_provider s ON s.issuer = i.issuer \
            WHERE i.administrator = a.key AND s.enabled) \
            OR EXISTS (SELECT 1 FROM one_time_link l WHERE l.administrator = a.key AND l.used = 0 AND l.expires > $1)) LIMIT 1";
}

/// What to do instead, in each refusal.
const HINT: &str = "Make another administrator an owner of all workspaces, and let them sign in first.";

/// How many active administrators own the whole installation.
///
/// # Errors
/// Any error of the database.
pub fn owners(tx: &mut Tx) -> Result<i64> {
    Ok(tx.first(OWNERS, &[], |r| r.int(0))?.unwrap_or(0))
}

/// Whether some active owner of the installation has a way to sign in, or a link that gives one.
fn is_able(tx: &mut Tx, now: i64) -> Result<bool> {
    Ok(tx.first(ABLE, &[now.into()], |_| Ok(()))?.is_some())
}

/// Refuses what was just done to an active owner of the installation when nobody is left who owns it and can
/// come in. The caller's transaction takes the change back.
pub(crate) fn require(tx: &mut Tx, now: i64, administrator: &Administrator, done: &str) -> Result<()> {
    if is_able(tx, now)? {
        return Ok(());
    }
    let sentence = format!(
        "{} is the last owner who can sign in and cannot be {done}",
        administrator.name
    );
    Err(Error::refused("PRV-OWNER-LAST", sentence, HINT))
}

/// Takes a way to sign in away by `change`, unless it was the last one of the last owner.
pub(crate) fn keep_way_in<T>(tx: &mut Tx, now: i64, change: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    let was_able = is_able(tx, now)?;
    let done = change(tx)?;
    if was_able && !is_able(tx, now)? {
        let sentence = "no owner could sign in any more";
        return Err(Error::refused("PRV-OWNER-LAST", sentence, HINT));
    }
    Ok(done)
}
