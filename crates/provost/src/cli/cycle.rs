//! `provost cycle`: runs of a connection.

mod list;

pub(super) use list::{find, row, summary};

use super::mode::Mode;
use super::{Place, report};
use crate::hub::Hub;
use anyhow::Result;

/// Cycles: initial over everything, incremental over what changed, reconcile against the target.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Cycle {
    /// Run one now. Ctrl-C ends it in good order; the next one goes on where it stopped
    Run {
        /// The connection
        name: String,
        /// Which one; without it, the one that is due
        #[arg(long, value_enum)]
        mode: Option<Mode>,
    },
    /// List a connection's cycles, newest first
    List {
        /// The connection
        name: String,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Show a cycle: its counts, and what became of each object
    Show {
        /// The cycle's key, from `provost cycle list`
        key: i64,
        /// How many lines of the log
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
}

impl Cycle {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Cycle::Run { name, mode } => run(place, &hub, &name, mode).await,
            Cycle::List { name, limit } => list::list(place, &hub, &name, limit).await,
            Cycle::Show { key, limit } => list::show(place, &hub, key, limit).await,
        };
        hub.close();
        done
    }
}

async fn run(place: &Place, hub: &Hub, name: &str, mode: Option<Mode>) -> Result<()> {
    let connection = hub.connection(name).await?;
    let engine = hub.engine()?;
    let mode = mode.map(Into::into);
    let report = report::watched(name, mode, move |options| async move {
        engine.run_cycle(connection.key, &options).await
    });
    report::tell(place, &report.await?)
}
