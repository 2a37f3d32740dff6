//! `provost workspace`: the containers of an installation.

use super::Place;
use crate::hub::{Hub, Purpose};
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::{Error, connection, directory, workspace};
use serde_json::{Value, json};

/// Workspaces: one organisation each. `provost init --workspace NAME` makes another.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Workspace {
    /// List the workspaces with what is in them
    List,
}

impl Workspace {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open_for(place, Purpose::Serve).await?;
        let Self::List = self;
        let done = list(place, &hub).await;
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let all = hub
        .db
        .read(|tx| {
            let mut all = Vec::new();
            for one in workspace::all(tx)? {
                let people = directory::count(tx, one.key, Kind::Person)?;
                let groups = directory::count(tx, one.key, Kind::Group)?;
                let connections = connection::all(tx, one.key)?.len();
                all.push((one.name, one.id, people, groups, connections));
            }
            Ok::<_, Error>(all)
        })
        .await?;
    let rows: Vec<Value> = all
        .iter()
        .map(|(name, id, people, groups, connections)| {
            json!({"name": name, "id": id, "people": people, "groups": groups, "connections": connections})
        })
        .collect();
    output::either(place.json, &json!({"workspaces": rows}), || {
        let mut table = Table::new(["name", "people", "groups", "connections"]);
        for (name, _, people, groups, connections) in &all {
            table.row([
                name.clone(),
                people.to_string(),
                groups.to_string(),
                connections.to_string(),
            ]);
        }
        table.text_or("There is no workspace. `provost init` makes one.")
    })
}
