//! `provost undo`.

use super::{Place, cycle};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::{ask, progress};
use anyhow::Result;
use provost_sync::Undone;

/// Take back what a cycle took away: disabled accounts are enabled again, removed members added again
///
/// Only what is still as the cycle left it. Each person concerned is protected from then on, because the reason may
/// still hold: the next cycle asks instead of repeating itself. Accounts that were deleted in the target cannot be
/// brought back; they are named.
#[derive(Debug, clap::Args)]
pub(crate) struct Undo {
    /// The cycle's key, from `provost cycle list`
    cycle: i64,
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Undo {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.undo(place, &hub).await;
        hub.close();
        done
    }

    async fn undo(self, place: &Place, hub: &Hub) -> Result<()> {
        let (_, connection) = cycle::find(hub, self.cycle).await?;
        let question = format!(
            "Enable and add again in \"{}\" whom cycle {} disabled or removed?",
            connection.name, self.cycle
        );
        ask::agree(&question, self.yes)?;
        let spinner = progress::spinner("taking back");
        let undone = hub.engine()?.undo(self.cycle, &hub::actor()).await;
        spinner.finish_and_clear();
        let undone = undone?;
        output::either(place.json, &undone, || text(&undone))?;
        if undone.failed > 0 {
            let hint = "The lines above say why; what was done stays done. Run it again for the rest.";
            let sentence = format!(
                "{} could not be taken back",
                output::count(undone.failed, "step", "steps")
            );
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(())
    }
}

fn text(undone: &Undone) -> String {
    let enabled = output::count(undone.enabled, "account", "accounts");
    let members = output::count(undone.members, "membership", "memberships");
    let head = format!(
        "{}: {enabled} enabled and {members} added again, {} left as they are, {} failed.",
        undone.connection, undone.left, undone.failed
    );
    let mut table = Table::new(["who", "was", "outcome", "what was done"]);
    for line in &undone.lines {
        table.row([
            line.label.clone(),
            line.action.clone(),
            line.outcome.to_owned(),
            line.message.clone(),
        ]);
    }
    let lines = table.text_or("");
    let next = "Who is concerned is protected now; `provost protect list` shows them.";
    format!("{head}\n\n{lines}\n\n{next}")
}
