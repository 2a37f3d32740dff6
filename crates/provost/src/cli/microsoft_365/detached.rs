//! `provost microsoft-365 detached` and `reattach`.

use crate::cli::{Place, who};
use crate::clock;
use crate::failure::{self, Failure};
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::progress;
use anyhow::Result;
use provost_store::microsoft_365::{self, Detached};
use provost_store::{Error, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

/// Which part of the list.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The provider
    name: String,
    /// Only those after this key
    #[arg(long, value_name = "KEY", default_value_t = 0)]
    after: i64,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl List {
    /// Lists who was assigned.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.name).await?;
        let (workspace, domain) = (hub.workspace.key, found.domain.clone());
        let (after, limit) = (self.after, i64::from(self.limit));
        let read = move |tx: &mut Tx| {
            let all = microsoft_365::detached(tx, workspace, &domain, after, limit)?;
            let count = microsoft_365::detached_count(tx, workspace, &domain)?;
            Ok::<_, Error>((all, count))
        };
        let (all, count) = hub.db.read(read).await?;
        let next = all.last().filter(|_| all.len() == self.limit as usize);
        let next = next.map(|last| last.object);
        let rows: Vec<Value> = all.iter().map(row).collect();
        let answer = json!({"domain": found.domain, "count": count, "detached": rows, "next": next});
        output::either(place.json, &answer, || {
            let shown = table(&all).text_or("Nobody is kept from a provider before.");
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

fn row(one: &Detached) -> Value {
    json!({
        "id": one.id, "kind": one.kind, "label": one.label, "assigned": clock::text(one.assigned),
        "detached": clock::text(one.detached), "actor": one.actor,
    })
}

fn table(all: &[Detached]) -> Table {
    let mut table = Table::new(["kind", "who", "assigned", "detached", "by"]);
    for one in all {
        table.row([
            one.kind.to_string(),
            one.label.clone(),
            clock::text(one.assigned),
            clock::text(one.detached),
            one.actor.clone(),
        ]);
    }
    table
}

/// Who is assigned again.
#[derive(Debug, clap::Args)]
pub(crate) struct Reattach {
    /// The provider
    name: String,
    /// People and groups, by id or user name
    #[arg(conflicts_with = "all")]
    who: Vec<String>,
    /// Everybody who is kept
    #[arg(long)]
    all: bool,
}

impl Reattach {
    /// Assigns who is meant.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.who.is_empty() && !self.all {
            let hint =
                "Name people and groups, or say --all. `provost microsoft-365 detached` shows who is kept.";
            return Err(Failure::new("nobody was named", hint)
                .with_status(failure::USAGE)
                .into());
        }
        let found = hub.microsoft_365(&self.name).await?;
        let objects = match self.all {
            true => None,
            false => Some(ids(hub, &self.who).await?),
        };
        let bar = progress::spinner(&format!("assigning to {}", found.name));
        let engine = hub.engine()?;
        let done = engine
            .reattach_assignments(hub.workspace.key, &found.name, objects, &hub::actor())
            .await;
        bar.finish_and_clear();
        let done = done?;
        let answer = json!({"provider": found.name, "reattached": done});
        output::either(place.json, &answer, || {
            let people = output::count(done, "person or group is", "people and groups are");
            format!("{people} assigned to \"{}\" again.", found.name)
        })
    }
}

async fn ids(hub: &Hub, texts: &[String]) -> Result<Vec<Uuid>> {
    Ok(who::all(hub, texts)
        .await?
        .into_iter()
        .map(|one| one.id)
        .collect())
}
