//! `provost protect`: people and groups that nothing removes without a person's decision.

use super::{Place, who};
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::{Error, connection, directory, protection};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Protected people and groups: each removal of one waits for a decision, however few there are.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Protect {
    /// Protect people and groups in all connections, or in one
    Add {
        /// People and groups
        #[arg(required = true)]
        who: Vec<String>,
        /// Only in this connection
        #[arg(long)]
        connection: Option<String>,
        /// Why, for whoever has to decide
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// List what is protected
    List {
        /// Only what holds in this connection
        #[arg(long)]
        connection: Option<String>,
        /// Only those after this key
        #[arg(long, value_name = "KEY", default_value_t = 0)]
        after: i64,
        /// How many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// End a protection
    Remove {
        /// Its key, from `provost protect list`
        key: i64,
    },
}

impl Protect {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Protect::Add {
                who,
                connection,
                reason,
            } => add(place, &hub, &who, connection.as_deref(), reason).await,
            Protect::List {
                connection,
                after,
                limit,
            } => list(place, &hub, connection.as_deref(), after, limit).await,
            Protect::Remove { key } => remove(place, &hub, key).await,
        };
        hub.close();
        done
    }
}

async fn add(
    place: &Place,
    hub: &Hub,
    texts: &[String],
    connection: Option<&str>,
    reason: String,
) -> Result<()> {
    let named = who::all(hub, texts).await?;
    let within = match connection {
        Some(name) => Some(hub.connection(name).await?),
        None => None,
    };
    let keys: Vec<i64> = named.iter().map(|one| one.key).collect();
    hub.db
        .write(move |tx| {
            for key in &keys {
                // Who has been deleted in this moment needs no protection.
                if let Some(object) = directory::by_key(tx, *key)? {
                    protection::add(tx, &hub::actor(), clock::now(), within.as_ref(), &object, &reason)?;
                }
            }
            Ok::<_, Error>(())
        })
        .await?;
    let labels: Vec<&str> = named.iter().map(|one| one.label.as_str()).collect();
    let answer = json!({"protected": labels, "connection": connection});
    output::either(place.json, &answer, || {
        let place = connection.map_or("every connection".to_owned(), |name| format!("\"{name}\""));
        let labels = labels.join(", ");
        format!(
            "Protected in {place}: {labels}. Each removal waits for a decision: provost staged list CONNECTION"
        )
    })
}

async fn list(place: &Place, hub: &Hub, connection: Option<&str>, after: i64, limit: u32) -> Result<()> {
    let workspace = hub.workspace.key;
    let within = match connection {
        Some(name) => Some(hub.connection(name).await?.key),
        None => None,
    };
    let (all, names) = hub
        .db
        .read(move |tx| {
            let all = protection::list(tx, workspace, within, after, i64::from(limit))?;
            let names = connection::all(tx, workspace)?.into_iter();
            let names: BTreeMap<i64, String> = names.map(|one| (one.key, one.name)).collect();
            Ok::<_, Error>((all, names))
        })
        .await?;
    let place_of = |key: Option<i64>| key.and_then(|key| names.get(&key));
    let rows: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "key": one.key, "connection": place_of(one.connection), "kind": one.kind, "id": one.id,
                "object": one.label, "reason": one.reason, "since": clock::text(one.created), "by": one.actor,
            })
        })
        .collect();
    output::either(place.json, &rows, || {
        let mut table = Table::new(["key", "kind", "who", "where", "reason", "since", "by"]);
        for one in &all {
            table.row([
                one.key.to_string(),
                one.kind.to_string(),
                one.label.clone(),
                place_of(one.connection).map_or("everywhere".to_owned(), Clone::clone),
                one.reason.clone(),
                clock::text(one.created),
                one.actor.clone(),
            ]);
        }
        let shown = table.text_or("Nobody is protected.");
        match all.last().filter(|_| all.len() == limit as usize) {
            Some(last) => format!("{shown}\n\nMore: --after {}", last.key),
            None => shown,
        }
    })
}

async fn remove(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let workspace = hub.workspace.key;
    let removed = hub
        .db
        .write(move |tx| protection::remove(tx, &hub::actor(), clock::now(), workspace, key))
        .await?;
    if !removed {
        let hint = "`provost protect list` shows what is protected, with the keys.";
        return Err(Failure::new(format!("there is no protection {key}"), hint).into());
    }
    output::either(place.json, &json!({"key": key, "removed": true}), || {
        format!("The protection {key} has ended.")
    })
}
