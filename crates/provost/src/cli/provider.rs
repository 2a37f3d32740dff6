//! `provost provider`: who pushes people and groups in.

use super::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::{Error, provider, token};
use serde_json::json;
use uuid::Uuid;

/// Inbound providers: an identity provider, an HR system, anything that speaks SCIM.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Provider {
    /// Make an inbound provider; prints its tenant URL and its token, which is shown this once
    Add(Add),
    /// List the inbound providers
    List,
}

/// What a new provider is made of.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its name, such as "Entra"
    name: String,
    /// The role that its people get
    #[arg(long, default_value = "user")]
    role: String,
    /// The team that its people get
    #[arg(long)]
    team: Option<String>,
    /// How long the token is valid: 365d, 12h, or never
    #[arg(long, value_name = "TIME", default_value = "365d")]
    expires_in: Validity,
}

impl Provider {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Provider::Add(add) => add.run(place, &hub).await,
            Provider::List => list(place, &hub).await,
        };
        hub.close();
        done
    }
}

impl Add {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let (workspace, id, now) = (hub.workspace.key, Uuid::now_v7(), clock::now());
        let expires = self.expires_in.ends(now);
        let Add { name, role, team, .. } = self;
        let shown = name.clone();
        let minted = hub
            .db
            .write(move |tx| {
                let new = provider::New {
                    id,
                    workspace,
                    name: &name,
                    role: &role,
                    team: team.as_deref(),
                };
                let made = provider::create(tx, &hub::actor(), now, &new)?;
                token::mint(tx, &hub::actor(), now, &made, "first", expires)
            })
            .await
            .map_err(|error| taken(&shown, error))?;
        let answer = json!({
            "name": shown, "id": id, "tenant_url": tenant_url(hub), "token": minted.text,
            "expires": clock::text_or_none(expires),
        });
        output::either(place.json, &answer, || {
            let until =
                clock::text_or_none(expires).map_or("without end".to_owned(), |at| format!("until {at}"));
            format!(
                "Tenant URL  {}\nToken       {}\nThe token is shown this once; it is valid {until}.",
                tenant_url(hub),
                minted.text
            )
        })
    }
}

/// The address that is entered at the identity provider.
pub(crate) fn tenant_url(hub: &Hub) -> String {
    format!("{}/scim/v2", hub.public_url())
}

fn taken(name: &str, error: Error) -> anyhow::Error {
    match error {
        Error::Conflict => {
            let hint = format!("`provost token add \"{name}\"` makes another token for it.");
            Failure::new(format!("there is an inbound provider \"{name}\" already"), hint).into()
        }
        other => other.into(),
    }
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub.db.read(move |tx| provider::all(tx, workspace)).await?;
    let answer: Vec<_> = all
        .iter()
        .map(|one| json!({"name": one.name, "id": one.id, "role": one.role, "team": one.team, "tenant_url": tenant_url(hub)}))
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "role", "team", "tenant url"]);
        for one in all {
            table.row([one.name, one.role, one.team.unwrap_or_default(), tenant_url(hub)]);
        }
        table.text_or("No inbound provider yet. `provost provider add NAME` makes one.")
    })
}
