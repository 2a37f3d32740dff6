//! Applications that people of the directory sign in to: the section *Sign-in* of a connection. The connection's scope says
//! who may; nothing about that is kept here.

pub mod asked;
pub mod back_channel;
pub mod entry;
pub mod key;
pub mod secret;
pub mod token;

pub(crate) use asked::STATEMENTS as ASKED_STATEMENTS;
pub(crate) use back_channel::STATEMENTS as BACK_CHANNEL_STATEMENTS;
pub(crate) use entry::STATEMENTS as ENTRY_STATEMENTS;
pub(crate) use key::STATEMENTS as KEY_STATEMENTS;
pub(crate) use secret::STATEMENTS as SECRET_STATEMENTS;
pub(crate) use token::STATEMENTS as TOKEN_STATEMENTS;

use crate::connection::Connection;
use crate::{Error, Result, Row, Tx, audit, credential, word};
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! columns {
    () => {
        "connection, workspace, client_id, enabled, settings, salt, created, changed"
    };
}

crate::statements! {
    INSERT = "INSERT INTO application (connection, workspace, client_id, enabled, settings, salt, created, changed) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    UPDATE = "UPDATE application SET enabled = $1, settings = $2, changed = $3 WHERE connection = $4";
    OF_CONNECTION = concat!("SELECT ", columns!(), " FROM application WHERE connection = $1");
    BY_CLIENT = concat!("SELECT ", columns!(), " FROM application WHERE client_id = $1");
    OF_WORKSPACE = concat!("SELECT ", columns!(), " FROM application WHERE workspace = $1 ORDER BY connection LIMIT 1000");
}

word::words! {
    /// How an application proves that it is itself.
    Authentication, "way in which an application proves itself":
    /// By a secret that both know (RFC 6749 section 2.3.1).
    Secret = "secret",
    /// By an assertion that its private key signs (RFC 7523, OpenID Connect Core 1.0 section 9).
    PrivateKey = "private_key_jwt",
    /// Not at all: an application on people's own machines, which can keep no secret. PKCE ties the code to it.
    Public = "public",
}

word::words! {
    /// By what an ID token is signed.
    Algorithm, "algorithm of ID tokens":
    /// RSA with SHA-256: what every application understands (OpenID Connect Core 1.0 section 15.1).
    Rs256 = "RS256",
    /// ECDSA on P-256 with SHA-256: smaller and quicker.
    Es256 = "ES256",
}

word::words! {
    /// What a person is called in tokens (OpenID Connect Core 1.0 section 8).
    Subject, "kind of subject":
    /// By the same id in all applications.
    Public = "public",
    /// By another id in each, so that two applications cannot put together what they know.
    Pairwise = "pairwise",
}

/// What an administrator has set about the sign-in to an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How it proves that it is itself.
    pub authentication: Authentication,
    /// Its public keys (RFC 7517), for assertions; null for none.
    pub jwks: Value,
    /// Where browsers may be sent back, each compared as a whole.
    pub redirect_uris: Vec<String>,
    /// Where they may be sent after signing out, each compared as a whole.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the application is told that somebody has signed out (OpenID Connect Back-Channel Logout 1.0).
    pub back_channel_logout_uri: Option<String>,
    /// Whether what it asks for has to be pushed first (RFC 9126).
    pub require_par: bool,
    /// By what its ID tokens are signed.
    pub algorithm: Algorithm,
    /// What people are called in its tokens.
    pub subject: Subject,
    /// Where people begin to use it: their own page leads there.
    pub home: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authentication: Authentication::Secret,
            jwks: Value::Null,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            back_channel_logout_uri: None,
            require_par: false,
            algorithm: Algorithm::Rs256,
            subject: Subject::Public,
            home: None,
        }
    }
}

/// An application that people sign in to.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// The key of its connection.
    pub connection: i64,
    /// The workspace.
    pub workspace: i64,
    /// What it calls itself towards us.
    pub client_id: String,
    /// Whether anybody can sign in to it at present.
    pub enabled: bool,
    /// What was set.
    pub settings: Settings,
    /// Goes into what people are called there; nobody else knows it.
    pub salt: Vec<u8>,
    /// When the sign-in was set up.
    pub created: i64,
    /// When it was last changed.
    pub changed: i64,
}

