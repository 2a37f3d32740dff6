//! `provost cycle`: runs of a connection.

mod list;

pub(super) use list::{find, row, summary};

use super::mode::Mode;
use super::{Place, report};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use serde_json::json;

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
    /// Stop one that is running, in whichever process: it ends before its next write, and nothing is taken back
    ///
    /// The connection stays on. The next cycle goes on where this one was: by itself after 15 minutes, or when
    /// somebody starts it.
    Stop {
        /// The cycle's key, from `provost cycle list`
        key: i64,
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
            Cycle::Stop { key } => stop(place, &hub, key).await,
            Cycle::List { name, limit } => list::list(place, &hub, &name, limit).await,
            Cycle::Show { key, limit } => list::show(place, &hub, key, limit).await,
        };
        hub.close();
        done
    }
}

async fn stop(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    find(hub, key).await?;
    hub.engine()?.stop_cycle(key, &hub::actor()).await?;
    output::either(place.json, &json!({"cycle": key, "state": "stopping"}), || {
        format!("The cycle {key} ends before its next write; see `provost cycle show {key}`.")
    })
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
