//! The application that a workspace is known by in Microsoft Entra: what a customer's administrator consents to. The
//! client's secret is sealed, at [`place`].

use crate::secret::{self, Place};
use crate::{Error, Result, Tx, audit};
use uuid::Uuid;

crate::statements! {
    PUT = "INSERT INTO entra_application (workspace, client_id, login, permissions, changed, actor) \
           VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (workspace) DO UPDATE SET client_id = excluded.client_id, login = excluded.login, \
           permissions = excluded.permissions, changed = excluded.changed, actor = excluded.actor";
    GET = "SELECT client_id, login, permissions, changed, actor FROM entra_application WHERE workspace = $1";
    REMOVE = "DELETE FROM entra_application WHERE workspace = $1 RETURNING client_id";
}

/// The table's name, as the place of its secret.
pub const TABLE: &str = "entra_application";
/// The sign-in service of the public cloud.
pub const LOGIN: &str = "https://login.microsoftonline.com";
/// All that the registration of the application asks for ("Admin consent on the Microsoft identity platform").
pub const PERMISSIONS: &str = "https://graph.microsoft.com/.default";
/// Characters of the permissions.
const MOST: usize = 2_000;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraApplication {
    /// Its id, a GUID in lower case.
    pub client_id: String,
    /// The address of the sign-in service, without a path.
    pub login: String,
    /// What is asked for, separated by spaces.
    pub permissions: String,
    /// When it was set.
    pub changed: i64,
    /// Who set it.
    pub actor: String,
}

/// Where the client's sealed secret is kept.
#[must_use]
pub fn place(workspace: i64) -> Place<'static> {
    Place {
        table: TABLE,
        owner: workspace,
        field: "client_secret",
    }
}

/// What is to be set.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The application's id.
    pub client_id: &'a str,
    /// The address of the sign-in service.
    pub login: &'a str,
    /// What is asked for.
    pub permissions: &'a str,
}

/// Sets a workspace's application. Another id or another address wipes the secret: it was saved for the old one.
/// Nothing is written when nothing differs.
///
/// # Errors
/// [`Error::Refused`] (`PRV-CONSENT-CLIENT`) for an id that is no GUID, (`PRV-CONSENT-PERMISSIONS`) for permissions
/// that cannot be asked for. Whether the address can be called is for the caller to say.
pub fn put(tx: &mut Tx, actor: &str, now: i64, workspace: i64, new: &New) -> Result<EntraApplication> {
    let after = EntraApplication {
        client_id: check_client(new.client_id)?,
        login: new.login.trim_end_matches('/').to_owned(),
        permissions: check_permissions(new.permissions)?,
        changed: now,
        actor: actor.to_owned(),
    };
    let before = get(tx, workspace)?;
    if let Some(before) = &before {
        if (&before.client_id, &before.login, &before.permissions)
            == (&after.client_id, &after.login, &after.permissions)
        {
            return Ok(before.clone());
        }
        if (&before.client_id, &before.login) != (&after.client_id, &after.login) {
            secret::wipe(tx, TABLE, workspace)?;
        }
    }
    let params = [
        workspace.into(),
        (&after.client_id).into(),
        (&after.login).into(),
        (&after.permissions).into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(PUT, &params)?;
    let detail = format!("{}, {}", after.login, after.permissions);
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "entra_application.set",
        &after.client_id,
        &detail,
    )?;
    Ok(after)
}

/// Notes in the audit log that the application has a new secret, which the caller has sealed.
///
/// # Errors
/// Any error of the database.
pub fn note_secret(tx: &mut Tx, actor: &str, now: i64, workspace: i64, client_id: &str) -> Result<()> {
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "entra_application.secret",
        client_id,
        "",
    )
}

fn check_client(text: &str) -> Result<String> {
    let id = Uuid::try_parse(text.trim()).map_err(|_| {
        Error::refused(
            "PRV-CONSENT-CLIENT",
            "this is no application id of Microsoft Entra",
            "Copy the application (client) ID from the overview of the app registration: a GUID.",
        )
    })?;
    Ok(id.hyphenated().to_string())
}

fn check_permissions(text: &str) -> Result<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_possible = |word: &&str| {
        word.bytes()
            .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    let joined = words.join(" ");
    if words.is_empty() || joined.len() > MOST || !words.iter().all(is_possible) {
        return Err(Error::refused(
            "PRV-CONSENT-PERMISSIONS",
            "these permissions cannot be asked for",
            "Write them as Microsoft names them, separated by spaces, such as https://graph.microsoft.com/.default.",
        ));
    }
    Ok(joined)
}

/// A workspace's application.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, workspace: i64) -> Result<Option<EntraApplication>> {
    tx.first(GET, &[workspace.into()], |r| {
        Ok(EntraApplication {
            client_id: r.text(0)?,
            login: r.text(1)?,
            permissions: r.text(2)?,
            changed: r.int(3)?,
            actor: r.text(4)?,
        })
    })
}

/// Whether a workspace's application has a secret.
///
/// # Errors
/// Any error of the database.
pub fn has_secret(tx: &mut Tx, workspace: i64) -> Result<bool> {
    Ok(!secret::fields(tx, TABLE, workspace)?.is_empty())
}

/// Removes a workspace's application with its secret. What was recorded stays. `false`: there is none.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, workspace: i64) -> Result<bool> {
    let Some(client_id) = tx.first(REMOVE, &[workspace.into()], |r| r.text(0))? else {
        return Ok(false);
    };
    secret::wipe(tx, TABLE, workspace)?;
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "entra_application.remove",
        &client_id,
        "",
    )?;
    Ok(true)
}
