//! Passkeys of administrators: public keys, so nothing here is a secret.

use crate::administrator::{self, keep_way_in};
use crate::{Error, Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "key, administrator, credential_id, name, credential, created, last_used"
    };
}

crate::statements! {
    INSERT = "INSERT INTO passkey (key, administrator, credential_id, name, credential, created, last_used) \
              VALUES ($1, $2, $3, $4, $5, $6, 0)";
    LIST = concat!("SELECT ", columns!(), " FROM passkey WHERE administrator = $1 ORDER BY key");
    BY_CREDENTIAL_ID = concat!("SELECT ", columns!(), " FROM passkey WHERE credential_id = $1");
    USED = "UPDATE passkey SET credential = $1, last_used = $2 WHERE key = $3";
    RENAME = "UPDATE passkey SET name = $1 WHERE key = $2 AND administrator = $3";
    REMOVE = "DELETE FROM passkey WHERE key = $1 AND administrator = $2 RETURNING name";
}

/// Passkeys that one administrator may have.
pub const MOST: usize = 20;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The inside key.
    pub key: i64,
    /// Whose it is.
    pub administrator: i64,
    /// The credential's id in base64url (Web Authentication Level 3, section 5.1).
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key with its counter, as JSON.
    pub credential: String,
    /// When it was added.
    pub created: i64,
    /// When it was last used.
    pub last_used: Option<i64>,
}

fn read(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        key: row.int(0)?,
        administrator: row.int(1)?,
        credential_id: row.text(2)?,
        name: row.text(3)?,
        credential: row.text(4)?,
        created: row.int(5)?,
        last_used: Some(row.int(6)?).filter(|when| *when > 0),
    })
}

/// A passkey to be added.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Whose.
    pub administrator: i64,
    /// The credential's id in base64url.
    pub credential_id: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// The public key with its counter, as JSON.
    pub credential: &'a str,
}

/// Adds a passkey.
///
/// # Errors
/// [`Error::Refused`] for a name that cannot be printed (`PRV-NAME`), for one more than [`MOST`]
/// (`PRV-PASSKEY-MANY`), for an authenticator that is known already (`PRV-PASSKEY-KNOWN`), and for an
/// administrator who is gone (`PRV-ADMINISTRATOR-GONE`).
pub fn add(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Passkey> {
    word::check_name("passkey", new.name)?;
    let administrator = administrator::get(tx, new.administrator)?;
    if list(tx, administrator.key)?.len() >= MOST {
        let sentence = format!("{} has {MOST} passkeys already", administrator.name);
        return Err(Error::refused(
            "PRV-PASSKEY-MANY",
            sentence,
            "Remove one that is not used any more.",
        ));
    }
    if by_credential_id(tx, new.credential_id)?.is_some() {
        let hint = "Sign in with it, or use another device.";
        return Err(Error::refused(
            "PRV-PASSKEY-KNOWN",
            "this passkey was added before",
            hint,
        ));
    }
    let key = tx.key();
    let params = [
        key.into(),
        administrator.key.into(),
        new.credential_id.into(),
        new.name.into(),
        new.credential.into(),
        now.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append_installation(tx, now, actor, "passkey.add", &administrator.email, new.name)?;
    Ok(Passkey {
        key,
        administrator: administrator.key,
        credential_id: new.credential_id.to_owned(),
        name: new.name.to_owned(),
        credential: new.credential.to_owned(),
        created: now,
        last_used: None,
    })
}

/// An administrator's passkeys, oldest first; at most [`MOST`].
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, administrator: i64) -> Result<Vec<Passkey>> {
    tx.query(LIST, &[administrator.into()], read)
}

/// The passkey with this credential id, whoever's it is.
///
/// # Errors
/// Any error of the database.
pub fn by_credential_id(tx: &mut Tx, credential_id: &str) -> Result<Option<Passkey>> {
    tx.first(BY_CREDENTIAL_ID, &[credential_id.into()], read)
}

/// Keeps what changed with a use: the counter, and when it was.
///
/// # Errors
/// Any error of the database.
pub fn update_after_use(tx: &mut Tx, key: i64, credential: &str, now: i64) -> Result<()> {
    tx.execute(USED, &[credential.into(), now.into(), key.into()])?;
    Ok(())
}

/// Gives an administrator's passkey another name. `false`: they have no such passkey.
///
/// # Errors
/// [`Error::Refused`] (`PRV-NAME`) for a name that cannot be printed.
pub fn rename(tx: &mut Tx, actor: &str, now: i64, administrator: i64, key: i64, name: &str) -> Result<bool> {
    word::check_name("passkey", name)?;
    let params = [name.into(), key.into(), administrator.into()];
    let done = tx.execute(RENAME, &params)? > 0;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        audit::append_installation(tx, now, actor, "passkey.rename", &email, name)?;
    }
    Ok(done)
}

/// Removes an administrator's passkey. `false`: they have no such passkey.
///
/// # Errors
/// [`Error::Refused`] (`PRV-OWNER-LAST`) when no owner could sign in any more.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, administrator: i64, key: i64) -> Result<bool> {
    let params = [key.into(), administrator.into()];
    let gone = keep_way_in(tx, now, |tx| tx.first(REMOVE, &params, |r| r.text(0)))?;
    let Some(name) = gone else {
        return Ok(false);
    };
    let email = administrator::get(tx, administrator)?.email;
    audit::append_installation(tx, now, actor, "passkey.remove", &email, &name)?;
    Ok(true)
}
