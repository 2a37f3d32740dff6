//! Saving, removing and switching rules: shown with their effect before anything is kept.

use super::list;
use super::read::{self, Rules};
use crate::cli::Place;
use crate::cli::change::{self, Confirm};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{clock, output, progress};
use anyhow::Result;
use provost_engine::rule::Rule;
use provost_store::connection::Connection;
use provost_store::rule;
use provost_sync::{ChangePreview, Proposal};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Which rules are saved.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The connection
    connection: String,
    /// One rule, or several under `rule`; .toml or .json
    #[arg(long)]
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

/// Which rule is removed.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The connection
    connection: String,
    /// The rule
    rule: String,
    /// Why, for the list of versions
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    confirm: Confirm,
}

/// Which rule is switched.
#[derive(Debug, clap::Args)]
pub(crate) struct Switch {
    /// The connection
    connection: String,
    /// The rule
    rule: String,
    #[command(flatten)]
    confirm: Confirm,
}

/// How rules are saved.
#[derive(Debug, clap::Args)]
struct How {
    /// Do not ask the target whether it can look for the matching attributes
    #[arg(long)]
    offline: bool,
    /// Why, for the list of versions
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    confirm: Confirm,
}

impl Set {
    /// Saves the rules of a file.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let Rules { rules, warnings } = read::read(&self.file)?;
        if rules.is_empty() {
            return Err(Failure::new(
                format!("{} holds no rule", self.file.display()),
                "Write one, or several under `rule`.",
            )
            .into());
        }
        let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
        if !self.how.offline {
            check_matching(hub, &connection, &rules).await?;
        }
        let after = merged(list::all(hub, connection.key).await?, rules);
        let preview = save(hub, &connection, after, &self.how.note, self.how.confirm).await?;
        let answer = json!({
            "connection": connection.name, "saved": names, "warnings": warnings, "preview": effect(&preview),
        });
        output::either(place.json, &answer, || {
            let warned: String = warnings
                .iter()
                .map(|warning| format!("warning: {warning}\n"))
                .collect();
            let name = &connection.name;
            format!(
                "{warned}Saved: {}. `provost plan \"{name}\"` shows what changes.",
                names.join(", ")
            )
        })
    }
}

/// What the connection would be with the rules of a file beside and in the place of its own.
///
/// # Errors
/// A file that cannot be read, or every mistake of its rules.
pub(in crate::cli) async fn proposed(hub: &Hub, connection: &Connection, file: &Path) -> Result<Proposal> {
    let Rules { rules, .. } = read::read(file)?;
    Ok(Proposal {
        rules: Some(merged(list::all(hub, connection.key).await?, rules)),
        ..Proposal::default()
    })
}

/// The rules there are, with new ones in the place of those with their names or behind them.
fn merged(mut all: Vec<Rule>, new: Vec<Rule>) -> Vec<Rule> {
    for rule in new {
        match all.iter_mut().find(|one| one.name == rule.name) {
            Some(place) => *place = rule,
            None => all.push(rule),
        }
    }
    all
}

impl Remove {
    /// Removes a rule.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let mut after = list::all(hub, connection.key).await?;
        after.remove(list::find(&after, &connection.name, &self.rule)?);
        let preview = save(hub, &connection, after, &self.note, self.confirm).await?;
        let answer =
            json!({"connection": connection.name, "removed": self.rule, "preview": effect(&preview)});
        output::either(place.json, &answer, || {
            format!(
                "The rule \"{}\" of \"{}\" is removed; its accounts stay in the target as they are.",
                self.rule, connection.name
            )
        })
    }
}

impl Switch {
    /// Switches a rule on or off.
    pub(super) async fn run(self, place: &Place, hub: &Hub, on: bool) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let mut after = list::all(hub, connection.key).await?;
        let at = list::find(&after, &connection.name, &self.rule)?;
        let was = std::mem::replace(&mut after[at].enabled, on);
        let word = if on { "on" } else { "off" };
        let preview = if was == on {
            None
        } else {
            Some(save(hub, &connection, after, "", self.confirm).await?)
        };
        let answer = json!({
            "connection": connection.name, "rule": self.rule, "enabled": on, "was": was,
            "preview": preview.as_ref().map(effect),
        });
        output::either(place.json, &answer, || {
            let already = if was == on { " already" } else { "" };
            format!(
                "The rule \"{}\" of \"{}\" is {word}{already}.",
                self.rule, connection.name
            )
        })
    }
}

/// Shows what the rules would do, asks, and keeps them.
async fn save(
    hub: &Hub,
    connection: &Connection,
    rules: Vec<Rule>,
    note: &str,
    confirm: Confirm,
) -> Result<ChangePreview> {
    let proposal = Proposal {
        rules: Some(rules.clone()),
        ..Proposal::default()
    };
    let preview = change::preview(hub, connection.key, &proposal).await?;
    change::confirm(&preview, confirm)?;
    let (owner, note) = (connection.clone(), note.to_owned());
    hub.db
        .write(move |tx| rule::replace_all(tx, &hub::actor(), clock::now(), &owner, &rules, &note))
        .await?;
    Ok(preview)
}

fn effect(preview: &ChangePreview) -> Value {
    serde_json::to_value(preview).unwrap_or_default()
}

/// Asks the target whether it finds by every matching attribute.
async fn check_matching(hub: &Hub, connection: &Connection, rules: &[Rule]) -> Result<()> {
    let spinner = progress::spinner("asking the target whether it finds by the matching attributes");
    let checks = hub.engine()?.check_matching(connection.key, rules).await;
    spinner.finish_and_clear();
    let checks = checks.map_err(|error| anyhow::Error::new(error).context(unasked()))?;
    let failed: Vec<String> = checks
        .iter()
        .filter_map(|check| {
            let error = check.outcome.as_ref().err()?;
            Some(format!(
                "rule \"{}\", {}: {error}. {}",
                check.rule,
                check.attribute,
                error.hint()
            ))
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let sentence = format!(
        "the target cannot look for a matching attribute\n\n{}\n",
        failed.join("\n")
    );
    let hint = "Choose an attribute that the target can filter on, or save without asking it: --offline. Nothing was saved.";
    Err(Failure::new(sentence, hint).into())
}

/// The target could not be asked at all.
fn unasked() -> Failure {
    let hint = "Nothing was saved. Make the connection work, or save without asking the target: --offline.";
    Failure::new("the target cannot be asked about the matching attributes", hint)
}
