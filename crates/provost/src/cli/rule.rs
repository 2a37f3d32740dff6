//! `provost rule`: who is provisioned, and with which attributes.

mod read;

use super::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::{cli::rule::read::Rules, clock};
use anyhow::Result;
use provost_store::rule;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Rules: object type, scope, matching attributes and mappings.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Rule {
    /// List a connection's rules
    List {
        /// The connection
        connection: String,
    },
    /// Save rules from a JSON or TOML file; a rule with the same name is replaced
    Set {
        /// The connection
        connection: String,
        /// One rule, or several under `rule`; .toml or .json
        #[arg(long)]
        file: PathBuf,
    },
}

impl Rule {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Rule::List { connection } => list(place, &hub, &connection).await,
            Rule::Set { connection, file } => set(place, &hub, &connection, &file).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub, connection: &str) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let rules = hub
        .db
        .read(move |tx| rule::of_connection(tx, connection.key))
        .await?;
    let answer: Vec<_> = rules.iter().map(|stored| &stored.rule).collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["rule", "object", "scope", "matching", "mappings"]);
        for rule::Stored { rule, .. } in &rules {
            let scope = match rule.scope.filters.len() {
                0 => "everybody".to_owned(),
                filters => output::count(filters as i64, "filter", "filters"),
            };
            let mut matching: Vec<_> = rule.matching.iter().collect();
            matching.sort_by_key(|matching| matching.precedence);
            let matching: Vec<&str> = matching.iter().map(|matching| matching.target.as_str()).collect();
            table.row([
                rule.name.clone(),
                rule.object.to_string(),
                scope,
                matching.join(", "),
                rule.mappings.len().to_string(),
            ]);
        }
        table.text_or("No rule yet. `provost rule set CONNECTION --file rules.toml` saves some.")
    })
}

async fn set(place: &Place, hub: &Hub, connection: &str, file: &Path) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let Rules { rules, warnings } = read::read(file)?;
    if rules.is_empty() {
        return Err(Failure::new(
            format!("{} holds no rule", file.display()),
            "Write one, or several under `rule`.",
        )
        .into());
    }
    let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
    let owner = connection.clone();
    hub.db
        .write(move |tx| {
            let (actor, now) = (hub::actor(), clock::now());
            let before = rule::of_connection(tx, owner.key)?;
            for (index, one) in (0..).zip(&rules) {
                // A rule keeps its place when it is replaced.
                let kept = (0..)
                    .zip(&before)
                    .find(|(_, stored)| stored.name == one.name)
                    .map(|(at, _)| at);
                let position = kept.unwrap_or(before.len() as i64 + index);
                rule::put(tx, &actor, now, &owner, position, one)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    let answer = json!({"connection": connection.name, "saved": names, "warnings": warnings});
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
