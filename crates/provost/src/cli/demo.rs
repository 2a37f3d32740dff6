//! `provost demo`.

use super::Place;
use crate::demo;
use anyhow::Result;

/// How the demo is run.
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
