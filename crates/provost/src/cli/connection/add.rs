//! `provost connection add`.

use super::checks;
use super::secrets::Sources;
use crate::cli::Place;
use crate::cli::setting::Setting;
use crate::clock::{self, End};
use crate::draft::{self, Draft};
use crate::failure::{self, Failure};
use crate::hub::{self, Hub};
use crate::template::Template;
use crate::{output, progress};
use anyhow::Result;
use provost_engine::rule::Rule;
use provost_store::connection::{Assignment, Connection, Mode, Preferences, State};
use provost_store::connection_template::Template as Origin;
use provost_sync::setup::{ConnectionDraft, Tried};
use serde_json::{Map, Value, json};

/// The stable word for a connection whose test fails.
const TEST: &str = "PRV-CONNECTION-TEST";

/// What a new connection is made of.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its name, such as "Microsoft 365"
    name: String,
    /// What it is for, for whoever finds it; at most 400 characters
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    description: String,
    /// Begin with the rules of a template, which also says the connector
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(crate::template::names()))]
    template: Option<String>,
    /// The code that speaks to the application, where no template says it
    #[arg(long, value_parser = ["graph", "scim"])]
    connector: Option<String>,
    /// A setting of the connector, as name=value; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<Setting>,
    #[command(flatten)]
    secrets: Sources,
    /// When the credential ends: a day such as 2027-01-31, or 180d from now; mail is sent in time (`provost notify`)
    #[arg(long, value_name = "TIME")]
    secret_expires: Option<End>,
    /// Whether cycles run by themselves; without it as the template says, or automatic
    #[arg(long, value_enum)]
    mode: Option<Running>,
    /// Only who is assigned is meant (`provost assign`); without it, everybody is
    #[arg(long)]
    assigned: bool,
    /// Keep it although its test fails: it is invalid, and no cycle runs until a test succeeds
    #[arg(long, conflicts_with = "untested")]
    save_invalid: bool,
    /// Do not try it: nobody is asked whether it works, and its rules are switched on as they are
    #[arg(long)]
    untested: bool,
    /// Switch on also the rules that mean everybody in the directory, or nobody yet
    #[arg(long, short = 'y')]
    yes: bool,
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
    template: Option<Origin>,
}

/// What was made.
struct Made {
    connection: Connection,
    tried: Option<Tried>,
    /// Rules that are switched off, each with the reason.
    off: Vec<(String, String)>,
}

impl Add {
    /// Tries the connection and makes it with its secrets and rules, all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let draft = self.draft()?;
        let names: Vec<String> = draft.rules.iter().map(|rule| rule.name.clone()).collect();
        let assigned = draft.preferences.assignment == Assignment::Assigned;
        let made = if self.untested {
            untested(hub, draft).await?
        } else {
            tested(hub, draft, self.save_invalid).await?
        };
        let off: Vec<Value> = made
            .off
            .iter()
            .map(|(rule, reason)| json!({"rule": rule, "reason": reason}))
            .collect();
        let mut answer = json!({
            "name": made.connection.name, "id": made.connection.id, "connector": made.connection.connector,
            "state": made.connection.state, "rules": names, "rules_switched_off": off,
        });
        if let Some(tried) = &made.tried {
            answer["tried"] = checks::to_json(tried);
        }
        output::either(place.json, &answer, || told(&made, &names, assigned))
    }

    fn draft(&self) -> Result<ConnectionDraft> {
        let Beginning {
            connector,
            mut settings,
            mut preferences,
            rules,
            template,
        } = self.beginning()?;
        settings.extend(self.setting.iter().map(|s| (s.name.clone(), s.value.clone())));
        match self.mode {
            None => {}
            Some(Running::Automatic) => preferences.mode = Mode::Automatic,
            Some(Running::Manual) => preferences.mode = Mode::Manual,
        }
        if self.assigned {
            preferences.assignment = Assignment::Assigned;
        }
        Ok(ConnectionDraft {
            name: self.name.clone(),
            description: self.description.clone(),
            connector,
            settings: settings.into(),
            secrets: self.secrets.read()?.into_parts(),
            secret_expires: self.secret_expires.and_then(|end| end.at(clock::now())),
            preferences,
            rules,
            template,
            understood: self.yes,
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
            template: Some(template.noted(name)),
            connector: template.connector,
            settings: template.settings,
            preferences: template.preferences,
            rules: template.rules,
        })
    }
}

/// Makes it once its test has succeeded, or although it fails.
async fn tested(hub: &Hub, draft: ConnectionDraft, save_invalid: bool) -> Result<Made> {
    if !save_invalid {
        // Wrong settings are told as what they are: nobody has to be asked for that.
        draft::check(&draft.name, &draft.connector, &draft.settings, &draft.secrets)?;
    }
    let engine = hub.engine()?;
    let bar = progress::spinner(&format!("trying {}", draft.name));
    let added = engine
        .add_connection(hub.workspace.key, &draft, &hub::actor(), save_invalid)
        .await;
    bar.finish_and_clear();
    let failed = match added {
        Ok(added) => {
            return Ok(Made {
                connection: added.connection,
                tried: Some(added.tried),
                off: added.switched_off,
            });
        }
        Err(error) if error.code() == Some(TEST) => error,
        Err(error) => return Err(error.into()),
    };
    // The refusal names the step that failed; the person wants to see how far it came.
    let tried = engine.try_connection(&draft).await?;
    Err(match tried.ok() {
        true => failed.into(),
        false => checks::refused(&draft.name, &tried),
    })
}

/// Makes it without trying it.
async fn untested(hub: &Hub, draft: ConnectionDraft) -> Result<Made> {
    let mut preferences = draft.preferences;
    preferences.description = draft.description;
    let new = Draft {
        name: draft.name,
        connector: draft.connector,
        settings: draft.settings,
        preferences,
        rules: draft.rules,
        secrets: draft.secrets,
        template: draft.template,
    };
    let connection = new.save(hub).await?;
    if draft.secret_expires.is_some() {
        let (engine, key) = (hub.engine()?, connection.key);
        engine
            .set_credential_expiry(key, draft.secret_expires, &hub::actor())
            .await?;
    }
    Ok(Made {
        connection,
        tried: None,
        off: Vec::new(),
    })
}

fn told(made: &Made, rules: &[String], assigned: bool) -> String {
    let name = &made.connection.name;
    let mut parts = Vec::new();
    if let Some(tried) = &made.tried {
        parts.push(format!("{}\n", checks::text(tried)));
    }
    let is_invalid = made.connection.state == State::Invalid;
    let next = if is_invalid {
        format!("It is invalid, and nothing runs until its test succeeds: provost connection test \"{name}\"")
    } else if rules.is_empty() {
        format!("It has no rules yet: provost rule set \"{name}\" --file rules.toml")
    } else if made.tried.is_none() {
        format!("Next: provost connection test \"{name}\", then provost plan \"{name}\".")
    } else {
        format!("Next: provost plan \"{name}\".")
    };
    parts.push(format!("The connection \"{name}\" is made. {next}"));
    for (rule, reason) in &made.off {
        let reason = reason.trim_end_matches('.');
        let on = format!("provost rule on \"{name}\" \"{rule}\"");
        parts.push(format!(
            "The rule \"{rule}\" is switched off: {reason}. Switch it on: {on}"
        ));
    }
    if assigned {
        parts.push(format!("Nobody is assigned yet: provost assign \"{name}\" WHO"));
    }
    parts.join("\n")
}
