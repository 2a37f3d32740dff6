//! Changing how a connection reaches its target: name, settings, secrets.

use super::check::{self, Tried};
use super::refusal::Attempt;
use super::{add, credential};
use crate::open::foreseeing;
use crate::{Engine, Result};
use provost_connect::{Secret, Secrets};
use provost_store::connection::{self, Connection, State};
use provost_store::microsoft_365;
use provost_store::secret::{self, Place};
use serde_json::Value;

/// A change of a connection. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionChange {
    /// Another name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// The connector's settings, all of them. Where they lead to another host, the secrets are forgotten.
    pub settings: Option<Value>,
    /// New secrets by name.
    pub secrets: Vec<(String, Secret)>,
    /// When the new credential ends, in milliseconds since 1970.
    pub secret_expires: Option<i64>,
}

impl ConnectionChange {
    fn reaches(&self) -> bool {
        self.settings.is_some() || !self.secrets.is_empty()
    }
}

impl Engine {
    /// Changes a connection. When it would reach the target otherwise than before, it is tested first; a change
    /// whose test fails is saved only when that is accepted, and makes the connection invalid. One that succeeds
    /// makes an invalid connection active.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-CONNECTION-NAME-TAKEN`, `PRV-CONNECTION-TEST`, or the store's `PRV-NAME`;
    /// [`crate::Error::NoConnection`].
    pub async fn change_connection(
        &self,
        connection: i64,
        change: &ConnectionChange,
        actor: &str,
        accept_invalid: bool,
    ) -> Result<Tried> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "connection.change",
            subject: &found.name,
        };
        let result = self.changed(&found, change, actor, accept_invalid).await;
        self.audited(attempt, result).await
    }

    async fn changed(
        &self,
        found: &Connection,
        change: &ConnectionChange,
        actor: &str,
        accept_invalid: bool,
    ) -> Result<Tried> {
        if let Some(name) = change.name.as_ref().filter(|name| **name != found.name) {
            self.refuse_taken_name(found.workspace, name).await?;
        }
        let mut tried = Tried::default();
        if change.reaches() {
            let after = Connection {
                settings: change.settings.clone().unwrap_or_else(|| found.settings.clone()),
                ..found.clone()
            };
            let secrets = self.secrets_after(found, &after, change).await?;
            let key = found.key;
            let provider = self
                .db
                .read(move |tx| microsoft_365::by_connection(tx, key))
                .await?;
            let seen = foreseeing(&after, provider.as_ref());
            tried = check::attempt((self.opener)(&seen, &secrets)).await;
            add::refuse_failed(&found.name, &tried, accept_invalid)?;
        }
        self.write_change(found, change, &tried, actor).await?;
        let ends = change
            .secret_expires
            .or_else(|| credential::ends(&change.secrets));
        if ends.is_some() {
            self.set_credential_expiry(found.key, ends, actor).await?;
        }
        if change.reaches() && tried.ok() {
            self.learn_products(found.key).await;
        }
        Ok(tried)
    }

    /// The secrets that the connection will have: none of the old ones goes to another host.
    pub(super) async fn secrets_after(
        &self,
        before: &Connection,
        after: &Connection,
        change: &ConnectionChange,
    ) -> Result<Secrets> {
        let mut secrets = Secrets::new();
        if !connection::leads_elsewhere(&before.settings, &after.settings) {
            let (key, owner) = (self.key.clone(), before.key);
            let kept = self
                .db
                .read(move |tx| {
                    let mut kept = Vec::new();
                    for (field, _) in secret::fields(tx, "connection", owner)? {
                        let place = Place {
                            table: "connection",
                            owner,
                            field: &field,
                        };
                        let plain = secret::get(tx, &key, &place)?;
                        kept.extend(plain.map(|plain| (field.clone(), Secret::new(plain))));
                    }
                    Ok::<_, provost_store::Error>(kept)
                })
                .await?;
            for (name, value) in kept {
                secrets.insert(name, value);
            }
        }
        for (name, value) in &change.secrets {
            secrets.insert(name.clone(), value.clone());
        }
        Ok(secrets)
    }

    pub(super) async fn write_change(
        &self,
        found: &Connection,
        change: &ConnectionChange,
        tried: &Tried,
        actor: &str,
    ) -> Result<()> {
        let (key, change, now) = (self.key.clone(), change.clone(), self.now());
        let (found_before, actor) = (found.clone(), actor.to_owned());
        let (checks, error) = (tried.to_value(), tried.error.clone());
        self.db
            .write(move |tx| {
                let found = &found_before;
                if let Some(name) = change.name.as_ref().filter(|name| **name != found.name) {
                    connection::rename(tx, &actor, now, found, name)?;
                }
                if let Some(text) = change.description.as_ref() {
                    let mut preferences = found.preferences.clone();
                    preferences.description.clone_from(text);
                    connection::set_preferences(tx, &actor, now, found, &preferences)?;
                }
                if let Some(settings) = &change.settings {
                    connection::set_settings(tx, &actor, now, found, settings)?;
                }
                for (field, plain) in &change.secrets {
                    let place = Place {
                        table: "connection",
                        owner: found.key,
                        field,
                    };
                    secret::put(tx, &key, now, &place, plain.expose())?;
                }
                if !change.reaches() {
                    return Ok(());
                }
                connection::set_checked(tx, found.key, now, &checks, error.is_none())?;
                match (connection::by_key(tx, found.key)?, &error) {
                    (Some(now_found), Some(error)) if now_found.state != State::Paused => {
                        connection::set_state(
                            tx,
                            &actor,
                            now,
                            &now_found,
                            &credential::invalid(error, found, 0),
                        )
                    }
                    _ => Ok(()),
                }
            })
            .await
            .map_err(|error| add::taken(error, found.name.as_str()))
    }
}
