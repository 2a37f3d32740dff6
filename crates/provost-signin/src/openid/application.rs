//! What administrators set about the sign-in to an application.

use super::uri;
use super::{Algorithm, Application, Authentication, Line, Openid, Secret, Settings, SigningKey, Subject};
use crate::provider::Key;
use crate::{Error, Result};
use provost_connect::http::{Origin, Policy};
use provost_store::Tx;
use provost_store::application::{self, entry, key, secret};
use provost_store::connection::Connection;
use provost_store::workspace;
use serde_json::Value;
use url::Url;

/// The connector of Microsoft 365: people sign in there by the domain's federation.
const MICROSOFT_365: &str = "graph";

/// What is to change; what is `None` stays. The first change sets the sign-in up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether anybody can sign in.
    pub enabled: Option<bool>,
    /// How the application proves that it is itself.
    pub authentication: Option<Authentication>,
    /// Its public keys; null for none.
    pub jwks: Option<Value>,
    /// Where browsers may be sent back.
    pub redirect_uris: Option<Vec<String>>,
    /// Where they may be sent after signing out.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Where it is told that somebody has signed out; empty for nowhere.
    pub back_channel_logout_uri: Option<String>,
    /// Whether what it asks has to be pushed first.
    pub require_par: Option<bool>,
    /// By what its ID tokens are signed.
    pub algorithm: Option<Algorithm>,
    /// What people are called in its tokens.
    pub subject: Option<Subject>,
    /// Where people begin to use it; empty for nowhere.
    pub home: Option<String>,
}

/// The sign-in of a connection, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What was set; none where it was never set up.
    pub application: Option<Application>,
    /// Its secrets, without themselves.
    pub secrets: Vec<Secret>,
    /// The keys of the workspace.
    pub keys: Vec<SigningKey>,
    /// What we call ourselves towards it.
    pub issuer: String,
}

/// The sign-ins to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighted {
    /// Newest first.
    pub lines: Vec<Line>,
    /// The key of the last one, when there are more.
    pub next: Option<i64>,
}

impl Openid {
    /// The sign-in of a connection.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn shown(&self, connection: &Connection) -> Result<Shown> {
        let (of, within, openid) = (connection.key, connection.workspace, self.clone());
        self.signin
            .read(move |tx| {
                let issuer = workspace::by_key(tx, within)?.map(|one| openid.issuer(one.id));
                Ok(Shown {
                    application: application::of_connection(tx, of)?,
                    secrets: secret::list(tx, of)?,
                    keys: key::list(tx, within)?,
                    issuer: issuer.unwrap_or_default(),
                })
            })
            .await
    }

    /// Changes the sign-in of a connection, or sets it up.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-APPLICATION-CONNECTOR`, `PRV-APPLICATION-ADDRESS`, `PRV-APPLICATION-REDIRECT`,
    /// `PRV-APPLICATION-KEYS`.
    pub async fn change(
        &self,
        actor: &str,
        connection: &Connection,
        change: Change,
        now: i64,
    ) -> Result<Application> {
        if connection.connector == MICROSOFT_365 {
            return Err(Error::refused(
                "PRV-APPLICATION-CONNECTOR",
                "people do not sign in to Microsoft 365 by a connection",
                "Federate the domain with its provider instead.",
            ));
        }
        let (actor, connection, openid) = (actor.to_owned(), connection.clone(), self.clone());
        self.signin
            .write(move |tx| {
                let before = application::of_connection(tx, connection.key)?;
                let (was_on, settings) = match before {
                    Some(before) => (before.enabled, before.settings),
                    None => (false, Settings::default()),
                };
                let settings = applied(&change, settings);
                let enabled = change.enabled.unwrap_or(was_on);
                openid.check(enabled, &settings)?;
                Ok(application::set(
                    tx,
                    &actor,
                    now,
                    &connection,
                    enabled,
                    &settings,
                )?)
            })
            .await
    }

    fn check(&self, enabled: bool, settings: &Settings) -> Result<()> {
        uri::check(&settings.redirect_uris, "redirect address")?;
        uri::check(&settings.post_logout_redirect_uris, "address after signing out")?;
        if let Some(home) = &settings.home {
            uri::check_one(home, "address where people begin", true)?;
        }
        if let Some(uri) = &settings.back_channel_logout_uri {
            self.check_told(uri)?;
        }
        if enabled && settings.redirect_uris.is_empty() {
            return Err(Error::refused(
                "PRV-APPLICATION-REDIRECT",
                "nobody can sign in to an application that has no redirect address",
                "Enter the address that the application names, then switch the sign-in on.",
            ));
        }
        check_keys(settings)
    }

    /// An address that we call: never in the clear over the internet, nor in the private network where that is not allowed.
    fn check_told(&self, uri: &str) -> Result<()> {
        let kept = &self.signin.0.openid;
        uri::check_one(uri, "address for sign-outs", kept.allow_private_network)?;
        let origins = Url::parse(uri)
            .ok()
            .as_ref()
            .and_then(Origin::of)
            .into_iter()
            .collect();
        kept.factory.client(Policy {
            origins,
            allow_private_network: kept.allow_private_network,
            allowed_networks: Vec::new(),
        })?;
        Ok(())
    }

    /// Makes a secret for an application, and answers it with its text: it is known only now.
    ///
    /// # Errors
    /// [`Error::Store`] for a third one (`PRV-APPLICATION-SECRETS`); [`Error::Refused`] where the sign-in is not set up
    /// (`PRV-APPLICATION-NONE`).
    pub async fn add_secret(
        &self,
        actor: &str,
        connection: &Connection,
        now: i64,
    ) -> Result<(Secret, String)> {
        let (actor, connection) = (actor.to_owned(), connection.clone());
        self.signin
            .write(move |tx| {
                set_up(tx, &connection)?;
                Ok(secret::add(tx, &actor, now, &connection)?)
            })
            .await
    }

    /// Withdraws a secret.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is none with this key (`PRV-APPLICATION-SECRET-UNKNOWN`).
    pub async fn remove_secret(
        &self,
        actor: &str,
        connection: &Connection,
        key: i64,
        now: i64,
    ) -> Result<()> {
        let (actor, of) = (actor.to_owned(), connection.clone());
        let gone = self
            .signin
            .write(move |tx| Ok(secret::remove(tx, &actor, now, &of, key)?))
            .await?;
        if gone {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-APPLICATION-SECRET-UNKNOWN",
            format!(
                "the application of \"{}\" has no secret with the key {key}",
                connection.name
            ),
            "Look at its sign-in for those that it has.",
        ))
    }

    /// Who has signed in to an application, newest first, with keys below `before`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn entries(&self, connection: &Connection, before: Option<i64>, limit: i64) -> Result<Sighted> {
        let of = connection.key;
        self.signin
            .read(move |tx| {
                let lines = entry::of_connection(tx, of, before.unwrap_or(i64::MAX), limit)?;
                let is_more = i64::try_from(lines.len()).is_ok_and(|count| count >= limit);
                let next = lines.last().filter(|_| is_more).map(|last| last.entry.key);
                Ok(Sighted { lines, next })
            })
            .await
    }
}

