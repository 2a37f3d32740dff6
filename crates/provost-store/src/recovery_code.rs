//! Recovery codes: each signs in once in the place of a one-time code. Only hashes are kept.

use crate::{Result, Tx, administrator, audit};

crate::statements! {
    CLEAR = "DELETE FROM recovery_code WHERE administrator = $1";
    INSERT = "INSERT INTO recovery_code (administrator, hash, created, used) VALUES ($1, $2, $3, 0)";
    USE = "UPDATE recovery_code SET used = $1 WHERE administrator = $2 AND hash = $3 AND used = 0";
    LEFT = "SELECT COUNT(*) FROM recovery_code WHERE administrator = $1 AND used = 0";
}

/// Puts new codes in the place of all older ones, used or not. No codes: there are none any more.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-ADMINISTRATOR-GONE`) for an administrator who is gone.
pub fn replace(tx: &mut Tx, actor: &str, now: i64, administrator: i64, hashes: &[Vec<u8>]) -> Result<()> {
    let email = administrator::get(tx, administrator)?.email;
    tx.execute(CLEAR, &[administrator.into()])?;
    for hash in hashes {
        tx.execute(
            INSERT,
            &[administrator.into(), hash.as_slice().into(), now.into()],
        )?;
    }
    let detail = format!("{} codes", hashes.len());
    audit::append_installation(tx, now, actor, "recovery_code.replace", &email, &detail)
}

/// Uses a code up. `false`: it is none of theirs, or was used before.
///
/// # Errors
/// Any error of the database.
pub fn use_one(tx: &mut Tx, actor: &str, now: i64, administrator: i64, hash: &[u8]) -> Result<bool> {
    let done = tx.execute(USE, &[now.into(), administrator.into(), hash.into()])? > 0;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        let detail = format!("{} left", left(tx, administrator)?);
        audit::append_installation(tx, now, actor, "recovery_code.use", &email, &detail)?;
    }
    Ok(done)
}

/// How many codes can still be used.
///
/// # Errors
/// Any error of the database.
pub fn left(tx: &mut Tx, administrator: i64) -> Result<i64> {
    Ok(tx
        .first(LEFT, &[administrator.into()], |r| r.int(0))?
        .unwrap_or(0))
}
