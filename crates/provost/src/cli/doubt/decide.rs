//! `provost doubt decide`.

use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::doubt::Decision;
use serde_json::json;

/// What is decided.
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// The connection
    connection: String,
    /// The key, from `provost doubt list`
    key: i64,
    /// What the next cycle does
    #[arg(value_enum)]
    decision: Word,
    /// The candidate's id in the target; needed where there are several
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// I understand what cannot be taken back: do not ask
    #[arg(long, visible_alias = "yes", short = 'y')]
    understood: bool,
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Word {
    /// It is the candidate: link it
    Link,
    /// It is none of them: make a new one
    Create,
    /// Bring the deleted candidate back, and link it
    Restore,
    /// Leave the deleted one in the bin, and make a new one under another name
    Rename,
    /// Remove the deleted one for good, and make a new one
    Purge,
    /// Join the group of the same name: its own members stay
    Merge,
    /// Take the group of the same name: it gets exactly our members
    Overwrite,
    /// Give the group its new name although another group has it
    Beside,
    /// Leave it alone
    Skip,
}

impl From<Word> for Decision {
    fn from(word: Word) -> Self {
        match word {
            Word::Link => Decision::Link,
            Word::Create => Decision::Create,
            Word::Restore => Decision::Restore,
            Word::Rename => Decision::Rename,
            Word::Purge => Decision::Purge,
            Word::Merge => Decision::Merge,
            Word::Overwrite => Decision::Overwrite,
            Word::Beside => Decision::Beside,
            Word::Skip => Decision::Skip,
        }
    }
}

impl Decide {
    /// Decides, once what is lost by it was understood.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let label = super::find(hub, &connection, self.key).await?.label;
        let decision = Decision::from(self.decision);
        let (engine, actor, target) = (hub.engine()?, hub::actor(), self.target.as_deref());
        question::confirmed(self.understood, Names::Shown, async |confirm| {
            engine
                .decide_doubt(connection.key, self.key, decision, target, &actor, confirm)
                .await
        })
        .await?;
        let name = &connection.name;
        let answer = json!({"connection": name, "doubt": self.key, "object": label, "decision": decision});
        output::either(place.json, &answer, || match decision {
            Decision::Skip => format!("{label} is left alone until somebody decides otherwise."),
            decision => format!(
                "{label}: \"{decision}\" is decided. The next cycle carries it out: provost cycle run \"{name}\""
            ),
        })
    }
}
