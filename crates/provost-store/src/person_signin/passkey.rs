//! Passkeys of people: public keys, so nothing here is a secret.

use super::Person;
use crate::{Error, Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "key, workspace, person, credential_id, name, credential, created, last_used"
    };
}

crate::statements! {
    INSERT = "INSERT INTO person_passkey (key, workspace, person, credential_id, name, credential, created, last_used) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
    LIST = concat!("SELECT ", columns!(), " FROM person_passkey WHERE person = $1 ORDER BY key");
    BY_CREDENTIAL_ID = concat!("SELECT ", columns!(), " FROM person_passkey WHERE credential_id = $1");
    USED = "UPDATE person_passkey SET credential = $1, last_used = $2 WHERE key = $3";
    RENAME = "UPDATE person_passkey SET name = $1 WHERE key = $2 AND person = $3";
    REMOVE = "DELETE FROM person_passkey WHERE key = $1 AND person = $2 RETURNING name";
}

/// Passkeys that one person may have.
pub const MOST: usize = 20;

/// A person's passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// Whose it is.
    pub person: i64,
    /// The credential's id in base64url (Web Authentication Level 3, section 5.1).
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key with its counter and its flags, as JSON.
    pub credential: String,
    /// When it was added.
    pub created: i64,
    /// When it was last used to sign in.
    pub last_used: Option<i64>,
}

fn read(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        key: row.int(0)?,
        workspace: row.int(1)?,
        person: row.int(2)?,
        credential_id: row.text(3)?,
        name: row.text(4)?,
        credential: row.text(5)?,
        created: row.int(6)?,
        last_used: Some(row.int(7)?).filter(|when| *when > 0),
    })
}

/// A passkey to be added.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The credential's id in base64url.
    pub credential_id: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// The public key with its counter and its flags, as JSON.
    pub credential: &'a str,
}

/// Adds a passkey of a person.
///
/// # Errors
/// [`Error::Refused`] for a name that cannot be printed (`PRV-NAME`), for one more than [`MOST`]
/// (`PRV-PASSKEY-MANY`), and for an authenticator that is known already (`PRV-PASSKEY-KNOWN`).
pub fn add(tx: &mut Tx, now: i64, person: &Person, new: &New) -> Result<Passkey> {
    word::check_name("passkey", new.name)?;
    if list(tx, person.key)?.len() >= MOST {
        let sentence = format!("{} has {MOST} passkeys already", person.label);
        let hint = "Remove one that is not used any more.";
        return Err(Error::refused("PRV-PASSKEY-MANY", sentence, hint));
    }
    if by_credential_id(tx, new.credential_id)?.is_some() {
        let sentence = "this passkey was added before";
        let hint = "Sign in with it, or use another device.";
        return Err(Error::refused("PRV-PASSKEY-KNOWN", sentence, hint));
    }
    let key = tx.key();
    let params = [
        key.into(),
        person.workspace.into(),
        person.key.into(),
        new.credential_id.into(),
        new.name.into(),
        new.credential.into(),
        now.into(),
    ];
    tx.execute(INSERT, &params)?;
    note(tx, now, &person.actor(), "person_passkey.add", person, new.name)?;
    Ok(Passkey {
        key,
        workspace: person.workspace,
        person: person.key,
        credential_id: new.credential_id.to_owned(),
        name: new.name.to_owned(),
        credential: new.credential.to_owned(),
        created: now,
        last_used: None,
    })
}

fn note(tx: &mut Tx, now: i64, actor: &str, action: &str, person: &Person, detail: &str) -> Result<()> {
    audit::append(tx, person.workspace, now, actor, action, person.id, detail)
}

/// A person's passkeys, oldest first; at most [`MOST`].
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, person: i64) -> Result<Vec<Passkey>> {
    tx.query(LIST, &[person.into()], read)
}

/// The passkey with this credential id, whoever's it is.
///
/// # Errors
/// Any error of the database.
pub fn by_credential_id(tx: &mut Tx, credential_id: &str) -> Result<Option<Passkey>> {
    tx.first(BY_CREDENTIAL_ID, &[credential_id.into()], read)
}

/// Keeps what changed with a use: the counter, the flags, and when it was.
///
/// # Errors
/// Any error of the database.
pub fn update_after_use(tx: &mut Tx, key: i64, credential: &str, now: i64) -> Result<()> {
    tx.execute(USED, &[credential.into(), now.into(), key.into()])?;
    Ok(())
}

/// Gives a person's passkey another name. `false`: they have no such passkey.
///
/// # Errors
/// [`Error::Refused`] (`PRV-NAME`) for a name that cannot be printed.
pub fn rename(tx: &mut Tx, now: i64, person: &Person, key: i64, name: &str) -> Result<bool> {
    word::check_name("passkey", name)?;
    let done = tx.execute(RENAME, &[name.into(), key.into(), person.key.into()])? > 0;
    if done {
        note(tx, now, &person.actor(), "person_passkey.rename", person, name)?;
    }
    Ok(done)
}

/// Removes a person's passkey. `false`: they have no such passkey.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, person: &Person, key: i64) -> Result<bool> {
    let gone = tx.first(REMOVE, &[key.into(), person.key.into()], |r| r.text(0))?;
    let Some(name) = gone else {
        return Ok(false);
    };
    note(tx, now, actor, "person_passkey.remove", person, &name)?;
    Ok(true)
}
