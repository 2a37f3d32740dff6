//! `provost discover` and `unowned`: what the target has and no link names.

use super::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::{clock, progress};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::unowned::{self, Sort, Unowned};
use provost_sync::Discovered;
use serde_json::{Value, json};

/// List the target to its end and keep what nobody owns; changes nothing there
#[derive(Debug, clap::Args)]
pub(crate) struct Discover {
    /// The connection
    connection: String,
}

/// List what the last discovery or reconcile found and nobody owns
#[derive(Debug, clap::Args)]
#[command(name = "unowned")]
pub(crate) struct Unlinked {
    /// The connection
    connection: String,
    /// Only of this sort: local (nobody in the directory matches), unassigned (somebody matches who is not meant),
    /// assigned (somebody matches who is meant: the next cycle adopts it)
    #[arg(long)]
    sort: Option<Sort>,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<After>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Where a page goes on: kind and id.
#[derive(Debug, Clone)]
struct After(Kind, String);

impl std::str::FromStr for After {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('/') {
            Some(("person", id)) => Ok(Self(Kind::Person, id.to_owned())),
            Some(("group", id)) => Ok(Self(Kind::Group, id.to_owned())),
            _ => anyhow::bail!("write what the page before named behind \"More: --after\""),
        }
    }
}

impl Discover {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.discover(place, &hub).await;
        hub.close();
        done
    }

    async fn discover(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let spinner = progress::spinner(&format!("listing {}", self.connection));
        let found = hub.engine()?.discover(connection.key).await;
        spinner.finish_and_clear();
        let found = found?;
        output::either(place.json, &found, || text(&self.connection, &found))
    }
}

fn text(name: &str, found: &Discovered) -> String {
    let mut table = Table::new(["what", "number"]);
    for (what, number) in [
        ("linked", found.linked),
        ("somebody matches who is meant", found.assigned),
        ("somebody matches who is not meant", found.unassigned),
        ("nobody in the directory matches", found.local),
    ] {
        table.row([what.to_owned(), number.to_string()]);
    }
    let seen = output::count(found.seen, "person or group", "people and groups");
    let shown = table.text_or("");
    format!("{seen} in \"{name}\":\n{shown}\n\n`provost unowned \"{name}\"` lists who is not linked.")
}

impl Unlinked {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.list(place, &hub).await;
        hub.close();
        done
    }

    async fn list(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.connection).await?.key;
        let (sort, after, limit) = (self.sort, self.after, i64::from(self.limit));
        let all = hub
            .db
            .read(move |tx| {
                let after = after.as_ref().map(|After(kind, id)| (*kind, id.as_str()));
                unowned::list(tx, key, sort, after, limit)
            })
            .await?;
        let more = all
            .last()
            .filter(|_| all.len() == self.limit as usize)
            .map(|one| format!("{}/{}", one.kind, one.target_id));
        let rows: Vec<Value> = all.iter().map(row).collect();
        output::either(place.json, &json!({"unowned": rows, "next": more}), || {
            let mut table = Table::new(["kind", "who", "in the target", "sort", "account", "seen"]);
            for one in &all {
                table.row([
                    one.kind.to_string(),
                    one.label.clone(),
                    one.target_id.clone(),
                    one.sort.to_string(),
                    account(one).to_owned(),
                    clock::text(one.seen),
                ]);
            }
            let nothing = format!(
                "Nothing is known to be owned by nobody. `provost discover \"{}\"` looks.",
                self.connection
            );
            let shown = table.text_or(&nothing);
            match more {
                Some(next) => format!("{shown}\n\nMore: --after \"{next}\""),
                None => shown,
            }
        })
    }
}

fn account(one: &Unowned) -> &'static str {
    match one.enabled {
        Some(true) => "enabled",
        Some(false) => "disabled",
        None => "",
    }
}

fn row(one: &Unowned) -> Value {
    json!({
        "kind": one.kind, "object": one.label, "target_id": one.target_id, "sort": one.sort, "enabled": one.enabled,
        "matches": (one.object != 0).then_some(one.object), "seen": clock::text(one.seen),
    })
}
