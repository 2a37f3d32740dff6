//! `provost log`: the provisioning log.

use super::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::provisioning_log::{self, Entry};
use serde_json::{Value, json};

/// What happened to each object of a connection, newest first.
#[derive(Debug, clap::Args)]
pub(crate) struct Log {
    /// The connection
    name: String,
    /// How many lines
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

impl Log {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.show(place, &hub).await;
        hub.close();
        done
    }

    async fn show(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let limit = i64::from(self.limit);
        let lines = hub
            .db
            .read(move |tx| provisioning_log::of_connection(tx, connection.key, limit))
            .await?;
        let answer: Vec<Value> = lines.iter().map(entry).collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["at", "action", "object", "status", "reason"]);
            for line in lines {
                let action = line.action.replace('_', " ");
                table.row([clock::text(line.at), action, line.label, line.status, line.reason]);
            }
            table.text_or("Nothing has happened yet.")
        })
    }
}

fn entry(line: &Entry) -> Value {
    json!({
        "at": clock::text(line.at), "cycle": line.cycle, "kind": line.kind, "id": line.object_id, "object": line.label,
        "action": line.action, "status": line.status, "reason": line.reason,
        "detail": serde_json::from_str(&line.detail).unwrap_or(Value::String(line.detail.clone())),
    })
}
