//! `provost audit`: who did what in Provost.

mod export;
mod list;
mod verify;

use super::Place;
use crate::hub::{Hub, Purpose};
use anyhow::Result;
use provost_store::audit::{AuditAsked, INSTALLATION};

/// The audit log: every change, written with it, chained by hash. Each workspace has one, and the installation has one
/// for what belongs to none: administrators, sign-in, backups.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Audit {
    /// List rows, newest first
    List(list::List),
    /// Write all rows that fit, as JSON lines or as a CSV file, newest first
    Export(export::Export),
    /// Check that no row was changed, added or removed; exit status 3 when one was
    Verify {
        /// The installation's own log, instead of the workspace's
        #[arg(long)]
        installation: bool,
    },
}

/// Which rows are meant.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Search {
    /// Only actions that begin so, such as person. or person.block
    #[arg(long, value_name = "TEXT")]
    action: Option<String>,
    /// Only of whoever has this in their name
    #[arg(long, value_name = "TEXT")]
    actor: Option<String>,
    /// Only about what has this in its id or name
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Only rows before this one
    #[arg(long, value_name = "ROW")]
    before: Option<i64>,
    /// The installation's own log, instead of the workspace's
    #[arg(long)]
    installation: bool,
}

impl Search {
    fn asked(&self, hub: &Hub) -> AuditAsked {
        AuditAsked {
            workspace: if self.installation {
                INSTALLATION
            } else {
                hub.workspace.key
            },
            before: self.before,
            action: self.action.clone(),
            actor: self.actor.clone(),
            subject: self.subject.clone(),
        }
    }
}

impl Audit {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let installation = match &self {
            Audit::List(list) => list.search.installation,
            Audit::Export(export) => export.search.installation,
            Audit::Verify { installation } => *installation,
        };
        // The installation's own log is there whichever workspace is meant.
        let purpose = if installation {
            Purpose::Serve
        } else {
            Purpose::Command
        };
        let hub = Hub::open_for(place, purpose).await?;
        let done = match self {
            Audit::List(list) => list.run(place, &hub).await,
            Audit::Export(export) => export.run(place, &hub).await,
            Audit::Verify { installation } => verify::run(place, &hub, installation).await,
        };
        hub.close();
        done
    }
}
