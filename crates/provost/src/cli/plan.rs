//! `provost plan`: what a cycle would do, and plans that are kept to be approved and applied.

mod make;
mod stored;
mod text;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// Said below the options.
const WHO: &str = "\
A plan that is kept shows every value before and after. `provost apply ID` carries out exactly that, or refuses with \
what has moved. Where a rule asks for a second person, who approves must be another user of this machine than who made \
the plan: both are taken from the system, never from an option.";

/// Show what the next cycle would do; changes nothing in the target
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = WHO)]
pub(crate) struct Plan {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    make: Option<make::Make>,
}

/// What is done with plans that are kept.
#[derive(Debug, clap::Subcommand)]
enum Task {
    /// List a connection's kept plans, newest first
    List(stored::List),
    /// Show a kept plan: its counts, and each step with the values before and after
    Show(stored::Show),
    /// Write every step of a kept plan as JSON lines, or as CSV
    Export(stored::Export),
    /// Approve a plan that somebody else made
    Approve {
        /// The plan's id
        id: uuid::Uuid,
    },
    /// Reject a plan
    Reject {
        /// The plan's id
        id: uuid::Uuid,
        /// Why, for whoever made it
        #[arg(long, default_value = "")]
        reason: String,
    },
}

impl Plan {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match (self.task, self.make) {
            (Some(Task::List(list)), _) => list.run(place, &hub).await,
            (Some(Task::Show(show)), _) => show.run(place, &hub).await,
            (Some(Task::Export(export)), _) => export.run(&hub).await,
            (Some(Task::Approve { id }), _) => stored::approve(place, &hub, id).await,
            (Some(Task::Reject { id, reason }), _) => stored::reject(place, &hub, id, &reason).await,
            (None, Some(make)) => make.run(place, &hub).await,
            // The command line asks for a connection where no task is named.
            (None, None) => Ok(()),
        };
        hub.close();
        done
    }
}
