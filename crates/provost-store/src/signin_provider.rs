//! Systems that administrators may sign in with, by OpenID Connect. The client's secret is sealed, at [`place`].

use crate::administrator::keep_way_in;
use crate::secret::{self, Place};
use crate::{Error, Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "key, name, issuer, client_id, enabled, created"
    };
}

crate::statements! {
    INSERT = "INSERT INTO signin_provider (key, name, issuer, client_id, enabled, created, actor) \
              VALUES ($1, $2, $3, $4, TRUE, $5, $6)";
    EDIT = "UPDATE signin_provider SET name = $1, issuer = $2, client_id = $3, enabled = $4 WHERE key = $5";
    BY_KEY = concat!("SELECT ", columns!(), " FROM signin_provider WHERE key = $1");
    BY_NAME = concat!("SELECT ", columns!(), " FROM signin_provider WHERE name = $1");
    LIST = concat!("SELECT ", columns!(), " FROM signin_provider ORDER BY name");
    REMOVE = "DELETE FROM signin_provider WHERE key = $1";
}

/// Providers that an installation may have.
pub const MOST: usize = 20;

/// A system that administrators may sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigninProvider {
    /// The inside key.
    pub key: i64,
    /// Its name, unique in the installation: it stands on the button and in addresses.
    pub name: String,
    /// The issuer, exactly as its tokens name it (OpenID Connect Core 1.0 section 2, `iss`).
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// Whether it is offered, and answered.
    pub enabled: bool,
    /// When it was added.
    pub created: i64,
}

fn read(row: &Row) -> Result<SigninProvider> {
    Ok(SigninProvider {
        key: row.int(0)?,
        name: row.text(1)?,
        issuer: row.text(2)?,
        client_id: row.text(3)?,
        enabled: row.bool(4)?,
        created: row.int(5)?,
    })
}

/// Where the client's sealed secret is kept.
pub fn place(key: i64) -> Place<'static> {
    Place {
        table: "signin_provider",
        owner: key,
        field: "client_secret",
    }
}

/// A provider to be added.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Its name.
    pub name: &'a str,
    /// The issuer.
    pub issuer: &'a str,
    /// What it calls us.
    pub client_id: &'a str,
}

/// Adds a provider, which is offered from now on.
///
/// # Errors
/// [`Error::Refused`] for a name that cannot be printed (`PRV-NAME`), one that is taken
/// (`PRV-SIGNIN-PROVIDER-NAME`), and for one more than [`MOST`] (`PRV-SIGNIN-PROVIDERS-MANY`).
pub fn add(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<SigninProvider> {
    free_name(tx, None, new.name)?;
    if list(tx)?.len() >= MOST {
        let sentence = format!("there are {MOST} providers to sign in with already");
        let hint = "Remove one that is not used any more.";
        return Err(Error::refused("PRV-SIGNIN-PROVIDERS-MANY", sentence, hint));
    }
    let key = tx.key();
    let params = [
        key.into(),
        new.name.into(),
        new.issuer.into(),
        new.client_id.into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append_installation(tx, now, actor, "signin_provider.add", new.name, new.issuer)?;
    Ok(SigninProvider {
        key,
        name: new.name.to_owned(),
        issuer: new.issuer.to_owned(),
        client_id: new.client_id.to_owned(),
        enabled: true,
        created: now,
    })
}

fn free_name(tx: &mut Tx, own: Option<i64>, name: &str) -> Result<()> {
    word::check_name("provider", name)?;
    match by_name(tx, name)? {
        Some(other) if Some(other.key) != own => Err(Error::refused(
            "PRV-SIGNIN-PROVIDER-NAME",
            format!("a provider to sign in with is called \"{name}\" already"),
            "Give it another name.",
        )),
        _ => Ok(()),
    }
}

/// What is to change of a provider; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// The issuer. Another one wipes the client's secret: it was saved for the old one.
    pub issuer: Option<&'a str>,
    /// What it calls us.
    pub client_id: Option<&'a str>,
    /// Whether it is offered, and answered.
    pub enabled: Option<bool>,
}

/// Changes a provider. Nothing is written when nothing differs.
///
/// # Errors
/// As [`add`]; [`Error::Refused`] for one that is gone (`PRV-SIGNIN-PROVIDER-GONE`), and when no owner could sign in
/// any more (`PRV-OWNER-LAST`).
pub fn edit(tx: &mut Tx, actor: &str, now: i64, key: i64, edit: Edit) -> Result<SigninProvider> {
    let before = get(tx, key)?;
    let after = SigninProvider {
        name: edit.name.unwrap_or(&before.name).to_owned(),
        issuer: edit.issuer.unwrap_or(&before.issuer).to_owned(),
        client_id: edit.client_id.unwrap_or(&before.client_id).to_owned(),
        enabled: edit.enabled.unwrap_or(before.enabled),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    free_name(tx, Some(key), &after.name)?;
    let params = [
        (&after.name).into(),
        (&after.issuer).into(),
        (&after.client_id).into(),
        after.enabled.into(),
        key.into(),
    ];
    keep_way_in(tx, now, |tx| tx.execute(EDIT, &params))?;
    if after.issuer != before.issuer {
        secret::wipe(tx, "signin_provider", key)?;
    }
    let standing = if after.enabled { "enabled" } else { "disabled" };
    let detail = format!(
        "{}, {}, client {}, {standing}",
        after.name, after.issuer, after.client_id
    );
    audit::append_installation(tx, now, actor, "signin_provider.edit", &before.name, &detail)?;
    Ok(after)
}

fn get(tx: &mut Tx, key: i64) -> Result<SigninProvider> {
    by_key(tx, key)?.ok_or_else(|| {
        Error::refused(
            "PRV-SIGNIN-PROVIDER-GONE",
            "this provider to sign in with is no longer there",
            "Look at the list of providers.",
        )
    })
}

/// The provider with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<SigninProvider>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The provider of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<SigninProvider>> {
    tx.first(BY_NAME, &[name.into()], read)
}

/// All providers by name; at most [`MOST`].
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx) -> Result<Vec<SigninProvider>> {
    tx.query(LIST, &[], read)
}

/// Removes a provider with its secret. Who people are there stays known: the same issuer, added again, finds them.
/// `false`: it is gone already.
///
/// # Errors
/// [`Error::Refused`] (`PRV-OWNER-LAST`) when no owner could sign in any more.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<bool> {
    let Some(gone) = by_key(tx, key)? else {
        return Ok(false);
    };
    keep_way_in(tx, now, |tx| tx.execute(REMOVE, &[key.into()]))?;
    secret::wipe(tx, "signin_provider", key)?;
    audit::append_installation(tx, now, actor, "signin_provider.remove", &gone.name, &gone.issuer)?;
    Ok(true)
}