/// Never the salt.
impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application")
            .field("connection", &self.connection)
            .field("client_id", &self.client_id)
            .field("enabled", &self.enabled)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn read(row: &Row) -> Result<Application> {
    let settings = serde_json::from_str(row.str(4)?)
        .map_err(|e| Error::Damaged(format!("the sign-in settings of an application: {e}")))?;
    Ok(Application {
        connection: row.int(0)?,
        workspace: row.int(1)?,
        client_id: row.text(2)?,
        enabled: row.bool(3)?,
        settings,
        salt: row.bytes(5)?,
        created: row.int(6)?,
        changed: row.int(7)?,
    })
}

fn json(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings).map_err(|e| Error::Damaged(format!("the sign-in settings: {e}")))
}

/// Sets the sign-in of a connection up, or changes it. Switching it off, and another kind of subject, end what was issued.
/// Nothing is written when nothing differs.
///
/// # Errors
/// Any error of the database.
pub fn set(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    enabled: bool,
    settings: &Settings,
) -> Result<Application> {
    let text = json(settings)?;
    let Some(before) = of_connection(tx, connection.key)? else {
        return add(tx, actor, now, connection, enabled, settings);
    };
    if before.enabled == enabled && before.settings == *settings {
        return Ok(before);
    }
    let params = [enabled.into(), (&text).into(), now.into(), connection.key.into()];
    tx.execute(UPDATE, &params)?;
    if !enabled || before.settings.subject != settings.subject {
        entry::end_of_connection(tx, now, connection.key)?;
    }
    note(
        tx,
        now,
        actor,
        "application_signin.set",
        connection,
        &described(enabled, settings),
    )?;
    Ok(Application {
        enabled,
        settings: settings.clone(),
        changed: now,
        ..before
    })
}

fn add(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    enabled: bool,
    settings: &Settings,
) -> Result<Application> {
    let made = Application {
        connection: connection.key,
        workspace: connection.workspace,
        client_id: crate::hex(&credential::random::<16>()?),
        enabled,
        settings: settings.clone(),
        salt: credential::random::<32>()?.to_vec(),
        created: now,
        changed: now,
    };
    let text = json(settings)?;
    let params = [
        made.connection.into(),
        made.workspace.into(),
        (&made.client_id).into(),
        enabled.into(),
        (&text).into(),
        made.salt.as_slice().into(),
        now.into(),
        now.into(),
    ];
    tx.execute(INSERT, &params)?;
    let detail = format!("client {}, {}", made.client_id, described(enabled, settings));
    note(tx, now, actor, "application_signin.add", connection, &detail)?;
    Ok(made)
}

/// What the audit log keeps of the settings.
fn described(enabled: bool, settings: &Settings) -> String {
    format!(
        "{}, {}, {}, subject {}, redirects {}{}{}",
        if enabled { "on" } else { "off" },
        settings.authentication,
        settings.algorithm,
        settings.subject,
        settings.redirect_uris.join(" "),
        settings
            .back_channel_logout_uri
            .as_ref()
            .map_or_else(String::new, |uri| format!(", logout told to {uri}")),
        if settings.require_par {
            ", pushed requests only"
        } else {
            ""
        },
    )
}

pub(crate) fn note(
    tx: &mut Tx,
    now: i64,
    actor: &str,
    action: &str,
    connection: &Connection,
    detail: &str,
) -> Result<()> {
    audit::append_named(
        tx,
        connection.workspace,
        now,
        actor,
        action,
        &connection.name,
        detail,
    )
}

/// The sign-in of a connection; none where it was never set up.
///
/// # Errors
/// Any error of the database.
pub fn of_connection(tx: &mut Tx, connection: i64) -> Result<Option<Application>> {
    tx.first(OF_CONNECTION, &[connection.into()], read)
}

/// The application with this client id, in any workspace.
///
/// # Errors
/// Any error of the database.
pub fn by_client(tx: &mut Tx, client_id: &str) -> Result<Option<Application>> {
    tx.first(BY_CLIENT, &[client_id.into()], read)
}

/// The applications of a workspace, at most 1,000.
///
/// # Errors
/// Any error of the database.
pub fn of_workspace(tx: &mut Tx, workspace: i64) -> Result<Vec<Application>> {
    tx.query(OF_WORKSPACE, &[workspace.into()], read)
}