fn set_up(tx: &mut Tx, connection: &Connection) -> Result<Application> {
    application::of_connection(tx, connection.key)?.ok_or_else(|| {
        Error::refused(
            "PRV-APPLICATION-NONE",
            format!("the sign-in of \"{}\" is not set up", connection.name),
            "Enter the application's redirect addresses first.",
        )
    })
}

fn applied(change: &Change, before: Settings) -> Settings {
    let change = change.clone();
    let some = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Settings {
        authentication: change.authentication.unwrap_or(before.authentication),
        jwks: change.jwks.unwrap_or(before.jwks),
        redirect_uris: change.redirect_uris.unwrap_or(before.redirect_uris),
        post_logout_redirect_uris: change
            .post_logout_redirect_uris
            .unwrap_or(before.post_logout_redirect_uris),
        back_channel_logout_uri: change
            .back_channel_logout_uri
            .map_or(before.back_channel_logout_uri, some),
        require_par: change.require_par.unwrap_or(before.require_par),
        algorithm: change.algorithm.unwrap_or(before.algorithm),
        subject: change.subject.unwrap_or(before.subject),
        home: change.home.map_or(before.home, some),
    }
}

/// Members of a JWK that nobody may give away (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

fn check_keys(settings: &Settings) -> Result<()> {
    let wrong = |sentence: &str| {
        let hint = "Paste the application's public keys as a JSON Web Key Set, such as {\"keys\": [ … ]}.";
        Err(Error::refused("PRV-APPLICATION-KEYS", sentence, hint))
    };
    if settings.jwks.is_null() {
        return match settings.authentication {
            Authentication::PrivateKey => {
                wrong("an application that signs its requests needs its public keys here")
            }
            Authentication::Secret | Authentication::Public => Ok(()),
        };
    }
    let set = settings.jwks.as_object();
    let given = set.and_then(|set| set.get("keys")).and_then(Value::as_array);
    let has_private = given
        .into_iter()
        .flatten()
        .any(|one| PRIVATE.iter().any(|name| one.get(name).is_some()));
    if has_private {
        return wrong("these are private keys, which nobody may give away");
    }
    if set.is_none_or(|set| Key::read_set(set).is_empty()) {
        return wrong("there is no key here that could be used: RSA, P-256 or Ed25519, for signatures");
    }
    Ok(())
}
