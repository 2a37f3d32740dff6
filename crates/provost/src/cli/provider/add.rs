//! `provost provider add`.

use super::settings::Given;
use super::tenant_url;
use crate::cli::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::provider::{self, Settings, State};
use provost_store::{Error, token};
use serde_json::json;
use uuid::Uuid;

/// The role that people get unless another is named.
const ROLE: &str = "user";

/// What a setting is that is not named.
const DEFAULTS: &str = "\
A setting that is not named: role user, no team, dialect detect, no sheet, takeover ask, network any, rate and \
burst from [limits] of the configuration, request log all for 30 days, recycle bin 30 days, unknown members refuse.";

/// What a new provider is made of.
#[derive(Debug, clap::Args)]
#[command(after_help = DEFAULTS)]
pub(crate) struct Add {
    /// Its name, such as "Entra"
    name: String,
    /// Prepare it only: its requests are answered 401 until `provost provider save`
    #[arg(long)]
    draft: bool,
    /// How long the token is valid: 365d, 12h, or never
    #[arg(long, value_name = "TIME", default_value = "365d")]
    expires_in: Validity,
    #[command(flatten)]
    given: Given,
}

impl Add {
    /// Makes the provider and its first token, both or neither.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let Add { name, draft, .. } = self;
        let wanted = self.given.resolve(hub).await?;
        let (workspace, id, now) = (hub.workspace.key, Uuid::now_v7(), clock::now());
        let expires = self.expires_in.ends(now);
        let limits = &hub.config.limits;
        let settings = wanted.settings(&Settings {
            requests_per_second: limits.requests_per_second,
            burst: limits.burst,
            ..Settings::default()
        });
        let state = if draft { State::Draft } else { State::Saved };
        let shown = name.clone();
        let minted = hub
            .db
            .write(move |tx| {
                let new = provider::New {
                    id,
                    workspace,
                    name: &name,
                    role: wanted.role().unwrap_or(ROLE),
                    team: wanted.team().flatten(),
                    state,
                    settings: &settings,
                };
                let made = provider::create(tx, &hub::actor(), now, &new)?;
                token::mint(tx, &hub::actor(), now, &made, "first", expires)
            })
            .await
            .map_err(|error| taken(&shown, error))?;
        let answer = json!({
            "name": shown, "id": id, "state": state, "tenant_url": tenant_url(hub), "token": minted.text,
            "expires": clock::text_or_none(expires),
        });
        output::either(place.json, &answer, || {
            let until =
                clock::text_or_none(expires).map_or("without end".to_owned(), |at| format!("until {at}"));
            let mut text = format!(
                "Tenant URL  {}\nToken       {}\nThe token is shown this once; it is valid {until}.",
                tenant_url(hub),
                minted.text
            );
            if draft {
                text.push_str(&format!(
                    "\nThis is a draft: its requests are answered 401 until `provost provider save \"{shown}\"`."
                ));
            }
            text
        })
    }
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
