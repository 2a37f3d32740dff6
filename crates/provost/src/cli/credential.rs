//! `provost credential`: what ends when, in both directions.

use super::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::token::Token;
use provost_store::{Tx, api_token, certificate, client, connection, provider, token};
use serde_json::{Value, json};

/// Tokens of the interface that are looked at.
const TOKENS: i64 = 1_000;

/// Every secret, token, client and certificate that is in use, whatever it opens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Credential {
    /// List them, the one that ends first in front
    List,
}

/// A credential.
struct Line {
    kind: &'static str,
    of: String,
    key: Option<i64>,
    label: String,
    expires: Option<i64>,
    last_used: Option<i64>,
}

impl Credential {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let Self::List = self;
        let done = list(place, &hub).await;
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let mut all = hub.db.read(move |tx| inbound(tx, workspace)).await?;
    let connections = hub.db.read(move |tx| connection::all(tx, workspace)).await?;
    let engine = hub.engine()?;
    for one in connections {
        all.push(Line {
            kind: "connection",
            expires: engine.credential_expiry(one.key).await?,
            label: one.connector,
            of: one.name,
            key: None,
            last_used: None,
        });
    }
    all.sort_by_key(|one| one.expires.unwrap_or(i64::MAX));
    let now = clock::now();
    let rows: Vec<Value> = all.iter().map(|one| row(one, now)).collect();
    output::either(place.json, &json!({"credentials": rows}), || {
        let mut table = Table::new(["kind", "of", "key", "label", "state", "expires", "last used"]);
        for one in &all {
            let unsaid = if one.kind == "connection" {
                "not said"
            } else {
                "never"
            };
            table.row([
                one.kind.replace('_', " "),
                one.of.clone(),
                one.key.map(|key| key.to_string()).unwrap_or_default(),
                one.label.clone(),
                state(one, now).to_owned(),
                clock::text_or(one.expires, unsaid),
                clock::text_or(one.last_used, unused(one.kind)),
            ]);
        }
        table.text_or("There is no credential yet.")
    })
}

fn inbound(tx: &mut Tx, workspace: i64) -> provost_store::Result<Vec<Line>> {
    let mut all = Vec::new();
    let token_line = |kind: &'static str, of: &str, one: Token| Line {
        kind,
        of: of.to_owned(),
        key: Some(one.key),
        label: one.label,
        expires: one.expires,
        last_used: one.last_used,
    };
    for provider in provider::all(tx, workspace)? {
        let tokens = token::of_provider(tx, provider.key)?.into_iter();
        let live = tokens.filter(|one| one.revoked.is_none());
        all.extend(live.map(|one| token_line("token", &provider.name, one)));
        let clients = client::of_provider(tx, provider.key)?.into_iter();
        all.extend(clients.filter(|one| one.revoked.is_none()).map(|one| Line {
            kind: "client",
            of: provider.name.clone(),
            key: Some(one.key),
            label: one.label,
            expires: one.expires,
            last_used: one.last_used,
        }));
    }
    let tokens = api_token::list(tx, workspace, 0, TOKENS)?.into_iter();
    let live = tokens.filter(|one| one.token.revoked.is_none());
    all.extend(live.map(|one| token_line("api_token", "", one.token)));
    let held = certificate::of_workspace(tx, workspace)?.into_iter();
    all.extend(held.map(|one| Line {
        kind: one.usage.as_str(),
        of: one.provider,
        key: Some(one.key).filter(|_| one.usage != certificate::Usage::Onboarding),
        label: one.subject,
        expires: Some(one.ends),
        last_used: None,
    }));
    Ok(all)
}

/// What stands for a use that is not known: nobody notes one of a connection's credential or of a certificate.
fn unused(kind: &str) -> &'static str {
    match kind {
        "token" | "client" | "api_token" => "never",
        _ => "",
    }
}

fn state(one: &Line, now: i64) -> &'static str {
    if one.expires.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "valid"
    }
}

fn row(one: &Line, now: i64) -> Value {
    json!({
        "kind": one.kind, "of": Some(&one.of).filter(|of| !of.is_empty()), "key": one.key, "label": one.label,
        "expires": clock::text_or_none(one.expires), "is_expired": state(one, now) == "expired",
        "last_used": clock::text_or_none(one.last_used),
    })
}
