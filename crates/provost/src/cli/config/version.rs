//! `provost config versions`, `compare` and `roll-back`.

use super::difference;
use super::export::saved;
use super::file::File;
use crate::cli::Place;
use crate::cli::change::{self, Confirm};
use crate::clock;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::config_version::{self, Definition};
use provost_store::connection::Connection;
use provost_sync::Proposal;
use serde_json::{Value, json};

/// Whose versions are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct Versions {
    /// The connection
    connection: String,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    /// Only versions before this one
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
}

/// Which versions are compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The connection
    connection: String,
    /// The earlier version
    from: i64,
    /// The later one; without it, what is saved now
    to: Option<i64>,
}

/// What a connection goes back to.
#[derive(Debug, clap::Args)]
pub(crate) struct RollBack {
    /// The connection
    connection: String,
    /// The version
    version: i64,
    /// Why, for the list of versions
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    confirm: Confirm,
}

impl Versions {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let (before, limit) = (self.before, self.limit);
        let versions = hub
            .db
            .read(move |tx| config_version::list(tx, connection.key, before, limit))
            .await?;
        let answer: Vec<Value> = versions
            .iter()
            .map(|one| {
                json!({"version": one.number, "saved": clock::text(one.created), "actor": one.actor, "note": one.note})
            })
            .collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["version", "saved", "by", "note"]);
            for one in &versions {
                table.row([
                    one.number.to_string(),
                    clock::text(one.created),
                    one.actor.clone(),
                    one.note.clone(),
                ]);
            }
            table.text_or("No version yet: each change of rules, preferences, guard or settings keeps one.")
        })
    }
}

impl Compare {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let from = File::of(&connection, version(hub, &connection, self.from).await?);
        let to = match self.to {
            Some(number) => File::of(&connection, version(hub, &connection, number).await?),
            None => saved(hub, &connection).await?,
        };
        let differences = difference::between(&from.value(), &to.value());
        let answer = json!({"connection": connection.name, "from": self.from, "to": self.to, "differences": differences});
        output::either(place.json, &answer, || {
            if differences.is_empty() {
                "They are the same.".to_owned()
            } else {
                difference::text(&differences)
            }
        })
    }
}

impl RollBack {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let definition = version(hub, &connection, self.version).await?;
        let proposal = Proposal {
            rules: Some(definition.rules.clone()),
            preferences: Some(definition.preferences.clone()),
            guard: Some(definition.guard),
            ..Proposal::default()
        };
        let preview = change::preview(hub, connection.key, &proposal).await?;
        change::confirm(&preview, self.confirm)?;
        let note = self
            .note
            .unwrap_or_else(|| format!("back to version {}", self.version));
        let (owner, number) = (connection.clone(), self.version);
        let wiped = hub
            .db
            .write(move |tx| change::save(tx, &owner, &definition, &note))
            .await?;
        let answer = json!({"connection": connection.name, "version": number, "wiped_secrets": wiped, "preview": preview});
        output::either(place.json, &answer, || {
            let more = if wiped {
                " Its host is another one now: its secrets were wiped, and a connection with links is paused until somebody has looked."
            } else {
                ""
            };
            format!(
                "\"{}\" is what it was in version {number}.{more}",
                connection.name
            )
        })
    }
}

async fn version(hub: &Hub, connection: &Connection, number: i64) -> Result<Definition> {
    let key = connection.key;
    let found = hub
        .db
        .read(move |tx| config_version::get(tx, key, number))
        .await?;
    found.map(|(_, definition)| definition).ok_or_else(|| {
        let sentence = format!("\"{}\" has no version {number}", connection.name);
        let hint = format!("`provost config versions \"{}\"` lists them.", connection.name);
        Failure::new(sentence, hint).into()
    })
}
