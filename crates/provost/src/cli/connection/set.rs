//! `provost connection set`: settings, preferences and secrets of a connection that is there.

use super::secrets::Sources;
use super::{checks, preferences};
use crate::cli::change::Confirm;
use crate::cli::setting::Setting;
use crate::cli::{Place, field};
use crate::clock::{self, End};
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::{Context as _, Result};
use provost_connect::{Secret, Secrets, http};
use provost_store::connection::{self, Connection, Preferences};
use provost_store::secret::{self, Key};
use provost_store::{Error, Tx, audit};
use provost_sync::setup::{ConnectionChange, PreferencesSaved};
use serde_json::{Value, json};
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
    #[command(flatten)]
    secrets: Sources,
    /// When the credential ends: a day such as 2027-01-31, 180d from now, or never; mail is sent in time
    /// (`provost notify`)
    #[arg(long, value_name = "TIME", visible_alias = "credential-ends-in")]
    secret_expires: Option<End>,
    /// Keep the change although the connection's test fails with it: no cycle runs until a test succeeds
    #[arg(long, conflicts_with = "untested")]
    save_invalid: bool,
    /// Do not try the connection with the change
    #[arg(long)]
    untested: bool,
    #[command(flatten)]
    confirm: Confirm,
}

impl Set {
    /// Tries the connection with the change, shows who enters and leaves by it, and saves it.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let (after, settings) = sort(&connection, &self.words)?;
        let change = ConnectionChange {
            settings: (settings != connection.settings).then_some(settings),
            secrets: self.secrets.read()?.into_parts(),
            ..ConnectionChange::default()
        };
        let wiped = wiped(hub, &connection, &change).await?;
        check(hub, &connection, &change).await?;
        preferences::means_others(hub, &connection, &after, self.confirm).await?;
        self.reach(hub, &connection, &change).await?;
        let mut saved = PreferencesSaved::default();
        if after != connection.preferences {
            saved = preferences::save(hub, &connection, &after, self.confirm).await?;
        }
        if let Some(end) = self.secret_expires {
            let at = end.at(clock::now());
            hub.engine()?
                .set_credential_expiry(connection.key, at, &hub::actor())
                .await?;
        }
        let answer = json!({"connection": self.name, "wiped_secrets": wiped, "resync": saved.resync});
        output::either(place.json, &answer, || {
            let told = told(&self.name, &wiped);
            match preferences::follows(&self.name, &saved) {
                Some(follows) => format!("{told}\n{follows}"),
                None => told,
            }
        })
    }

    /// Saves what the connection reaches its target by.
    async fn reach(&self, hub: &Hub, connection: &Connection, change: &ConnectionChange) -> Result<()> {
        if change.settings.is_none() && change.secrets.is_empty() {
            return Ok(());
        }
        if self.untested {
            return untested(hub, connection, change.clone()).await;
        }
        let engine = hub.engine()?;
        let bar = progress::spinner(&format!("trying {}", self.name));
        let tried = engine
            .change_connection(connection.key, change, &hub::actor(), self.save_invalid)
            .await;
        bar.finish_and_clear();
        let tried = tried?;
        if !tried.ok() {
            crate::cli::question::show(&checks::text(&tried));
        }
        Ok(())
    }
}

fn told(name: &str, wiped: &[String]) -> String {
    let Some(first) = wiped.first() else {
        return format!("The connection \"{name}\" is saved. `provost connection show \"{name}\"` shows it.");
    };
    format!(
        "The connection \"{name}\" is saved. Its host is another one now, so its secrets were wiped: {}.\n\
         They were for the host before. Give those of the new one: \
         provost connection set \"{name}\" --secret-stdin {first}",
        wiped.join(", ")
    )
}

/// Parts the words into preferences, which every connection has, and settings of the connector.
fn sort(connection: &Connection, words: &[Setting]) -> Result<(Preferences, Value)> {
    let (mut ours, mut settings) = (
        Vec::new(),
        connection.settings.as_object().cloned().unwrap_or_default(),
    );
    for word in words {
        let outer = word.name.split('.').next().unwrap_or_default();
        if field::has(&connection.preferences, outer)? {
            ours.push(word.clone());
        } else if word.value.as_str() == Some("") {
            settings.remove(&word.name);
        } else {
            settings.insert(word.name.clone(), word.value.clone());
        }
    }
    let preferences = field::with("connection", &connection.preferences, &ours)?;
    preferences.check()?;
    Ok((preferences, Value::Object(settings)))
}

/// The secrets that another host wipes.
async fn wiped(hub: &Hub, connection: &Connection, change: &ConnectionChange) -> Result<Vec<String>> {
    let leads_elsewhere = |after: &Value| connection::leads_elsewhere(&connection.settings, after);
    if !change.settings.as_ref().is_some_and(leads_elsewhere) {
        return Ok(Vec::new());
    }
    let owner = connection.key;
    let stored = hub
        .db
        .read(move |tx| secret::fields(tx, "connection", owner))
        .await?;
    let given = |name: &String| change.secrets.iter().any(|(field, _)| field == name);
    Ok(stored
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !given(name))
        .collect())
}

/// Lets the connector check the settings; makes no request.
async fn check(hub: &Hub, connection: &Connection, change: &ConnectionChange) -> Result<()> {
    let (key, owner) = (hub.key.clone(), connection.key);
    let mut secrets = hub.db.read(move |tx| stored(tx, &key, owner)).await?;
    for (name, secret) in &change.secrets {
        secrets.insert(name.clone(), secret.clone());
    }
    let settings = change.settings.as_ref().unwrap_or(&connection.settings);
    provost_connect::open(&connection.connector, settings, &secrets, &http::Factory::new())
        .with_context(|| format!("the connection \"{}\" cannot be saved", connection.name))?;
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

/// Saves settings and secrets without asking the target anything.
async fn untested(hub: &Hub, connection: &Connection, change: ConnectionChange) -> Result<()> {
    let (key, connection, change) = (hub.key.clone(), connection.clone(), Arc::new(change));
    hub.db
        .write(move |tx| write(tx, &key, &connection, &change))
        .await?;
    Ok(())
}

fn write(tx: &mut Tx, key: &Key, connection: &Connection, change: &ConnectionChange) -> Result<(), Error> {
    let (actor, now) = (hub::actor(), clock::now());
    if let Some(settings) = &change.settings {
        connection::set_settings(tx, &actor, now, connection, settings)?;
    }
    for (field, plain) in &change.secrets {
        let place = secret::Place {
            table: "connection",
            owner: connection.key,
            field,
        };
        secret::put(tx, key, now, &place, plain.expose())?;
    }
    if change.secrets.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = change.secrets.iter().map(|(name, _)| name.as_str()).collect();
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(
        tx,
        workspace,
        now,
        &actor,
        "connection.secrets",
        name,
        &names.join(", "),
    )
}
