//! `provost person list`.

use crate::cli::Place;
use crate::failure::{self, Failure};
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory::{self, Listing, NamedLine, Object};
use provost_store::provider;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which people are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only people whose user name, display name or e-mail address begins so
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only people of this inbound provider
    #[arg(long)]
    provider: Option<String>,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// A person as the list shows them.
struct Line {
    key: i64,
    id: Uuid,
    name: String,
    label: String,
    owner: i64,
    state: &'static str,
}

impl List {
    /// Shows a page of the workspace's people.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let workspace = hub.workspace.key;
        let (people, next) = if self.find.is_some() || self.provider.is_some() {
            self.found(hub).await?
        } else {
            self.all(hub).await?
        };
        let providers = hub
            .db
            .read(move |tx| provider::all(tx, workspace))
            .await?
            .into_iter();
        let owners: BTreeMap<i64, String> = providers.map(|one| (one.key, one.name)).collect();
        let owner = |one: &Line| owners.get(&one.owner).map(String::as_str);
        let answer: Vec<Value> = people
            .iter()
            .map(|one| {
                json!({
                    "key": one.key, "id": one.id, "name": one.name, "label": one.label, "provider": owner(one),
                    "state": one.state,
                })
            })
            .collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["key", "user name", "display name", "provider", "state"]);
            for one in &people {
                table.row([
                    one.key.to_string(),
                    one.name.clone(),
                    one.label.clone(),
                    owner(one).unwrap_or("none").to_owned(),
                    one.state.to_owned(),
                ]);
            }
            let nothing = if self.find.is_some() {
                "Nobody fits."
            } else {
                "Nobody is in the directory."
            };
            let shown = table.text_or(nothing);
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }

    /// Everybody, in the order in which they came.
    async fn all(&self, hub: &Hub) -> Result<(Vec<Line>, Option<String>)> {
        let after: i64 = match &self.after {
            Some(text) => text.parse().map_err(|_| no_place())?,
            None => 0,
        };
        let (workspace, limit) = (hub.workspace.key, i64::from(self.limit));
        let people = hub
            .db
            .read(move |tx| directory::page(tx, workspace, Kind::Person, after, limit))
            .await?;
        let last = people.last().filter(|_| people.len() as i64 == limit);
        let next = last.map(|one| one.key.to_string());
        let line = |one: &Object| Line {
            key: one.key,
            id: one.id,
            name: user_name(one),
            label: one.label.clone(),
            owner: one.owner,
            state: state(one),
        };
        Ok((people.iter().map(line).collect(), next))
    }

    /// Those who are looked for, by name.
    async fn found(&self, hub: &Hub) -> Result<(Vec<Line>, Option<String>)> {
        let owner = match &self.provider {
            Some(name) => Some(hub.provider(name).await?.key),
            None => None,
        };
        let asked = Listing {
            workspace: hub.workspace.key,
            kind: Kind::Person,
            search: self.find.clone(),
            after: self.after.clone(),
            owner,
        };
        let limit = self.limit as usize;
        let page = hub
            .db
            .read(move |tx| directory::list_named(tx, &asked, limit))
            .await?;
        let line = |one: NamedLine| Line {
            key: one.key,
            id: one.id,
            name: one.name,
            label: one.label,
            owner: one.owner,
            state: standing(one.blocked, one.active),
        };
        let next = page.next.map(|next| format!("\"{next}\""));
        Ok((page.lines.into_iter().map(line).collect(), next))
    }
}

fn no_place() -> anyhow::Error {
    let hint = "Give what the page before named behind \"More: --after\".";
    Failure::new("--after is no place in this list", hint)
        .with_status(failure::USAGE)
        .into()
}

/// The user name, as the directory has it.
pub(super) fn user_name(person: &Object) -> String {
    let value = person.value().unwrap_or_default();
    value["userName"].as_str().unwrap_or_default().to_owned()
}

/// Whether a person may use what they have, and if not, who says so.
pub(super) fn state(person: &Object) -> &'static str {
    standing(person.blocked.is_some(), directory::is_enabled(person))
}

/// The word for it.
pub(in crate::cli) fn standing(is_blocked: bool, is_active: bool) -> &'static str {
    match (is_blocked, is_active) {
        (true, _) => "blocked",
        (false, true) => "active",
        (false, false) => "inactive",
    }
}
