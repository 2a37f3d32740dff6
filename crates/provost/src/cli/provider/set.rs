//! `provost provider set`.

use super::settings::{Given, fields};
use crate::cli::Place;
use crate::clock;
use crate::failure::{Failure, USAGE};
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::provider::{self, Edit, Provider};
use provost_store::{Error, directory};
use serde_json::{Map, Value, json};

/// What new people get; a change of it leaves those who are there alone.
const FOR_NEW_PEOPLE: [&str; 3] = ["role", "team", "permission"];

/// What is to be changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The inbound provider
    name: String,
    #[command(flatten)]
    given: Given,
}

/// A provider before and after, and how many people it has.
struct Changed {
    before: Provider,
    after: Provider,
    people: i64,
}

impl Set {
    /// Changes the provider, all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.given.is_empty() {
            let hint = "`provost provider set --help` shows what can be set.";
            return Err(Failure::new("nothing is named that is to change", hint)
                .with_status(USAGE)
                .into());
        }
        let provider = hub.provider(&self.name).await?;
        let wanted = self.given.resolve(hub).await?;
        let changed = hub
            .db
            .write(move |tx| {
                // Read again: what is not named must stay as another administrator may just have set it.
                let before = provider::by_key(tx, provider.key)?.unwrap_or_else(|| provider.clone());
                let settings = wanted.settings(&before.settings);
                let edit = Edit {
                    role: wanted.role(),
                    team: wanted.team(),
                    settings: Some(&settings),
                    state: None,
                };
                let after = provider::edit(tx, &hub::actor(), clock::now(), &before, &edit)?;
                let people = directory::count_owned(tx, after.owner(), Kind::Person)?;
                Ok::<_, Error>(Changed {
                    before,
                    after,
                    people,
                })
            })
            .await?;
        let rows = changed.rows();
        let answer = json!({
            "name": self.name, "changed": changed.json(&rows), "people_who_keep_theirs": changed.keepers(&rows),
        });
        output::either(place.json, &answer, || changed.text(&rows))
    }
}

/// A setting's name, what it was and what it is.
type Row = (&'static str, String, String);

impl Changed {
    fn rows(&self) -> Vec<Row> {
        fields(&self.before)
            .into_iter()
            .zip(fields(&self.after))
            .filter(|((_, was), (_, is))| was != is)
            .map(|((name, was), (_, is))| (name, was, is))
            .collect()
    }

    fn json(&self, rows: &[Row]) -> Value {
        rows.iter()
            .map(|(name, was, is)| (name.replace('-', "_"), json!({"was": was, "is": is})))
            .collect::<Map<_, _>>()
            .into()
    }

    /// How many people keep what they have, when what new people get has changed.
    fn keepers(&self, rows: &[Row]) -> Option<i64> {
        rows.iter()
            .any(|(name, ..)| FOR_NEW_PEOPLE.contains(name))
            .then_some(self.people)
    }

    fn text(&self, rows: &[Row]) -> String {
        if rows.is_empty() {
            return "Everything is set so already; nothing was changed.".to_owned();
        }
        let mut table = Table::new(["setting", "was", "is"]);
        for (name, was, is) in rows {
            table.row([(*name).to_owned(), was.clone(), is.clone()]);
        }
        let mut text = table.text_or("");
        if let Some(keepers) = self.keepers(rows) {
            text.push_str(&format!(
                "\n\nRole, team and permission are for new people only. {}",
                keep(keepers)
            ));
        }
        text
    }
}

fn keep(people: i64) -> String {
    match people {
        0 => "The provider has no people yet.".to_owned(),
        1 => "1 person who is there already keeps theirs.".to_owned(),
        _ => format!("{people} people who are there already keep theirs."),
    }
}
