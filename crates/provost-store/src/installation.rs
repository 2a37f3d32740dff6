//! What is said once about an installation and holds for ever, such as that its first owner was made.

use crate::{Result, Tx, audit};

crate::statements! {
    GET = "SELECT value FROM installation WHERE name = $1";
    SET = "INSERT INTO installation (name, value, at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
}

/// What was said; none when nothing was.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    tx.first(GET, &[name.into()], |r| r.text(0))
}

/// Says it. Of several callers, at once or years apart, exactly one is answered `true`; nothing takes it back.
///
/// # Errors
/// Any error of the database.
pub fn set_once(tx: &mut Tx, name: &str, value: &str, now: i64) -> Result<bool> {
    let done = tx.execute(SET, &[name.into(), value.into(), now.into()])? > 0;
    if done {
        audit::append_installation(tx, now, "provost", "installation.set", name, value)?;
    }
    Ok(done)
}
