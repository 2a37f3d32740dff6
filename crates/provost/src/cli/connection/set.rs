//! `provost connection set`: settings, preferences and secrets of a connection that is there.

use super::secrets::Given;
use crate::cli::change::{self, Confirm};
use crate::cli::setting::{FromEnvironment, Setting};
use crate::cli::{Place, field};
use crate::clock::{self, Validity};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::{Context as _, Result};
use provost_connect::{Secret, Secrets, http};
use provost_store::config_version::{self, Definition};
use provost_store::connection::{Connection, Preferences};
use provost_store::secret::{self, Key};
use provost_store::{Error, Tx, audit};
use provost_sync::Proposal;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What is changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The connection
    name: String,
    /// Preferences and settings to change, such as mode=manual or page_size=50; a setting without a value
    /// (page_size=) goes back to what the connector takes by itself
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<Setting>,
    /// A secret, read from an environment variable, as name=VARIABLE; repeatable
    #[arg(long, value_name = "NAME=VARIABLE")]
    secret_env: Vec<FromEnvironment>,
    /// The name of a secret that is read from standard input
    #[arg(long, value_name = "NAME")]
    secret_stdin: Option<String>,
    /// When the credential ends, such as 180d from now, or never: mail is sent in time (`provost notify`)
    #[arg(long, value_name = "TIME")]
    credential_ends_in: Option<Validity>,
    #[command(flatten)]
    confirm: Confirm,
}

/// A connection with what it is to become.
struct Changed {
    connection: Connection,
    settings: Value,
    preferences: Preferences,
    secrets: Vec<(String, Secret)>,
}

/// What was saved.
struct Saved {
    /// Names of the secrets that a new host has wiped.
    wiped: Vec<String>,
}

impl Set {
    /// Checks the change, shows who enters and leaves by it, and saves it all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let given = Given::read(&self.secret_env, self.secret_stdin.as_deref())?;
        let (preferences, settings) = sort(&connection, self.words)?;
        let changed = Changed {
            connection,
            settings,
            preferences,
            secrets: given.into_parts(),
        };
        check(hub, &changed).await?;
        if change::means_others(&changed.connection.preferences, &changed.preferences) {
            let proposal = Proposal {
                preferences: Some(changed.preferences.clone()),
                ..Proposal::default()
            };
            let preview = change::preview(hub, changed.connection.key, &proposal).await?;
            change::confirm(&preview, self.confirm)?;
        }
        let key = changed.connection.key;
        let saved = save(hub, changed).await?;
        if let Some(validity) = self.credential_ends_in {
            let at = validity.ends(clock::now());
            hub.engine()?
                .set_credential_expiry(key, at, &hub::actor())
                .await?;
        }
        let answer = json!({"connection": self.name, "wiped_secrets": saved.wiped});
        output::either(place.json, &answer, || told(&self.name, &saved))
    }
}

fn told(name: &str, saved: &Saved) -> String {
    if saved.wiped.is_empty() {
        return format!("The connection \"{name}\" is saved. `provost connection show \"{name}\"` shows it.");
    }
    let wiped = saved.wiped.join(", ");
    format!(
        "The connection \"{name}\" is saved. Its host is another one now, so its secrets were wiped: {wiped}.\n\
         They were for the host before. Give those of the new one: \
         provost connection set \"{name}\" --secret-stdin {}",
        saved.wiped.first().map_or("", String::as_str)
    )
}

/// Parts the words into preferences, which every connection has, and settings of the connector.
fn sort(connection: &Connection, words: Vec<Setting>) -> Result<(Preferences, Value)> {
    let known = field::fields(&connection.preferences)?;
    let (preferences, settings): (Vec<Setting>, Vec<Setting>) =
        words.into_iter().partition(|word| known.contains_key(&word.name));
    let preferences = field::with("connection", &connection.preferences, &preferences)?;
    preferences.check()?;
    let mut map: Map<String, Value> = connection.settings.as_object().cloned().unwrap_or_default();
    for word in settings {
        if word.value.as_str() == Some("") {
            map.remove(&word.name);
        } else {
            map.insert(word.name, word.value);
        }
    }
    Ok((preferences, Value::Object(map)))
}

/// Lets the connector check the settings; makes no request.
async fn check(hub: &Hub, changed: &Changed) -> Result<()> {
    let (key, owner) = (hub.key.clone(), changed.connection.key);
    let mut secrets = hub.db.read(move |tx| stored(tx, &key, owner)).await?;
    for (name, secret) in &changed.secrets {
        secrets.insert(name.clone(), secret.clone());
    }
    let connector = &changed.connection.connector;
    provost_connect::open(connector, &changed.settings, &secrets, &http::Factory::new())
        .with_context(|| format!("the connection \"{}\" cannot be saved", changed.connection.name))?;
    Ok(())
}

fn stored(tx: &mut Tx, key: &Key, owner: i64) -> Result<Secrets, Error> {
    let mut secrets = Secrets::new();
    for (field, _) in secret::fields(tx, "connection", owner)? {
        let place = secret::Place {
            table: "connection",
            owner,
            field: &field,
        };
        if let Some(plain) = secret::get(tx, key, &place)? {
            secrets.insert(field, Secret::new(plain));
        }
    }
    Ok(secrets)
}

async fn save(hub: &Hub, changed: Changed) -> Result<Saved> {
    let key = hub.key.clone();
    let changed = Arc::new(changed);
    let saved = hub.db.write(move |tx| write(tx, &key, &changed)).await?;
    Ok(saved)
}

fn write(tx: &mut Tx, key: &Key, changed: &Changed) -> Result<Saved, Error> {
    let (actor, now, connection) = (hub::actor(), clock::now(), &changed.connection);
    let stored = secret::fields(tx, "connection", connection.key)?;
    let to = Definition {
        settings: changed.settings.clone(),
        preferences: changed.preferences.clone(),
        ..config_version::current(tx, connection.key)?
    };
    let wiped = change::save(tx, connection, &to, "settings")?;
    for (field, plain) in &changed.secrets {
        let place = secret::Place {
            table: "connection",
            owner: connection.key,
            field,
        };
        secret::put(tx, key, now, &place, plain.expose())?;
    }
    if !changed.secrets.is_empty() {
        let names: Vec<&str> = changed.secrets.iter().map(|(name, _)| name.as_str()).collect();
        let (workspace, name) = (connection.workspace, &connection.name);
        audit::append_named(
            tx,
            workspace,
            now,
            &actor,
            "connection.secrets",
            name,
            &names.join(", "),
        )?;
    }
    let lost = stored.into_iter().map(|(name, _)| name);
    let given = |name: &String| changed.secrets.iter().any(|(field, _)| field == name);
    let wiped = lost.filter(|name| wiped && !given(name)).collect();
    Ok(Saved { wiped })
}
