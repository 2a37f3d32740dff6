//! `provost federation`: the switch of a Microsoft 365 domain, the checks before it, and the roll-back.

mod show;

use super::Place;
use crate::hub::{self, Hub};
use crate::{ask, output, progress};
use anyhow::Result;
use provost_store::federation::{Mfa, Protocol};
use provost_sync::federation::Renewal;
use serde_json::json;

/// The federation of a Microsoft 365 domain: what has to be true before the switch, the switch, and the roll-back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Federation {
    /// Show who signs the domain's people in, the checks as they were computed last, and what was done
    Show {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Compute every check before the switch anew; changes nothing
    Check {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Decide how both sides talk and whose second factor counts, before the switch
    Choose {
        /// The Microsoft 365 provider
        provider: String,
        /// How Microsoft 365 and the hub talk; without it, as it is
        #[arg(long, value_enum)]
        protocol: Option<Talk>,
        /// Whose second factor counts; without it, as it is
        #[arg(long, value_enum)]
        mfa: Option<Factor>,
    },
    /// Answer for a check that is not green, for the evidence that was computed last
    SignOff {
        /// The Microsoft 365 provider
        provider: String,
        /// The check's key
        check: String,
        /// Who vouches
        #[arg(long)]
        person: String,
        /// Why it is right nevertheless
        #[arg(long)]
        reason: String,
    },
    /// Take a sign-off back
    Withdraw {
        /// The Microsoft 365 provider
        provider: String,
        /// The check's key
        check: String,
    },
    /// Print the command that takes the federation back without the hub; it holds no secret
    Command {
        /// The Microsoft 365 provider
        provider: String,
        /// For PowerShell instead of a POSIX shell
        #[arg(long)]
        powershell: bool,
        /// Note that the command is kept: the check word that stands in it
        #[arg(long, value_name = "WORD")]
        keep: Option<String>,
    },
    /// Switch the domain: its people sign in at the hub from then on
    Switch {
        /// The Microsoft 365 provider
        provider: String,
        /// The domain once more, instead of typing it when asked
        #[arg(long, value_name = "DOMAIN")]
        confirm: Option<String>,
    },
    /// Look at what stands at Microsoft, and end what was left open; changes nothing there
    Probe {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Switch the domain back to managed: everybody of it needs a new password
    RollBack {
        /// The Microsoft 365 provider
        provider: String,
        /// The domain once more, instead of typing it when asked
        #[arg(long, value_name = "DOMAIN")]
        confirm: Option<String>,
    },
    /// Renew the certificate at Microsoft, step by step; it goes back until the last
    Certificate {
        /// The Microsoft 365 provider
        provider: String,
        /// The step
        #[arg(value_enum)]
        step: Step,
    },
}

/// How both sides talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Talk {
    /// SAML 2.0: browsers and applications
    Saml,
    /// WS-Federation: also for joining Windows to Entra
    WsFederation,
}

/// Whose second factor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Factor {
    /// Ours where there was one, else Microsoft asks for one
    Accept,
    /// Only ours
    Enforce,
    /// Only Microsoft's
    Reject,
}

/// The steps of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Step {
    /// Microsoft learns the second certificate and accepts both
    Announce,
    /// Both sides change over to it; done again, they go back
    Swap,
    /// The old key is retired
    Finish,
}

