//! `provost leaver`: what happens to the account of a person who leaves.

mod list;
mod run;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// People who leave: sessions end, the account is disabled, leaves its groups, gives its licences back, and what it
/// owns is handed over. Until that is ended, no cycle gives anything back, whatever the directory says.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Leaver {
    /// Show the steps for a person who leaves, or carry them out
    Run(run::Run),
    /// List who leaves, with how far it came
    List(list::List),
    /// The person stays after all: the next cycle gives the account back what the directory says
    End {
        /// The connection
        connection: String,
        /// The person
        person: String,
    },
}

impl Leaver {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Leaver::Run(run) => run.run(place, &hub).await,
            Leaver::List(list) => list.run(place, &hub).await,
            Leaver::End { connection, person } => run::end(place, &hub, &connection, &person).await,
        };
        hub.close();
        done
    }
}
