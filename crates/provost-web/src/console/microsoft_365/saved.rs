//! What is saved of a provider's section Provisioning: its connection, without its secrets.

use crate::console::place;
use crate::console::refusal::Result;
use crate::state::State;
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365::Provider;
use provost_store::{Error as Store, Tx, secret};
use provost_sync::microsoft_365::Credentials;
use serde_json::Value;

/// A provider's connection.
pub(super) struct Saved {
    pub connection: Connection,
    /// Names of the secrets that it has.
    pub secrets: Vec<String>,
    /// When its credential ends, in milliseconds since 1970.
    pub ends: Option<i64>,
}

impl Saved {
    /// The connection of a provider, once there is one.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn read(state: &State, provider: &Provider) -> Result<Option<Self>> {
        let Some(key) = provider.connection else {
            return Ok(None);
        };
        let read = move |tx: &mut Tx| {
            let secrets = secret::fields(tx, "connection", key)?;
            Ok::<_, Store>((connection::by_key(tx, key)?, secrets))
        };
        let (Some(connection), secrets) = state.db().read_short(read).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            ends: place::engine(state)?.credential_expiry(key).await?,
            secrets: secrets.into_iter().map(|(name, _)| name).collect(),
            connection,
        }))
    }

    /// A setting of the connection; empty where there is none.
    pub fn setting(&self, name: &str) -> &str {
        let value = self.connection.settings.get(name);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    /// The same credentials again, with the secrets that are kept.
    pub fn credentials(&self) -> Credentials {
        Credentials {
            client_id: self.setting("client_id").to_owned(),
            tenant: self.setting("tenant").to_owned(),
            ..Credentials::default()
        }
    }
}
