//! `provost connection guard`: the limits of the deletion guard.

use crate::cli::setting::Setting;
use crate::cli::{Place, field};
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::{Context as _, Result};
use provost_engine::policy;
use provost_store::connection;
use serde_json::json;

/// Which limits are changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Guard {
    /// The connection
    name: String,
    /// Limits to change, such as minimum=10 percent=2.5 limit=none; without any, the guard is shown
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<Setting>,
}

impl Guard {
    /// Shows the guard, changed where there are words for it.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let before: policy::Guard = serde_json::from_value(connection.guard.clone())
            .with_context(|| format!("the guard of \"{}\" cannot be read", self.name))?;
        let after = field::with("guard", &before, &self.words)?;
        let changed = after != before;
        if changed {
            hub.db
                .write(move |tx| connection::set_guard(tx, &hub::actor(), clock::now(), &connection, &after))
                .await?;
        }
        let answer = json!({"connection": self.name, "guard": after, "changed": changed});
        let text = field::text(&after)?;
        output::either(place.json, &answer, || {
            let off = if after.enabled {
                ""
            } else {
                "\n\nThe guard is off: any number of people can be removed at once."
            };
            format!("Deletion guard of \"{}\"\n{text}{off}", self.name)
        })
    }
}
