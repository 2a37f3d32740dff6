//! `provost connection list`.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection::{self, State};
use provost_store::secret;
use serde_json::{Value, json};

/// The connections with their one state each.
pub(super) async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub
        .db
        .read(move |tx| {
            let mut all = Vec::new();
            for one in connection::all(tx, workspace)? {
                let secrets = secret::fields(tx, "connection", one.key)?;
                all.push((one, secrets));
            }
            Ok::<_, provost_store::Error>(all)
        })
        .await?;
    let answer: Vec<Value> = all
        .iter()
        .map(|(one, secrets)| {
            let secrets: Vec<&String> = secrets.iter().map(|(field, _)| field).collect();
            json!({
                "name": one.name, "id": one.id, "connector": one.connector, "settings": one.settings,
                "secrets": secrets, "state": one.state, "reason": one.reason, "code": one.code,
                "failures": one.failures, "preferences": one.preferences,
                "next_try": (one.state == State::Quarantine).then(|| clock::text(one.next_try)),
                "initial_cycle_done": one.watermark >= 0,
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "connector", "state", "reason"]);
        for (one, _) in all {
            table.row([one.name, one.connector, one.state.name().to_owned(), one.reason]);
        }
        table.text_or("No connection yet. `provost connection add NAME` makes one.")
    })
}
