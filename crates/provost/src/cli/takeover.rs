//! `provost takeover`: providers that want a person whom another owner has.

use super::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::takeover::{self, Request};
use provost_store::{Error, Tx, directory, provider};
use serde_json::{Value, json};

/// Takeovers that wait for a decision. Until then the person stays with the owner that they have.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Takeover {
    /// List what waits
    List,
    /// Let the provider have the person: from now on it alone changes and deletes them
    Approve {
        /// The request's key, from `provost takeover list`
        key: i64,
    },
    /// Leave the person where they are; asking again opens no new request
    Deny {
        /// The request's key, from `provost takeover list`
        key: i64,
    },
}

/// A request, and whose the person is now.
struct Waiting {
    request: Request,
    owner: String,
}

impl Takeover {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Takeover::List => list(place, &hub).await,
            Takeover::Approve { key } => approve(place, &hub, key).await,
            Takeover::Deny { key } => deny(place, &hub, key).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub.db.read(move |tx| waiting(tx, workspace)).await?;
    let answer: Vec<Value> = all
        .iter()
        .map(|Waiting { request, owner }| {
            json!({
                "key": request.key, "person": request.label, "owner": owner,
                "wanted_by": request.provider_name, "asked": clock::text(request.asked), "times": request.times,
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["key", "person", "belongs to", "wanted by", "asked last", "times"]);
        for Waiting { request, owner } in &all {
            table.row([
                request.key.to_string(),
                request.label.clone(),
                owner.clone(),
                request.provider_name.clone(),
                clock::text(request.asked),
                request.times.to_string(),
            ]);
        }
        table.text_or("No provider waits for a person.")
    })
}

fn waiting(tx: &mut Tx, workspace: i64) -> Result<Vec<Waiting>, Error> {
    let mut all = Vec::new();
    for request in takeover::pending(tx, workspace)? {
        let owner = match directory::by_key(tx, request.object)? {
            Some(object) => provider::by_key(tx, object.owner)?.map_or("nobody".to_owned(), |one| one.name),
            None => "deleted".to_owned(),
        };
        all.push(Waiting { request, owner });
    }
    Ok(all)
}

/// The workspace's request with this key.
async fn find(hub: &Hub, key: i64) -> Result<Request> {
    let workspace = hub.workspace.key;
    let found = hub.db.read(move |tx| takeover::get(tx, key)).await?;
    found.filter(|one| one.workspace == workspace).ok_or_else(|| {
        let hint = "`provost takeover list` shows what waits, with the keys.";
        Failure::new(format!("there is no takeover {key}"), hint).into()
    })
}

async fn approve(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let request = find(hub, key).await?;
    let person = hub
        .db
        .write(move |tx| takeover::approve(tx, &hub::actor(), clock::now(), key))
        .await?;
    let answer = json!({"key": key, "state": "approved", "person": person.label, "id": person.id,
        "provider": request.provider_name});
    output::either(place.json, &answer, || {
        format!(
            "{} belongs to \"{}\" now. They have left the groups of the owner before; everything else stays.",
            person.label, request.provider_name
        )
    })
}

async fn deny(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let request = find(hub, key).await?;
    hub.db
        .write(move |tx| takeover::deny(tx, &hub::actor(), clock::now(), key))
        .await?;
    let answer =
        json!({"key": key, "state": "denied", "person": request.label, "provider": request.provider_name});
    output::either(place.json, &answer, || {
        format!(
            "{} stays where they are; \"{}\" is refused with 409.\n\
             `provost takeover approve {key}` still changes that.",
            request.label, request.provider_name
        )
    })
}
