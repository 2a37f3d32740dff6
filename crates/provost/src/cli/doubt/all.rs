//! `provost doubt decide-all`.

use super::decide::Word;
use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::hub::{self, Hub};
use crate::output::{self, count};
use anyhow::Result;
use provost_store::doubt::Decision;
use serde_json::json;

/// What is decided for all who wait for the same reason.
#[derive(Debug, clap::Args)]
pub(crate) struct All {
    /// The connection
    connection: String,
    /// The reason for which they wait, such as PRV-GROUP-NAME
    code: String,
    /// What the next cycle does
    #[arg(value_enum)]
    decision: Word,
    /// I have read the list, and understand what cannot be taken back: do not ask
    #[arg(long, visible_alias = "yes", short = 'y')]
    understood: bool,
}

impl All {
    /// Decides, once it was shown how many they are and which.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let decision = Decision::from(self.decision);
        let (engine, actor) = (hub.engine()?, hub::actor());
        let done = question::confirmed(self.understood, Names::Shown, async |confirm| {
            engine
                .decide_doubts(connection.key, &self.code, decision, &actor, confirm)
                .await
        })
        .await?;
        let name = &connection.name;
        let answer = json!({
            "connection": name, "code": self.code, "decision": decision, "decided": done.decided, "left": done.left,
        });
        output::either(place.json, &answer, || {
            let decided = count(done.decided as i64, "person or group", "people and groups");
            let left = match done.left {
                0 => String::new(),
                left => format!(" {left} wait on: provost doubt list \"{name}\""),
            };
            format!(
                "\"{decision}\" is decided for {decided}.{left} The next cycle carries it out: provost cycle run \"{name}\""
            )
        })
    }
}
