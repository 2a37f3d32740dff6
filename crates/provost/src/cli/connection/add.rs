//! `provost connection add`.

use super::secrets::Given;
use crate::cli::Place;
use crate::cli::setting::{FromEnvironment, Setting};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output;
use crate::template::Template;
use anyhow::Result;
use provost_engine::rule::Rule;
use serde_json::{Map, Value, json};

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
        let shown = self.name.clone();
        let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
        let settings = settings.into();
        let draft = Draft {
            name: self.name,
            connector: self.connector,
            settings,
            rules,
            secrets: given.into_parts(),
        };
        let connection = draft.save(hub).await?;
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
