//! A connection that is about to be made, by a person or by the demo.

use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use anyhow::{Context as _, Result};
use provost_connect::{Secret, Secrets, http};
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection, Preferences};
use provost_store::connection_template::{self, Template};
use provost_store::secret::{self, Key, Place};
use provost_store::{Error, Tx, rule};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A connection before it is saved.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its name.
    pub name: String,
    /// Its connector.
    pub connector: String,
    /// The connector's settings.
    pub settings: Value,
    /// How it runs, and whom it means.
    pub preferences: Preferences,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The connector's secrets by name.
    pub secrets: Vec<(String, Secret)>,
    /// The template that it begins with.
    pub template: Option<Template>,
}

impl Draft {
    /// Checks the settings with the connector, then saves connection, secrets and rules, all or nothing.
    ///
    /// # Errors
    /// Wrong settings; a name that is taken; any error of the store.
    pub async fn save(self, hub: &Hub) -> Result<Connection> {
        check(&self.name, &self.connector, &self.settings, &self.secrets)?;
        let name = self.name.clone();
        let (draft, key, workspace) = (Arc::new(self), hub.key.clone(), hub.workspace.key);
        let saved = hub.db.write(move |tx| insert(tx, workspace, &draft, &key)).await;
        saved.map_err(|error| match error {
            Error::Conflict => {
                let hint = "Choose another name; `provost connection list` shows the names in use.";
                Failure::new(format!("there is a connection \"{name}\" already"), hint).into()
            }
            other => anyhow::Error::new(other),
        })
    }
}

/// Lets the connector check the settings of a connection that is about to be made; makes no request.
///
/// # Errors
/// Wrong settings; a secret that is missing.
pub(crate) fn check(name: &str, connector: &str, settings: &Value, given: &[(String, Secret)]) -> Result<()> {
    let mut secrets = Secrets::new();
    for (field, secret) in given {
        secrets.insert(field.clone(), secret.clone());
    }
    provost_connect::open(connector, settings, &secrets, &http::Factory::new())
        .with_context(|| format!("the connection \"{name}\" cannot be made"))?;
    Ok(())
}

fn insert(tx: &mut Tx, workspace: i64, draft: &Draft, key: &Key) -> Result<Connection, Error> {
    let (actor, now, guard) = (hub::actor(), clock::now(), json!({}));
    let new = connection::New {
        id: Uuid::now_v7(),
        workspace,
        name: &draft.name,
        connector: &draft.connector,
        settings: &draft.settings,
        guard: &guard,
    };
    let made = connection::create(tx, &actor, now, &new)?;
    connection_template::note(tx, &actor, now, &made, draft.template.as_ref())?;
    if draft.preferences != Preferences::default() {
        connection::set_preferences(tx, &actor, now, &made, &draft.preferences)?;
    }
    for (field, plain) in &draft.secrets {
        let place = Place {
            table: "connection",
            owner: made.key,
            field,
        };
        secret::put(tx, key, now, &place, plain.expose())?;
    }
    for (position, one) in (0..).zip(&draft.rules) {
        rule::put(tx, &actor, now, &made, position, one)?;
    }
    Ok(made)
}
