//! Passwords of administrators, as Argon2id hashes in PHC form.

use crate::administrator::{self, keep_way_in};
use crate::{Result, Tx, audit};

crate::statements! {
    SET = "INSERT INTO password (administrator, hash, changed) VALUES ($1, $2, $3) \
           ON CONFLICT (administrator) DO UPDATE SET hash = excluded.hash, changed = excluded.changed";
    GET = "SELECT hash, changed FROM password WHERE administrator = $1";
    REMOVE = "DELETE FROM password WHERE administrator = $1";
}

/// Keeps the hash of a password in the place of an older one.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-ADMINISTRATOR-GONE`) for an administrator who is gone.
pub fn set(tx: &mut Tx, actor: &str, now: i64, administrator: i64, hash: &str) -> Result<()> {
    let email = administrator::get(tx, administrator)?.email;
    tx.execute(SET, &[administrator.into(), hash.into(), now.into()])?;
    audit::append_installation(tx, now, actor, "password.set", &email, "")
}

/// The hash, and when the password was set; none for an administrator without a password.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, administrator: i64) -> Result<Option<(String, i64)>> {
    tx.first(GET, &[administrator.into()], |r| Ok((r.text(0)?, r.int(1)?)))
}

/// Takes the password away. `false`: there was none.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-OWNER-LAST`) when no owner could sign in any more.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, administrator: i64) -> Result<bool> {
    let done = keep_way_in(tx, now, |tx| tx.execute(REMOVE, &[administrator.into()]))? > 0;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        audit::append_installation(tx, now, actor, "password.remove", &email, "")?;
    }
    Ok(done)
}
