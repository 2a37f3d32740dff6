//! `provost rule on` and `off`.

use super::{list, save};
use crate::cli::Place;
use crate::cli::change::{self, Confirm};
use crate::cli::question::{self, Names};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::connection::Connection;
use provost_sync::ChangePreview;
use provost_sync::setup::RuleFault;
use serde_json::json;

/// Which rule is switched.
#[derive(Debug, clap::Args)]
pub(crate) struct Switch {
    /// The connection
    connection: String,
    /// The rule
    rule: String,
    #[command(flatten)]
    confirm: Confirm,
}

impl Switch {
    /// Switches a rule on or off.
    pub(super) async fn run(self, place: &Place, hub: &Hub, on: bool) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let rules = list::all(hub, connection.key).await?;
        let was = rules[list::find(&rules, &connection.name, &self.rule)?].enabled;
        let (preview, warnings) = if was == on {
            (None, Vec::new())
        } else {
            let (preview, warnings) = self.switch(hub, &connection, on).await?;
            (Some(preview), warnings)
        };
        let answer = json!({
            "connection": connection.name, "rule": self.rule, "enabled": on, "was": was, "warnings": warnings,
            "preview": preview,
        });
        output::either(place.json, &answer, || {
            let (word, already) = (
                if on { "on" } else { "off" },
                if was == on { " already" } else { "" },
            );
            let warned = save::warned(&warnings);
            format!(
                "{warned}The rule \"{}\" of \"{}\" is {word}{already}.",
                self.rule, connection.name
            )
        })
    }

    async fn switch(
        &self,
        hub: &Hub,
        connection: &Connection,
        on: bool,
    ) -> Result<(ChangePreview, Vec<RuleFault>)> {
        let mut after = list::all(hub, connection.key).await?;
        let at = list::find(&after, &connection.name, &self.rule)?;
        after[at].enabled = on;
        let preview = save::effect(hub, connection, &after).await?;
        change::confirm(&preview, self.confirm)?;
        let (engine, actor) = (hub.engine()?, hub::actor());
        let warnings = question::confirmed(self.confirm.yes, Names::Known, async |confirm| {
            engine
                .switch_rule(connection.key, &self.rule, on, &actor, confirm)
                .await
        })
        .await?;
        Ok((preview, warnings))
    }
}
