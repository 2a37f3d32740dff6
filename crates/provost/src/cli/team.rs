//! `provost team`: what a workspace is divided into.

use super::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::provider::{self, Provider};
use provost_store::{Error, team};
use serde_json::{Value, json};
use uuid::Uuid;

/// Teams. A provider may place its new people in one, with a permission in it.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Team {
    /// Make a team
    Add {
        /// Its name, such as "Sales"
        name: String,
    },
    /// List the teams and the providers that place people in them
    List,
}

impl Team {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Team::Add { name } => add(place, &hub, name).await,
            Team::List => list(place, &hub).await,
        };
        hub.close();
        done
    }
}

async fn add(place: &Place, hub: &Hub, name: String) -> Result<()> {
    let (workspace, id, shown) = (hub.workspace.key, Uuid::now_v7(), name.clone());
    let made = hub
        .db
        .write(move |tx| team::create(tx, &hub::actor(), clock::now(), workspace, id, &name))
        .await;
    match made {
        Err(Error::Conflict) => {
            let hint = "`provost team list` shows the teams that there are.";
            return Err(Failure::new(format!("there is a team \"{shown}\" already"), hint).into());
        }
        other => other?,
    };
    output::either(place.json, &json!({"name": shown, "id": id}), || {
        format!(
            "The team \"{shown}\" is made.\n\
             `provost provider set NAME --team \"{shown}\"` places a provider's new people in it."
        )
    })
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let (teams, providers) = hub
        .db
        .read(move |tx| Ok::<_, Error>((team::all(tx, workspace)?, provider::all(tx, workspace)?)))
        .await?;
    let answer: Vec<Value> = teams
        .iter()
        .map(|one| {
            json!({
                "name": one.name, "id": one.id, "created": clock::text(one.created),
                "providers": placing(&providers, &one.name),
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "providers", "created"]);
        for one in &teams {
            let named = placing(&providers, &one.name).join(", ");
            table.row([one.name.clone(), named, clock::text(one.created)]);
        }
        table.text_or("No team yet. `provost team add NAME` makes one.")
    })
}

/// The names of the providers that place new people in a team.
fn placing<'a>(providers: &'a [Provider], team: &str) -> Vec<&'a str> {
    let placing = providers.iter().filter(|one| one.team.as_deref() == Some(team));
    placing.map(|one| one.name.as_str()).collect()
}
