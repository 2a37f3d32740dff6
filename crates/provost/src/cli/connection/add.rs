//! `provost connection add`.

use super::secrets::Given;
use crate::cli::Place;
use crate::cli::setting::{FromEnvironment, Setting};
use crate::draft::Draft;
use crate::failure::{self, Failure};
use crate::hub::Hub;
use crate::output;
use crate::template::Template;
use anyhow::Result;
use provost_engine::rule::Rule;
use provost_store::connection::{Assignment, Mode, Preferences};
use serde_json::{Map, Value, json};

/// What a new connection is made of.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its name, such as "Microsoft 365"
    name: String,
    /// Begin with the rules of a template, which also says the connector
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(crate::template::names()))]
    template: Option<String>,
    /// The code that speaks to the application, where no template says it
    #[arg(long, value_parser = ["graph", "scim"])]
    connector: Option<String>,
    /// A setting of the connector, as name=value; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<Setting>,
    /// A secret of the connector, read from an environment variable, as name=VARIABLE; repeatable
    #[arg(long, value_name = "NAME=VARIABLE")]
    secret_env: Vec<FromEnvironment>,
    /// The name of a secret that is read from standard input
    #[arg(long, value_name = "NAME")]
    secret_stdin: Option<String>,
    /// Whether cycles run by themselves; without it as the template says, or automatic
    #[arg(long, value_enum)]
    mode: Option<Running>,
    /// Only who is assigned is meant (`provost assign`); without it, everybody is
    #[arg(long)]
    assigned: bool,
}

/// Whether cycles run by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Running {
    /// A change reaches the target at once
    Automatic,
    /// Only `provost cycle run` and `provost apply` write
    Manual,
}

/// What a connection begins with, before what is entered.
#[derive(Default)]
struct Beginning {
    connector: String,
    settings: Map<String, Value>,
    preferences: Preferences,
    rules: Vec<Rule>,
}

impl Add {
    /// Makes the connection with its secrets and rules, all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let Beginning {
            connector,
            mut settings,
            mut preferences,
            rules,
        } = self.beginning()?;
        let given = Given::read(&self.secret_env, self.secret_stdin.as_deref())?;
        settings.extend(self.setting.into_iter().map(|s| (s.name, s.value)));
        match self.mode {
            None => {}
            Some(Running::Automatic) => preferences.mode = Mode::Automatic,
            Some(Running::Manual) => preferences.mode = Mode::Manual,
        }
        if self.assigned {
            preferences.assignment = Assignment::Assigned;
        }
        let assigned = preferences.assignment == Assignment::Assigned;
        let shown = self.name.clone();
        let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
        let draft = Draft {
            name: self.name,
            connector,
            settings: settings.into(),
            preferences,
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
            let assign = if assigned {
                format!("\nNobody is assigned yet: provost assign \"{shown}\" WHO")
            } else {
                String::new()
            };
            format!("The connection \"{shown}\" is made. {next}{assign}")
        })
    }

    /// What the template gives, or nothing but the connector.
    fn beginning(&self) -> Result<Beginning> {
        let Some(name) = &self.template else {
            let connector = self.connector.clone().ok_or_else(|| {
                let hint = "Name a template (--template scim) or a connector (--connector scim).";
                Failure::new("neither a template nor a connector was named", hint).with_status(failure::USAGE)
            })?;
            return Ok(Beginning {
                connector,
                ..Beginning::default()
            });
        };
        let template = Template::named(name)?;
        if let Some(connector) = self.connector.as_ref().filter(|one| **one != template.connector) {
            let sentence = format!(
                "the template {name} ({}) is not for the connector {connector}",
                template.summary
            );
            let hint = format!("Use --connector {}, or another template.", template.connector);
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(Beginning {
            connector: template.connector,
            settings: template.settings,
            preferences: template.preferences,
            rules: template.rules,
        })
    }
}
