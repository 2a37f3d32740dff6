//! A password that is the same for everybody: entered beside the rule, never in its file. The rule keeps the name of
//! the secret; the engine checks the password and seals it.

use crate::cli::connection::Given;
use crate::cli::setting::FromEnvironment;
use crate::failure::Failure;
use crate::hub::Hub;
use anyhow::Result;
use provost_connect::Secret;
use provost_engine::mapping::{Mapping, MappingSource};
use provost_engine::rule::Rule;
use provost_store::connection::Connection;
use provost_store::secret;

/// What the password is called where it is read.
const NAME: &str = "password";

/// Where the password of a rule with a sealed one comes from.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Source {
    /// The password behind `secret = "…"`, read from an environment variable; checked, sealed and shown nowhere.
    /// `generated = true` in its place gives everybody their own
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
    /// The same, read from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Source {
    fn read(&self) -> Result<Option<Secret>> {
        let environment: Vec<FromEnvironment> = self
            .password_env
            .iter()
            .map(|variable| FromEnvironment {
                name: NAME.to_owned(),
                variable: variable.clone(),
            })
            .collect();
        let given = Given::read(&environment, self.password_stdin.then_some(NAME))?;
        Ok(given.into_parts().into_iter().next().map(|(_, secret)| secret))
    }
}

/// Puts the password that was given into the rules that have a sealed one.
///
/// # Errors
/// When it cannot be read, when no rule takes one, and when a rule's password is neither given nor kept already.
pub(super) async fn enter(
    hub: &Hub,
    connection: &Connection,
    rules: &mut [Rule],
    source: &Source,
) -> Result<()> {
    let Some(password) = source.read()? else {
        return refuse_missing(hub, connection, rules).await;
    };
    let mut entered = false;
    for mapping in rules.iter_mut().flat_map(|rule| rule.mappings.iter_mut()) {
        if sealed(mapping).is_some() {
            mapping.source = MappingSource::Constant {
                value: password.expose().into(),
            };
            entered = true;
        }
    }
    if entered {
        return Ok(());
    }
    let hint = "Map it with `secret = \"password\"` in the file; the password itself does not stand there.";
    Err(Failure::new("no rule of the file has a password that is entered", hint).into())
}

/// The name of the secret that a mapping takes its value from.
fn sealed(mapping: &Mapping) -> Option<&str> {
    match &mapping.source {
        MappingSource::Secret { name } => Some(name),
        _ => None,
    }
}

async fn refuse_missing(hub: &Hub, connection: &Connection, rules: &[Rule]) -> Result<()> {
    let owner = connection.key;
    let kept = hub
        .db
        .read(move |tx| secret::fields(tx, "connection", owner))
        .await?;
    for rule in rules {
        let mut names = rule.mappings.iter().filter_map(sealed);
        if names.any(|name| !kept.iter().any(|(field, _)| field == name)) {
            let hint = "Give it: --password-env VARIABLE or --password-stdin. Or have one made for each person: \
                        `generated = true`.";
            let sentence = format!(
                "the rule \"{}\" has a password that nobody has entered yet",
                rule.name
            );
            return Err(Failure::new(sentence, hint).into());
        }
    }
    Ok(())
}
