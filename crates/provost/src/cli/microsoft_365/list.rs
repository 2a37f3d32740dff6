//! `provost microsoft-365 list`.

use super::show;
use crate::cli::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection;
use provost_store::microsoft_365;
use serde_json::Value;

/// More than a workspace has.
const ALL: i64 = 1_000;

/// The providers with their state and mode.
pub(super) async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub
        .db
        .read(move |tx| {
            let mut all = Vec::new();
            for one in microsoft_365::list(tx, workspace, "", ALL)? {
                let connection = match one.connection {
                    Some(key) => connection::by_key(tx, key)?.map(|found| found.name),
                    None => None,
                };
                all.push((one, connection));
            }
            Ok::<_, provost_store::Error>(all)
        })
        .await?;
    let answer: Vec<Value> = all
        .iter()
        .map(|(one, connection)| show::summary(one, connection.as_deref()))
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "domain", "tenant", "state", "mode", "connection"]);
        for (one, connection) in &all {
            table.row([
                one.name.clone(),
                one.domain.clone(),
                one.tenant_name.clone(),
                one.state.as_str().to_owned(),
                show::mode(one).to_owned(),
                connection.clone().unwrap_or_default(),
            ]);
        }
        table.text_or("No Microsoft 365 provider yet. `provost microsoft-365 add NAME` makes one.")
    })
}
