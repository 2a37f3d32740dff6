//! `provost log keep`: for how long the log is kept.

use crate::cli::Place;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::retention::{Retention, SETTING};
use provost_store::setting;
use serde_json::json;

/// For how long.
#[derive(Debug, clap::Args)]
pub(super) struct Keep {
    /// Days; without them, shows what is set
    #[arg(value_parser = clap::value_parser!(u32).range(2..=3650))]
    days: Option<u32>,
}

impl Keep {
    /// Shows the days, changed where there are new ones.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let (workspace, days) = (hub.workspace.key, self.days);
        let kept = hub
            .db
            .write(move |tx| {
                if let Some(days) = days {
                    let retention = Retention {
                        provisioning_log_days: days,
                    };
                    let value = json!(retention);
                    setting::put(tx, &hub::actor(), clock::now(), workspace, SETTING, &value)?;
                }
                Retention::of(tx, workspace)
            })
            .await?;
        output::either(place.json, &kept, || {
            let days = output::count(kept.provisioning_log_days, "day", "days");
            format!(
                "The provisioning log of \"{}\" is kept for {days}.",
                hub.workspace.name
            )
        })
    }
}
