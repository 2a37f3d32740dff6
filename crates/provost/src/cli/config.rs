//! `provost config`: the configuration file of the installation, and connections as files.

mod apply;
mod check;
mod difference;
mod export;
mod file;
mod render;
mod show;
mod version;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;
use std::path::PathBuf;

/// The configuration: `provost.toml`, and connections with their rules as files.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Check a file without starting anything
    Check {
        /// The file, if not the one in the data folder
        file: Option<PathBuf>,
    },
    /// Show what is in force: addresses, limits, and what is kept for how long
    Show,
    /// Write connections as files: settings, preferences, guard, rules with scope and mappings; no secrets
    Export(export::Export),
    /// Show what differs between files and what is saved; the exit status is 1 when something does
    Diff(apply::Diff),
    /// Show what applying a file would do: what differs, who enters and leaves, what would be written
    Plan(apply::Plan),
    /// Make connections what their files say; a connection that does not exist is made
    Apply(apply::Apply),
    /// List the versions that were saved of a connection
    Versions(version::Versions),
    /// Compare two versions of a connection
    Compare(version::Compare),
    /// Make a connection what it was in an earlier version
    RollBack(version::RollBack),
}

impl Config {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let command = match self {
            Self::Check { file } => return check::run(place, file),
            other => other,
        };
        let hub = Hub::open(place).await?;
        let done = match command {
            Self::Check { .. } => Ok(()),
            Self::Show => show::run(place, &hub).await,
            Self::Export(command) => command.run(place, &hub).await,
            Self::Diff(command) => command.run(place, &hub).await,
            Self::Plan(command) => command.run(place, &hub).await,
            Self::Apply(command) => command.run(place, &hub).await,
            Self::Versions(command) => command.run(place, &hub).await,
            Self::Compare(command) => command.run(place, &hub).await,
            Self::RollBack(command) => command.run(place, &hub).await,
        };
        hub.close();
        done
    }
}
