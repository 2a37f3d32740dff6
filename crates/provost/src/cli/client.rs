//! `provost client`: OAuth clients of inbound providers.

use super::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::client::{self, Client as Known};
use serde_json::{Value, json};

/// OAuth clients, for who gets a token for an hour by client credentials. Only a hash of each secret is kept.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Client {
    /// Make a client; prints its id and its secret, which is shown this once
    Add {
        /// The inbound provider
        provider: String,
        /// What to call it in lists
        #[arg(long, default_value = "client")]
        label: String,
        /// How long it is valid: 365d, 12h, or never
        #[arg(long, value_name = "TIME", default_value = "365d")]
        expires_in: Validity,
    },
    /// List a provider's clients; their secrets are not kept
    List {
        /// The inbound provider
        provider: String,
    },
    /// Revoke a client at once and for good, with the tokens that it was given
    Revoke {
        /// The inbound provider
        provider: String,
        /// The client's key, from `provost client list`
        key: i64,
    },
}

impl Client {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Client::Add {
                provider,
                label,
                expires_in,
            } => add(place, &hub, &provider, label, expires_in).await,
            Client::List { provider } => list(place, &hub, &provider).await,
            Client::Revoke { provider, key } => revoke(place, &hub, &provider, key).await,
        };
        hub.close();
        done
    }
}

async fn add(place: &Place, hub: &Hub, provider: &str, label: String, validity: Validity) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let now = clock::now();
    let expires = validity.ends(now);
    let minted = hub
        .db
        .write(move |tx| client::create(tx, &hub::actor(), now, &provider, &label, expires))
        .await?;
    let token_url = format!("{}/oauth/token", hub.public_url());
    let tenant_url = super::provider::tenant_url(hub);
    let answer = json!({
        "key": minted.key, "client_id": minted.id, "client_secret": minted.secret, "token_url": token_url,
        "tenant_url": tenant_url, "expires": clock::text_or_none(expires),
    });
    output::either(place.json, &answer, || {
        format!(
            "Tenant URL     {tenant_url}\nToken URL      {token_url}\nClient id      {}\nClient secret  {}\n\
             The secret is shown this once. The client's key is {}.",
            minted.id, minted.secret, minted.key
        )
    })
}

async fn list(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let all = hub
        .db
        .read(move |tx| client::of_provider(tx, provider.key))
        .await?;
    let now = clock::now();
    let answer: Vec<Value> = all.iter().map(|one| to_json(one, now)).collect();
    output::either(place.json, &answer, || table(&all, now).text_or("No client."))
}

/// A client for programs.
pub(super) fn to_json(one: &Known, now: i64) -> Value {
    json!({
        "key": one.key, "client_id": one.id, "label": one.label, "state": state(one, now),
        "created": clock::text(one.created), "expires": clock::text_or_none(one.expires),
        "last_used": clock::text_or_none(one.last_used), "revoked": clock::text_or_none(one.revoked),
    })
}

/// Clients for people.
pub(super) fn table(all: &[Known], now: i64) -> Table {
    let mut table = Table::new(["key", "label", "client id", "state", "expires", "last used"]);
    for one in all {
        table.row([
            one.key.to_string(),
            one.label.clone(),
            one.id.clone(),
            state(one, now).to_owned(),
            clock::text_or(one.expires, "never"),
            clock::text_or(one.last_used, "never"),
        ]);
    }
    table
}

fn state(client: &Known, now: i64) -> &'static str {
    if client.revoked.is_some() {
        "revoked"
    } else if client.is_live(now) {
        "valid"
    } else {
        "expired"
    }
}

async fn revoke(place: &Place, hub: &Hub, provider: &str, key: i64) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let name = provider.name.clone();
    let done = hub
        .db
        .write(move |tx| client::revoke(tx, &hub::actor(), clock::now(), &provider, key))
        .await?;
    if !done {
        let hint = format!("`provost client list \"{name}\"` shows its clients with their keys.");
        return Err(Failure::new(format!("the provider \"{name}\" has no live client {key}"), hint).into());
    }
    output::either(place.json, &json!({"key": key, "state": "revoked"}), || {
        format!(
            "The client {key} is revoked: it gets no token, and within 5 seconds those it has are refused."
        )
    })
}