impl Federation {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.done(place, &hub).await;
        hub.close();
        done
    }

    async fn done(self, place: &Place, hub: &Hub) -> Result<()> {
        let (engine, actor, workspace) = (hub.engine()?, hub::actor(), hub.workspace.key);
        let url = hub.public_url();
        let cockpit = match self {
            Self::Show { provider } => {
                let found = hub.microsoft_365(&provider).await?;
                engine.federation(workspace, &found.name).await?
            }
            Self::Check { provider } => {
                let found = hub.microsoft_365(&provider).await?;
                let bar = progress::spinner(&format!("computing the checks of {}", found.domain));
                let checked = engine
                    .check_federation(workspace, &found.name, &url, &actor)
                    .await;
                bar.finish_and_clear();
                checked?
            }
            Self::Choose {
                provider,
                protocol,
                mfa,
            } => {
                let found = hub.microsoft_365(&provider).await?;
                let stands = engine.federation(workspace, &found.name).await?.record;
                let choice = (
                    protocol.map_or(stands.protocol, talk),
                    mfa.map_or(stands.mfa, factor),
                );
                engine
                    .choose_federation(workspace, &found.name, choice, &actor)
                    .await?;
                engine.federation(workspace, &found.name).await?
            }
            Self::SignOff {
                provider,
                check,
                person,
                reason,
            } => {
                let found = hub.microsoft_365(&provider).await?;
                engine
                    .sign_off_federation(workspace, &found.name, &check, (&person, &reason), &actor)
                    .await?;
                engine.federation(workspace, &found.name).await?
            }
            Self::Withdraw { provider, check } => {
                let found = hub.microsoft_365(&provider).await?;
                engine
                    .withdraw_federation_sign_off(workspace, &found.name, &check, &actor)
                    .await?;
                engine.federation(workspace, &found.name).await?
            }
            Self::Probe { provider } => {
                let found = hub.microsoft_365(&provider).await?;
                engine.probe_federation(workspace, &found.name, &actor).await?
            }
            Self::Certificate { provider, step } => {
                let found = hub.microsoft_365(&provider).await?;
                let step = match step {
                    Step::Announce => Renewal::Announce,
                    Step::Swap => Renewal::Swap,
                    Step::Finish => Renewal::Finish,
                };
                engine
                    .renew_federation(workspace, &found.name, step, &actor)
                    .await?
            }
            Self::Command {
                provider,
                powershell,
                keep,
            } => {
                return command(place, hub, &provider, powershell, keep).await;
            }
            Self::Switch { provider, confirm } => return switch(place, hub, &provider, confirm).await,
            Self::RollBack { provider, confirm } => return roll_back(place, hub, &provider, confirm).await,
        };
        output::either(place.json, &show::to_json(&cockpit), || show::text(&cockpit))
    }
}

fn talk(protocol: Talk) -> Protocol {
    match protocol {
        Talk::Saml => Protocol::Saml,
        Talk::WsFederation => Protocol::WsFederation,
    }
}

fn factor(mfa: Factor) -> Mfa {
    match mfa {
        Factor::Accept => Mfa::Accept,
        Factor::Enforce => Mfa::Enforce,
        Factor::Reject => Mfa::Reject,
    }
}

async fn command(place: &Place, hub: &Hub, name: &str, powershell: bool, keep: Option<String>) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let (engine, url, workspace) = (hub.engine()?, hub.public_url(), hub.workspace.key);
    if let Some(word) = keep {
        engine
            .keep_federation_roll_back_command(workspace, &found.name, &url, &word, &hub::actor())
            .await?;
        let answer = json!({"kept": word});
        return output::either(place.json, &answer, || {
            "It is noted that you keep the command. Keep it where neither the hub nor Microsoft is needed to read it."
                .to_owned()
        });
    }
    let way = engine
        .federation_roll_back_command(workspace, &found.name, &url)
        .await?;
    output::either(place.json, &way, || match powershell {
        true => way.powershell.clone(),
        false => way.shell.clone(),
    })
}

async fn switch(place: &Place, hub: &Hub, name: &str, confirm: Option<String>) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let (engine, url, workspace, actor) = (hub.engine()?, hub.public_url(), hub.workspace.key, hub::actor());
    let seen = engine.federation(workspace, &found.name).await?;
    let sentence = format!(
        "{} is switched: from then on its people sign in at the hub, all of them at once.",
        found.domain
    );
    ask::name(&sentence, &found.domain, confirm.as_deref())?;
    let bar = progress::spinner(&format!("switching {}", found.domain));
    let typed = (found.domain.as_str(), seen.digest.as_str());
    let done = engine
        .switch_federation(workspace, &found.name, &url, typed, &actor)
        .await;
    bar.finish_and_clear();
    let cockpit = done?;
    output::either(place.json, &show::to_json(&cockpit), || show::text(&cockpit))
}

async fn roll_back(place: &Place, hub: &Hub, name: &str, confirm: Option<String>) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let (engine, workspace, actor) = (hub.engine()?, hub.workspace.key, hub::actor());
    let means = engine
        .federation_roll_back_preview(workspace, &found.name)
        .await?;
    let sentence = format!(
        "{} becomes managed, and {} at Microsoft.",
        found.domain,
        output::count(
            means.accounts as i64,
            "account needs a new password",
            "accounts need a new password"
        )
    );
    ask::name(&sentence, &found.domain, confirm.as_deref())?;
    let bar = progress::spinner(&format!("switching {} back", found.domain));
    let done = engine
        .roll_back_federation(workspace, &found.name, &found.domain, &actor)
        .await;
    bar.finish_and_clear();
    let told = done?;
    output::either(place.json, &told, || {
        let mut lines = vec![format!(
            "{} is managed again: {} at Microsoft.",
            found.domain,
            output::count(
                told.accounts as i64,
                "account needs a new password",
                "accounts need a new password"
            )
        )];
        if told.without > 0 {
            lines.push(format!(
                "These came after the switch and never had one: {}",
                told.without_password.join(", ")
            ));
        }
        lines.join("\n")
    })
}
