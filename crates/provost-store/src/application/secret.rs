//! The secrets of applications: shown once, kept as a hash, two at most so that one can take the place of the other.

use super::note;
use crate::connection::Connection;
use crate::{Error, Result, Row, Tx, credential};
use aws_lc_rs::constant_time::verify_slices_are_equal;

crate::statements! {
    INSERT = "INSERT INTO application_secret (key, connection, hash, created, actor, last_used) VALUES ($1, $2, $3, $4, $5, 0)";
    LIST = "SELECT key, created, actor, last_used FROM application_secret WHERE connection = $1 ORDER BY key";
    HASHES = "SELECT key, hash, last_used FROM application_secret WHERE connection = $1 ORDER BY key";
    REMOVE = "DELETE FROM application_secret WHERE connection = $1 AND key = $2";
    TOUCH = "UPDATE application_secret SET last_used = $1 WHERE key = $2";
}

/// Secrets that an application may have.
pub const MOST: usize = 2;
/// With what a secret begins.
const PREFIX: &str = "pva_";

/// A secret, without itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The inside key.
    pub key: i64,
    /// When it was made.
    pub created: i64,
    /// Who made it.
    pub actor: String,
    /// When it was last used, to the hour.
    pub last_used: Option<i64>,
}

fn read(row: &Row) -> Result<Secret> {
    Ok(Secret {
        key: row.int(0)?,
        created: row.int(1)?,
        actor: row.text(2)?,
        last_used: Some(row.int(3)?).filter(|at| *at > 0),
    })
}

/// Makes a secret, and answers it with its text: it is known only now.
///
/// # Errors
/// [`Error::Refused`] (`PRV-APPLICATION-SECRETS`) for a third one.
pub fn add(tx: &mut Tx, actor: &str, now: i64, connection: &Connection) -> Result<(Secret, String)> {
    if list(tx, connection.key)?.len() >= MOST {
        let sentence = format!(
            "the application of \"{}\" has {MOST} secrets already",
            connection.name
        );
        let hint = "Remove the one that is not used any more.";
        return Err(Error::refused("PRV-APPLICATION-SECRETS", sentence, hint));
    }
    let text = credential::make(PREFIX)?;
    let key = tx.key();
    let hash = credential::hash(&text);
    let params = [
        key.into(),
        connection.key.into(),
        hash.as_ref().into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    note(
        tx,
        now,
        actor,
        "application_secret.add",
        connection,
        &format!("secret {key}"),
    )?;
    let made = Secret {
        key,
        created: now,
        actor: actor.to_owned(),
        last_used: None,
    };
    Ok((made, text))
}

/// The secrets of an application, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64) -> Result<Vec<Secret>> {
    tx.query(LIST, &[connection.into()], read)
}

/// Withdraws a secret: nothing is taken by it from now on. `false`: there is none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, key: i64) -> Result<bool> {
    if tx.execute(REMOVE, &[connection.key.into(), key.into()])? == 0 {
        return Ok(false);
    }
    note(
        tx,
        now,
        actor,
        "application_secret.remove",
        connection,
        &format!("secret {key}"),
    )?;
    Ok(true)
}

/// Which of the secrets this is, with when it was last used; none where it is none of them.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, connection: i64, text: &str) -> Result<Option<(i64, i64)>> {
    let hash = credential::hash(text);
    let known = tx.query(HASHES, &[connection.into()], |r| {
        Ok((r.int(0)?, r.bytes(1)?, r.int(2)?))
    })?;
    let found = known
        .into_iter()
        .find(|(_, kept, _)| verify_slices_are_equal(kept, hash.as_ref()).is_ok());
    Ok(found.map(|(key, _, used)| (key, used)))
}

/// Notes that a secret was used.
///
/// # Errors
/// Any error of the database.
pub fn touch(tx: &mut Tx, key: i64, now: i64) -> Result<()> {
    tx.execute(TOUCH, &[now.into(), key.into()])?;
    Ok(())
}
