//! One-time codes by time (RFC 6238): which administrator has them, and the newest step that was used. The secret
//! itself is sealed, at [`place`].

use crate::secret::{self, Place};
use crate::{Error, Result, Tx, administrator, audit};

crate::statements! {
    BEGIN = "INSERT INTO one_time_code (administrator, confirmed, last_step, created) VALUES ($1, FALSE, 0, $2) \
             ON CONFLICT (administrator) DO UPDATE SET last_step = 0, created = excluded.created";
    CONFIRM = "UPDATE one_time_code SET confirmed = TRUE WHERE administrator = $1 AND NOT confirmed";
    GET = "SELECT confirmed, last_step FROM one_time_code WHERE administrator = $1";
    USE = "UPDATE one_time_code SET last_step = $1 WHERE administrator = $2 AND last_step < $3";
    REMOVE = "DELETE FROM one_time_code WHERE administrator = $1";
}

/// An administrator's one-time codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneTimeCode {
    /// Whether a first code was shown: only then do sign-ins ask for one.
    pub confirmed: bool,
    /// The newest step whose code was used.
    pub last_step: i64,
}

/// Where the sealed secret is kept.
pub fn place(administrator: i64) -> Place<'static> {
    Place {
        table: "one_time_code",
        owner: administrator,
        field: "secret",
    }
}

/// Begins to set codes up, or begins anew. They count for nothing until [`confirm`].
///
/// # Errors
/// [`Error::Refused`] (`PRV-CODE-ALREADY`) where confirmed codes are: they must not be lost by an attempt to set up
/// others.
pub fn begin(tx: &mut Tx, now: i64, administrator: i64) -> Result<()> {
    if get(tx, administrator)?.is_some_and(|found| found.confirmed) {
        return Err(Error::refused(
            "PRV-CODE-ALREADY",
            "one-time codes are set up already",
            "Remove them first, then set them up anew.",
        ));
    }
    tx.execute(BEGIN, &[administrator.into(), now.into()])?;
    Ok(())
}

/// From now on every sign-in by password asks for a code. `false`: nothing waits to be confirmed.
///
/// # Errors
/// Any error of the database.
pub fn confirm(tx: &mut Tx, actor: &str, now: i64, administrator: i64) -> Result<bool> {
    let done = tx.execute(CONFIRM, &[administrator.into()])? > 0;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        audit::append_installation(tx, now, actor, "one_time_code.confirm", &email, "")?;
    }
    Ok(done)
}

/// What an administrator has; none without codes.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, administrator: i64) -> Result<Option<OneTimeCode>> {
    tx.first(GET, &[administrator.into()], |r| {
        Ok(OneTimeCode {
            confirmed: r.bool(0)?,
            last_step: r.int(1)?,
        })
    })
}

/// Uses the code of a step up. `false`: that code, or a newer one, was used before (RFC 6238 section 5.2).
///
/// # Errors
/// Any error of the database.
pub fn use_step(tx: &mut Tx, administrator: i64, step: i64) -> Result<bool> {
    Ok(tx.execute(USE, &[step.into(), administrator.into(), step.into()])? > 0)
}

/// Takes the codes and their secret away. `false`: there were none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, administrator: i64) -> Result<bool> {
    let done = forget(tx, administrator)?;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        audit::append_installation(tx, now, actor, "one_time_code.remove", &email, "")?;
    }
    Ok(done)
}

/// The same without an audit row, for an administrator who goes as a whole.
pub(crate) fn forget(tx: &mut Tx, administrator: i64) -> Result<bool> {
    secret::remove(tx, &place(administrator))?;
    Ok(tx.execute(REMOVE, &[administrator.into()])? > 0)
}
