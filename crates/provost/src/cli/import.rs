//! `provost import`: a file drives the directory.

mod file;
mod run;
mod source;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// Records of a personnel system that drive the directory: create, change, disable, enable again.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Import {
    /// Take a CSV file in: its first line names the columns, which the source's mapping names
    ///
    /// With --full, who is not in the file any more is absent: disabled, deleted or left, as the source says.
    /// Nobody counts as absent when a line could not be read, and the source's guard holds what looks like an
    /// accident.
    Csv(file::Csv),
    /// Take JSON lines in: a SCIM user, or an object of the source's own shape, on each line
    Records(file::Records),
    /// Show or save how records become people
    #[command(subcommand)]
    Source(source::Source),
    /// List a provider's import runs
    Runs(run::Runs),
    /// Carry out the absences that a run holds: exactly those that were shown
    Approve(run::Approve),
    /// Leave whom a run holds as they are
    Reject(run::Reject),
}

impl Import {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Csv(command) => command.run(place, &hub).await,
            Self::Records(command) => command.run(place, &hub).await,
            Self::Source(command) => command.run(place, &hub).await,
            Self::Runs(command) => command.run(place, &hub).await,
            Self::Approve(command) => command.run(place, &hub).await,
            Self::Reject(command) => command.run(place, &hub).await,
        };
        hub.close();
        done
    }
}
