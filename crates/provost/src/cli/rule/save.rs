//! Saving rules: shown with their effect before anything is kept.

use super::list;
use super::password::{self, Source};
use super::read::{self, Rules};
use crate::cli::Place;
use crate::cli::change::{self, Confirm};
use crate::cli::question::{self, Names};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::Result;
use provost_engine::rule::Rule;
use provost_store::connection::Connection;
use provost_sync::setup::RuleFault;
use provost_sync::{ChangePreview, Proposal};
use serde_json::json;
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
    password: Source,
    #[command(flatten)]
    confirm: Confirm,
}

impl Set {
    /// Saves the rules of a file.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let Rules { mut rules, warnings } = read::read(&self.file)?;
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
        password::enter(hub, &connection, &mut rules, &self.how.password).await?;
        let after = merged(list::all(hub, connection.key).await?, rules);
        let (preview, faults) = save(hub, &connection, after, &self.how).await?;
        let mut warnings = warnings;
        warnings.extend(faults.iter().map(ToString::to_string));
        let answer = json!({
            "connection": connection.name, "saved": names, "warnings": warnings, "preview": preview,
        });
        output::either(place.json, &answer, || {
            let (name, warned) = (&connection.name, warned(&warnings));
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

/// Shows what the rules would do, asks, and keeps them. Answers what the target warns of as well.
async fn save(
    hub: &Hub,
    connection: &Connection,
    rules: Vec<Rule>,
    how: &How,
) -> Result<(ChangePreview, Vec<RuleFault>)> {
    let preview = effect(hub, connection, &rules).await?;
    change::confirm(&preview, how.confirm)?;
    let (engine, actor) = (hub.engine()?, hub::actor());
    let warnings = question::confirmed(how.confirm.yes, Names::Known, async |confirm| {
        engine
            .save_rules_with_note(connection.key, rules.clone(), &actor, confirm, &how.note)
            .await
    })
    .await?;
    Ok((preview, warnings))
}

/// What these rules would do in the place of those that are saved.
pub(super) async fn effect(hub: &Hub, connection: &Connection, rules: &[Rule]) -> Result<ChangePreview> {
    let proposal = Proposal {
        rules: Some(rules.to_vec()),
        ..Proposal::default()
    };
    change::preview(hub, connection.key, &proposal).await
}

/// What the target warns of, a line each.
pub(super) fn warned<T: ToString>(warnings: &[T]) -> String {
    warnings
        .iter()
        .map(|warning| format!("warning: {}\n", warning.to_string()))
        .collect()
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
