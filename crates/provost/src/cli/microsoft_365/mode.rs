//! `provost microsoft-365 mode`.

use super::show;
use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::microsoft_365;

/// What a provider is for.
#[derive(Debug, clap::Args)]
pub(crate) struct Mode {
    /// The provider
    name: String,
    /// Whether people are assigned once the domain is federated, or the domain stays as it is
    #[arg(value_enum)]
    mode: Meant,
    /// Why, for the audit log
    #[arg(long)]
    reason: String,
    /// Decide it without being asked
    #[arg(long, short = 'y')]
    yes: bool,
}

/// The two modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Meant {
    /// People are assigned when the domain is federated, and not before
    Federation,
    /// Accounts only: people go on signing in at Microsoft
    ProvisioningOnly,
}

impl Mode {
    /// Records the decision.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.name).await?;
        let (engine, actor, workspace) = (hub.engine()?, hub::actor(), hub.workspace.key);
        let to = match self.mode {
            Meant::Federation => microsoft_365::Mode::Federation,
            Meant::ProvisioningOnly => microsoft_365::Mode::ProvisioningOnly,
        };
        let after = question::confirmed(self.yes, Names::Shown, async |confirm| {
            engine
                .set_provider_mode(workspace, &found.name, to, &self.reason, confirm, &actor)
                .await
        })
        .await?;
        output::either(place.json, &show::described(hub, &after).await?, || {
            let name = &after.name;
            match after.mode {
                microsoft_365::Mode::Federation => format!(
                    "\"{name}\" is for federation: nobody can be assigned before the domain is federated."
                ),
                microsoft_365::Mode::ProvisioningOnly => format!(
                    "\"{name}\" is for provisioning only: people and groups can be assigned to its connection, and go on \
                     signing in at Microsoft."
                ),
            }
        })
    }
}
