//! `provost api-token`: tokens of the admin API.

use super::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::api_token::{self, ApiToken, Scope};
use serde_json::{Value, json};

/// How many tokens are listed.
const LISTED: i64 = 1_000;

/// Tokens of the admin API and of the metrics. Only a hash of each is kept.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Token {
    /// Make a token; it is shown this once
    Add {
        /// What to call it in lists
        label: String,
        /// What it may do: read, operate (run, approve, retry, assign) or configure; each includes the one before
        #[arg(long, value_name = "SCOPE", default_value = "read", value_parser = ["read", "operate", "configure"])]
        scope: String,
        /// How long it is valid: 365d, 12h, or never
        #[arg(long, value_name = "TIME", default_value = "90d")]
        expires_in: Validity,
    },
    /// List the tokens; their text is not kept
    List,
    /// Revoke a token at once and for good
    Revoke {
        /// The token's key, from `provost api-token list`
        key: i64,
    },
}

impl Token {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Add {
                label,
                scope,
                expires_in,
            } => add(place, &hub, label, scope.parse()?, expires_in).await,
            Self::List => list(place, &hub).await,
            Self::Revoke { key } => revoke(place, &hub, key).await,
        };
        hub.close();
        done
    }
}

async fn add(place: &Place, hub: &Hub, label: String, scope: Scope, validity: Validity) -> Result<()> {
    let (now, workspace) = (clock::now(), hub.workspace.key);
    let expires = validity.ends(now);
    let minted = hub
        .db
        .write(move |tx| api_token::create(tx, &hub::actor(), now, workspace, &label, scope, expires))
        .await?;
    let answer = json!({
        "key": minted.key, "token": minted.text, "scope": scope.as_str(), "expires": clock::text_or_none(expires),
    });
    output::either(place.json, &answer, || {
        format!(
            "Token  {}\nThe token is shown this once. Its key is {}, its scope {scope}.",
            minted.text, minted.key
        )
    })
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub
        .db
        .read(move |tx| api_token::list(tx, workspace, 0, LISTED))
        .await?;
    let now = clock::now();
    let answer: Vec<Value> = all.iter().map(|one| to_json(one, now)).collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new([
            "key",
            "label",
            "scope",
            "state",
            "made by",
            "expires",
            "last used",
        ]);
        for one in &all {
            table.row([
                one.token.key.to_string(),
                one.token.label.clone(),
                one.scope.to_string(),
                super::token::state(&one.token, now).to_owned(),
                one.token.actor.clone(),
                clock::text_or(one.token.expires, "never"),
                clock::text_or(one.token.last_used, "never"),
            ]);
        }
        table.text_or("No token. `provost api-token add LABEL` makes one.")
    })
}

fn to_json(one: &ApiToken, now: i64) -> Value {
    let mut value = super::token::to_json(&one.token, now);
    value["scope"] = json!(one.scope.as_str());
    value["actor"] = json!(one.token.actor);
    value
}

async fn revoke(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let workspace = hub.workspace.key;
    let done = hub
        .db
        .write(move |tx| api_token::revoke(tx, &hub::actor(), clock::now(), workspace, key))
        .await?;
    if !done {
        let hint = "`provost api-token list` shows the tokens with their keys.";
        return Err(Failure::new(format!("there is no live API token {key}"), hint).into());
    }
    output::either(place.json, &json!({"key": key, "state": "revoked"}), || {
        format!("The API token {key} is revoked.")
    })
}
