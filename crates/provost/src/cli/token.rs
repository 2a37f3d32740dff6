//! `provost token`: tokens of inbound providers.

use super::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::token;
use serde_json::{Value, json};

/// Tokens of inbound providers. Only a hash of each is kept.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Token {
    /// Make another token, for changing over without a pause; it is shown this once
    ///
    /// A provider has at most two that work: enter the new one, see that it is used, then revoke the old one.
    Add {
        /// The inbound provider
        provider: String,
        /// What to call it in lists
        #[arg(long, default_value = "")]
        label: String,
        /// How long it is valid: 365d, 12h, or never
        #[arg(long, value_name = "TIME", default_value = "365d")]
        expires_in: Validity,
    },
    /// List a provider's tokens; their text is not kept
    List {
        /// The inbound provider
        provider: String,
    },
    /// Revoke a token at once and for good
    Revoke {
        /// The inbound provider
        provider: String,
        /// The token's key, from `provost token list`
        key: i64,
    },
}

impl Token {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Token::Add {
                provider,
                label,
                expires_in,
            } => add(place, &hub, &provider, label, expires_in).await,
            Token::List { provider } => list(place, &hub, &provider).await,
            Token::Revoke { provider, key } => revoke(place, &hub, &provider, key).await,
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
        .write(move |tx| token::mint(tx, &hub::actor(), now, &provider, &label, expires))
        .await?;
    let url = super::provider::tenant_url(hub);
    let answer = json!({
        "key": minted.key, "tenant_url": url, "token": minted.text, "expires": clock::text_or_none(expires),
    });
    output::either(place.json, &answer, || {
        format!(
            "Tenant URL  {url}\nToken       {}\nThe token is shown this once. Its key is {}.",
            minted.text, minted.key
        )
    })
}

async fn list(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let all = hub
        .db
        .read(move |tx| token::of_provider(tx, provider.key))
        .await?;
    let now = clock::now();
    let answer: Vec<Value> = all.iter().map(|one| to_json(one, now)).collect();
    output::either(place.json, &answer, || table(&all, now).text_or("No token."))
}

/// A token for programs.
pub(super) fn to_json(one: &token::Token, now: i64) -> Value {
    json!({
        "key": one.key, "label": one.label, "state": state(one, now), "created": clock::text(one.created),
        "expires": clock::text_or_none(one.expires), "last_used": clock::text_or_none(one.last_used),
        "revoked": clock::text_or_none(one.revoked),
    })
}

/// Tokens for people.
pub(super) fn table(all: &[token::Token], now: i64) -> Table {
    let mut table = Table::new(["key", "label", "state", "expires", "last used"]);
    for one in all {
        table.row([
            one.key.to_string(),
            one.label.clone(),
            state(one, now).to_owned(),
            clock::text_or(one.expires, "never"),
            clock::text_or(one.last_used, "never"),
        ]);
    }
    table
}

/// The one word for how a token stands.
pub(super) fn state(token: &token::Token, now: i64) -> &'static str {
    if token.revoked.is_some() {
        "revoked"
    } else if token.is_live(now) {
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
        .write(move |tx| token::revoke(tx, &hub::actor(), clock::now(), &provider, key))
        .await?;
    if !done {
        let hint = format!("`provost token list \"{name}\"` shows its tokens with their keys.");
        return Err(Failure::new(format!("the provider \"{name}\" has no live token {key}"), hint).into());
    }
    let answer = json!({"key": key, "state": "revoked"});
    output::either(place.json, &answer, || {
        format!("The token {key} is revoked: within 5 seconds it is refused.")
    })
}
