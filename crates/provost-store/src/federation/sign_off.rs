//! Checks that are not green and that somebody answers for.

use super::note;
use crate::microsoft_365::Provider;
use crate::{Error, Result, Tx};

crate::statements! {
    PUT = "INSERT INTO federation_sign_off (provider, line, digest, person, reason, signed, actor) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (provider, line) DO UPDATE SET digest = excluded.digest, \
           person = excluded.person, reason = excluded.reason, signed = excluded.signed, actor = excluded.actor";
    LIST = "SELECT line, digest, person, reason, signed, actor FROM federation_sign_off WHERE provider = $1 ORDER BY line";
    REMOVE = "DELETE FROM federation_sign_off WHERE provider = $1 AND line = $2";
    FORGET = "DELETE FROM federation_sign_off WHERE provider = $1";
}

/// Characters of a reason, and of a name.
const REASON: usize = 400;
const NAME: usize = 100;

/// What somebody answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The check's stable key.
    pub line: String,
    /// Of the evidence that they saw.
    pub digest: String,
    /// Who vouches.
    pub person: String,
    /// Why it is right nevertheless.
    pub reason: String,
    /// When.
    pub signed: i64,
    /// Who entered it.
    pub actor: String,
}

/// Signs a check off.
///
/// # Errors
/// [`Error::Refused`] (`PRV-FEDERATION-SIGN-OFF`) without a reason or a name, or with one that is no line of text.
pub fn sign_off(tx: &mut Tx, now: i64, provider: &Provider, what: &SignOff) -> Result<()> {
    check("reason", &what.reason, REASON)?;
    check("name of who vouches", &what.person, NAME)?;
    let params = [
        provider.key.into(),
        (&what.line).into(),
        (&what.digest).into(),
        what.person.trim().into(),
        what.reason.trim().into(),
        now.into(),
        (&what.actor).into(),
    ];
    tx.execute(PUT, &params)?;
    let detail = format!("{}, {}: {}", what.line, what.person.trim(), what.reason.trim());
    note(tx, now, &what.actor, "sign_off", provider, &detail)
}

fn check(noun: &str, text: &str, most: usize) -> Result<()> {
    let fault = match text.trim() {
        "" => "is missing".to_owned(),
        text if text.chars().count() > most => format!("is longer than {most} characters"),
        text if text.chars().any(char::is_control) => "is no single line".to_owned(),
        _ => return Ok(()),
    };
    Err(Error::refused(
        "PRV-FEDERATION-SIGN-OFF",
        format!("the {noun} {fault}"),
        "Say who answers for it and why it is right nevertheless; it stands in the audit log.",
    ))
}

/// What was signed off, by check.
///
/// # Errors
/// Any error of the database.
pub fn sign_offs(tx: &mut Tx, provider: i64) -> Result<Vec<SignOff>> {
    tx.query(LIST, &[provider.into()], |row| {
        Ok(SignOff {
            line: row.text(0)?,
            digest: row.text(1)?,
            person: row.text(2)?,
            reason: row.text(3)?,
            signed: row.int(4)?,
            actor: row.text(5)?,
        })
    })
}

/// Takes a sign-off back. `false`: there was none.
///
/// # Errors
/// Any error of the database.
pub fn withdraw(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, line: &str) -> Result<bool> {
    let gone = tx.execute(REMOVE, &[provider.key.into(), line.into()])? > 0;
    if gone {
        note(tx, now, actor, "withdraw", provider, line)?;
    }
    Ok(gone)
}

pub(super) fn forget(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}
