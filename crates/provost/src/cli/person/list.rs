//! `provost person list`.

use crate::cli::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::{Error, provider};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which people are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// How many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Go on after this key
    #[arg(long, value_name = "KEY", default_value_t = 0, hide_default_value = true)]
    after: i64,
}

impl List {
    /// Shows a page of the workspace's people.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let (workspace, limit) = (hub.workspace.key, i64::from(self.limit));
        let (people, owners) = hub
            .db
            .read(move |tx| {
                let people = directory::page(tx, workspace, Kind::Person, self.after, limit)?;
                let owners = provider::all(tx, workspace)?
                    .into_iter()
                    .map(|one| (one.key, one.name));
                Ok::<_, Error>((people, owners.collect::<BTreeMap<_, _>>()))
            })
            .await?;
        let owner = |person: &Object| owners.get(&person.owner).map(String::as_str);
        let answer: Vec<Value> = people
            .iter()
            .map(|one| {
                json!({
                    "key": one.key, "id": one.id, "name": user_name(one), "label": one.label,
                    "provider": owner(one), "state": state(one),
                })
            })
            .collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["key", "user name", "display name", "provider", "state"]);
            for one in &people {
                table.row([
                    one.key.to_string(),
                    user_name(one),
                    one.label.clone(),
                    owner(one).unwrap_or("none").to_owned(),
                    state(one).to_owned(),
                ]);
            }
            let shown = table.text_or("Nobody is in the directory.");
            match people.last() {
                Some(last) if people.len() as i64 == limit => {
                    format!("{shown}\n\nMore: --after {}", last.key)
                }
                _ => shown,
            }
        })
    }
}

/// The user name, as the directory has it.
pub(super) fn user_name(person: &Object) -> String {
    let value = person.value().unwrap_or_default();
    value["userName"].as_str().unwrap_or_default().to_owned()
}

/// Whether a person may use what they have, and if not, who says so.
pub(super) fn state(person: &Object) -> &'static str {
    match person.blocked {
        Some(_) => "blocked",
        None if directory::is_enabled(person) => "active",
        None => "inactive",
    }
}
