//! `provost demo`.

use super::Place;
use crate::demo;
use anyhow::Result;

/// See it work, without anything else installed.
///
/// Starts the hub, a simulated Microsoft 365 and a SCIM application in one process, loads the sample company
/// Contoso through the SCIM endpoint, provisions it into both, lets one person join, one move and one leave,
/// and compares. Interrupted at any point, it goes on where it stopped when it is started again.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// End after the summary, with status 0 only if every target agrees with the directory
    #[arg(long)]
    exit: bool,
}

/// The folder when none is named: never that of a real installation.
const FOLDER: &str = "provost-demo";

impl Demo {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        demo::run(&place.or_in(FOLDER), self.exit).await
    }
}
