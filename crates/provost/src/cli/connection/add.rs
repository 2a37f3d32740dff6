//! `provost connection add`.

use super::secrets::Given;
use crate::cli::Place;
use crate::cli::setting::{FromEnvironment, Setting};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::template::Template;
use crate::{clock, output};
use anyhow::{Context as _, Result};
use provost_connect::{Secret, http};
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection};
use provost_store::secret::{self, Key, Place as SecretPlace};
use provost_store::{Error, Tx, rule};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// What a new connection is made of.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its name, such as "Microsoft 365"
    name: String,
    /// The code that speaks to the application
    #[arg(long, value_parser = ["graph", "scim"])]
    connector: String,
    /// A setting of the connector, as name=value; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<Setting>,
    /// A secret of the connector, read from an environment variable, as name=VARIABLE; repeatable
    #[arg(long, value_name = "NAME=VARIABLE")]
    secret_env: Vec<FromEnvironment>,
    /// The name of a secret that is read from standard input
    #[arg(long, value_name = "NAME")]
    secret_stdin: Option<String>,
    /// Begin with the rules of a template
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(crate::template::names()))]
    template: Option<String>,
}

impl Add {
    /// Makes the connection with its secrets and rules, all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let rules = self.rules()?;
        let given = Given::read(&self.secret_env, self.secret_stdin.as_deref())?;
        let settings: Map<String, Value> = self.setting.into_iter().map(|s| (s.name, s.value)).collect();
        let draft = Draft {
            name: self.name,
            connector: self.connector,
            settings: settings.into(),
            rules,
        };
        let shown = draft.name.clone();
        let names: Vec<String> = draft.rules.iter().map(|rule| rule.name.clone()).collect();
        let connection = draft.save(hub, given).await?;
        let answer = json!({
            "name": connection.name, "id": connection.id, "connector": connection.connector,
            "state": connection.state, "rules": names,
        });
        output::either(place.json, &answer, || {
            let next = if names.is_empty() {
                format!("It has no rules yet: provost rule set \"{shown}\" --file rules.toml")
            } else {
                format!("Next: provost connection test \"{shown}\", then provost plan \"{shown}\".")
            };
            format!("The connection \"{shown}\" is made. {next}")
        })
    }

    fn rules(&self) -> Result<Vec<Rule>> {
        let Some(name) = &self.template else {
            return Ok(Vec::new());
        };
        let template = Template::named(name)?;
        if template.connector != self.connector {
            let sentence = format!(
                "the template {name} ({}) is not for the connector {}",
                template.summary, self.connector
            );
            let hint = format!("Use --connector {}, or another template.", template.connector);
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(template.rules)
    }
}

/// A connection before it is saved.
pub(crate) struct Draft {
    /// Its name.
    pub name: String,
    /// Its connector.
    pub connector: String,
    /// The connector's settings.
    pub settings: Value,
    /// Its rules.
    pub rules: Vec<Rule>,
}

impl Draft {
    /// Checks the settings with the connector, then saves everything in one transaction.
    async fn save(self, hub: &Hub, given: Given) -> Result<Connection> {
        let wrong = || format!("the connection \"{}\" cannot be made", self.name);
        provost_connect::open(
            &self.connector,
            &self.settings,
            &given.secrets(),
            &http::Factory::new(),
        )
        .with_context(wrong)?;
        let name = self.name.clone();
        let (draft, key, secrets) = (Arc::new(self), hub.key.clone(), given.into_parts());
        let workspace = hub.workspace.key;
        let saved = hub
            .db
            .write(move |tx| insert(tx, workspace, &draft, &key, &secrets))
            .await;
        saved.map_err(|error| match error {
            Error::Conflict => {
                let hint = "Choose another name; `provost connection list` shows the names in use.";
                Failure::new(format!("there is a connection \"{name}\" already"), hint).into()
            }
            other => anyhow::Error::new(other),
        })
    }
}

fn insert(
    tx: &mut Tx,
    workspace: i64,
    draft: &Draft,
    key: &Key,
    secrets: &[(String, Secret)],
) -> Result<Connection, Error> {
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
    for (field, plain) in secrets {
        let place = SecretPlace {
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
