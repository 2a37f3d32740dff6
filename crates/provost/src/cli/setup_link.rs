//! `provost setup-link`: pages for a customer's administrator, who has no account here.

use super::Place;
use crate::address;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::setup_link::{self, New, SetupLink};
use provost_web::setup_key;
use serde_json::{Value, json};

/// Setup links: a page with the steps at the identity provider, the tenant URL and live checks. Whoever has the address
/// may make one token through it, until it expires or is revoked.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Link {
    /// Make a link; its address is shown this once
    Add {
        /// The inbound provider
        provider: String,
        /// For whom it is: the list and the audit log name it so
        #[arg(long, value_name = "WHO")]
        r#for: String,
        /// How long it works: 7d, 12h
        #[arg(long, value_name = "TIME", default_value = "7d")]
        expires_in: Validity,
    },
    /// List a provider's links; their addresses are not kept
    List {
        /// The inbound provider
        provider: String,
        /// Go on after this key
        #[arg(long, value_name = "KEY", default_value_t = 0, hide_default_value = true)]
        after: i64,
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Revoke a link: its page is gone at once
    Revoke {
        /// The link's key, from `provost setup-link list`
        key: i64,
    },
}

impl Link {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Add {
                provider,
                r#for,
                expires_in,
            } => add(place, &hub, &provider, r#for, expires_in).await,
            Self::List {
                provider,
                after,
                limit,
            } => list(place, &hub, &provider, after, limit).await,
            Self::Revoke { key } => revoke(place, &hub, key).await,
        };
        hub.close();
        done
    }
}

async fn add(place: &Place, hub: &Hub, provider: &str, label: String, validity: Validity) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let now = clock::now();
    let expires = validity.ends(now).ok_or_else(|| {
        let hint = "Say for how long, such as --expires-in 7d.";
        Failure::new("a setup link has to end", hint).with_status(crate::failure::USAGE)
    })?;
    let text = setup_key::make()?;
    let hash = setup_key::hash(&text);
    let made = hub
        .db
        .write(move |tx| {
            let new = New {
                workspace: provider.workspace,
                provider: provider.key,
                label: &label,
                expires,
            };
            setup_link::make(tx, &hub::actor(), now, &hash, &new)
        })
        .await?;
    let console = address::of_console(&hub.config.server, hub.config.server.listen);
    let link = format!("{console}/setup/{text}");
    let answer = json!({"key": made.key, "link": link, "expires": clock::text(made.expires)});
    output::either(place.json, &answer, || {
        format!(
            "Link  {link}\nIt is shown this once and works until {}. Its key is {}.",
            clock::text(made.expires),
            made.key
        )
    })
}

async fn list(place: &Place, hub: &Hub, provider: &str, after: i64, limit: u32) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let limit = i64::from(limit);
    let all = hub
        .db
        .read(move |tx| setup_link::list(tx, provider.workspace, provider.key, after, limit))
        .await?;
    let next = all
        .last()
        .filter(|_| all.len() as i64 == limit)
        .map(|last| last.key);
    let now = clock::now();
    let rows: Vec<Value> = all.iter().map(|one| row(one, now)).collect();
    output::either(place.json, &json!({"links": rows, "next": next}), || {
        let mut table = Table::new(["key", "for", "state", "token", "made by", "expires"]);
        for one in &all {
            table.row([
                one.key.to_string(),
                one.label.clone(),
                state(one, now).to_owned(),
                one.token.map_or_else(|| "none".to_owned(), |key| key.to_string()),
                one.actor.clone(),
                clock::text(one.expires),
            ]);
        }
        let shown =
            table.text_or("No setup link yet. `provost setup-link add PROVIDER --for WHO` makes one.");
        match next {
            Some(next) => format!("{shown}\n\nMore: --after {next}"),
            None => shown,
        }
    })
}

fn state(one: &SetupLink, now: i64) -> &'static str {
    match (one.revoked, one.opened) {
        (Some(_), _) => "revoked",
        (None, _) if one.expires <= now => "expired",
        (None, Some(_)) => "opened",
        (None, None) => "not opened yet",
    }
}

fn row(one: &SetupLink, now: i64) -> Value {
    json!({
        "key": one.key, "for": one.label, "state": state(one, now), "actor": one.actor,
        "created": clock::text(one.created), "expires": clock::text(one.expires),
        "opened": clock::text_or_none(one.opened), "revoked": clock::text_or_none(one.revoked), "token": one.token,
    })
}

async fn revoke(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let workspace = hub.workspace.key;
    let done = hub
        .db
        .write(move |tx| setup_link::revoke(tx, &hub::actor(), clock::now(), workspace, key))
        .await?;
    if !done {
        let hint = "`provost setup-link list PROVIDER` shows the links with their keys.";
        return Err(Failure::new(format!("there is no live setup link {key}"), hint).into());
    }
    output::either(place.json, &json!({"key": key, "state": "revoked"}), || {
        format!("The setup link {key} is revoked: its page is gone. A token that was made through it stays.")
    })
}
