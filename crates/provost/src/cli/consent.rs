//! `provost consent`: which tenant of Microsoft Entra an inbound provider belongs to.

mod application;

use super::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use crate::{address, ask, clock};
use anyhow::Result;
use provost_store::Tx;
use provost_store::tenant_consent::{self, TenantConsent};
use provost_store::{Error as Store, entra_application};
use serde_json::json;

/// The tenant of Microsoft Entra that an inbound provider belongs to, and the application that its administrators consent
/// to. Consent itself is asked for in a browser: on the provider's page, or on that of a setup link.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Consent {
    /// Show the recorded tenant, and where consent is asked for
    Show {
        /// The inbound provider
        provider: String,
    },
    /// Release the recorded tenant: another one can consent from then on
    Release {
        /// The inbound provider
        provider: String,
        /// The id of the tenant that is recorded
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Show the application that is consented to, or set it
    Application(application::Application),
}

impl Consent {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Application(command) => command.run(place).await,
            Self::Show { provider } => {
                let hub = Hub::open(place).await?;
                let done = show(place, &hub, &provider).await;
                hub.close();
                done
            }
            Self::Release {
                provider,
                tenant,
                yes,
            } => {
                let hub = Hub::open(place).await?;
                let done = release(place, &hub, &provider, tenant, yes).await;
                hub.close();
                done
            }
        }
    }
}

/// The page on which consent is asked for.
fn begin(hub: &Hub, provider: &str) -> String {
    let console = address::of_console(&hub.config.server, hub.config.server.listen);
    let mut url = match reqwest::Url::parse(&console) {
        Ok(url) => url,
        Err(_) => return console,
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear()
            .extend(["w", &hub.workspace.name, "providers", provider, "authenticate"]);
    }
    url.to_string()
}

async fn show(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let begin = begin(hub, &provider.name);
    let (key, workspace) = (provider.key, provider.workspace);
    let read = move |tx: &mut Tx| {
        let kept = tenant_consent::get(tx, key)?;
        Ok::<_, Store>((kept, entra_application::has_secret(tx, workspace)?))
    };
    let (kept, can_be_asked) = hub.db.read(read).await?;
    let recorded = kept.as_ref().map(row);
    let answer = json!({"can_be_asked": can_be_asked, "begin": begin, "recorded": recorded});
    output::either(place.json, &answer, || {
        told(&provider.name, kept.as_ref(), can_be_asked, &begin)
    })
}

fn row(one: &TenantConsent) -> serde_json::Value {
    json!({
        "tenant": one.tenant, "account": one.account, "actor": one.actor, "client_id": one.client_id,
        "first": clock::text(one.first), "at": clock::text(one.at),
    })
}

fn told(name: &str, kept: Option<&TenantConsent>, can_be_asked: bool, begin: &str) -> String {
    match (kept, can_be_asked) {
        (Some(one), _) => format!(
            "\"{name}\" belongs to the tenant {}.\n{} consented there, through {}; recorded {}.",
            one.tenant,
            one.account,
            one.actor,
            clock::text(one.first)
        ),
        (None, true) => {
            format!("No tenant is recorded for \"{name}\". An administrator asks for consent at {begin}")
        }
        (None, false) => format!(
            "No tenant is recorded for \"{name}\", and no application is set. `provost consent application --client-id ID --secret-env VARIABLE` sets it."
        ),
    }
}

async fn release(place: &Place, hub: &Hub, provider: &str, tenant: String, yes: bool) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let question = format!(
        "Release \"{}\" from the tenant {tenant}? Another one can consent from then on.",
        provider.name
    );
    ask::agree(&question, yes)?;
    let (name, named) = (provider.name.clone(), tenant.clone());
    let released = hub
        .db
        .write(move |tx| tenant_consent::release(tx, &hub::actor(), clock::now(), &provider, &named))
        .await?;
    if !released {
        let hint = "`provost consent show PROVIDER` shows what is recorded.";
        return Err(Failure::new(format!("no tenant is recorded for \"{name}\""), hint).into());
    }
    output::either(place.json, &json!({"provider": name, "released": tenant}), || {
        format!("\"{name}\" is released: another tenant can consent now.")
    })
}
