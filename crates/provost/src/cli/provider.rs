//! `provost provider`: who pushes people and groups in.

mod add;
mod set;
mod settings;
mod show;
mod state;

use super::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::provider::{self, State};
use serde_json::{Value, json};

/// Inbound providers: an identity provider, an HR system, anything that speaks SCIM.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Provider {
    /// Make an inbound provider; prints its tenant URL and its token, which is shown this once
    Add(add::Add),
    /// Change what is set about a provider, and show what changes
    ///
    /// The role, the team and the permission are given to new people only: who is there already keeps theirs.
    Set(set::Set),
    /// Put a draft in use, or a provider that is off: its requests are answered
    Save {
        /// The inbound provider
        name: String,
    },
    /// Switch a provider off: its tokens are refused and its people cannot sign in; people and groups stay as they are
    Off {
        /// The inbound provider
        name: String,
    },
    /// Everything about a provider: settings, tokens, what it sent, which habits it relies on
    Show {
        /// The inbound provider
        name: String,
    },
    /// List the inbound providers
    List,
}

impl Provider {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Provider::Add(add) => add.run(place, &hub).await,
            Provider::Set(set) => set.run(place, &hub).await,
            Provider::Save { name } => state::change(place, &hub, &name, State::Saved).await,
            Provider::Off { name } => state::change(place, &hub, &name, State::Off).await,
            Provider::Show { name } => show::run(place, &hub, &name).await,
            Provider::List => list(place, &hub).await,
        };
        hub.close();
        done
    }
}

/// The address that is entered at the identity provider.
pub(crate) fn tenant_url(hub: &Hub) -> String {
    format!("{}/scim/v2", hub.public_url())
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub.db.read(move |tx| provider::all(tx, workspace)).await?;
    let answer: Vec<Value> = all.iter().map(|one| summary(hub, one)).collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "state", "role", "team", "sends like", "last request"]);
        for one in &all {
            table.row([
                one.name.clone(),
                one.state.as_str().to_owned(),
                one.role.clone(),
                one.team.clone().unwrap_or_default(),
                one.seen.map(|dialect| dialect.to_string()).unwrap_or_default(),
                clock::text_or_none(one.last_request).unwrap_or_else(|| "none yet".to_owned()),
            ]);
        }
        let shown = table.text_or("No inbound provider yet. `provost provider add NAME` makes one.");
        if all.is_empty() {
            shown
        } else {
            format!("{shown}\n\nTenant URL  {}", tenant_url(hub))
        }
    })
}

/// What a list says of a provider, for programs.
fn summary(hub: &Hub, one: &provider::Provider) -> Value {
    json!({
        "name": one.name, "id": one.id, "state": one.state, "role": one.role, "team": one.team,
        "tenant_url": tenant_url(hub), "seen_dialect": one.seen,
        "first_request": clock::text_or_none(one.first_request),
        "last_request": clock::text_or_none(one.last_request),
    })
}
