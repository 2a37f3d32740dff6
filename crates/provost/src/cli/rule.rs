//! `provost rule`: who is provisioned, and with which attributes.

mod count;
mod list;
mod password;
pub(super) mod read;
mod remove;
mod save;
mod switch;

pub(super) use list::{all, find};
pub(super) use save::proposed;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// Rules: object type, scope, matching attributes and mappings.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Rule {
    /// List a connection's rules
    List {
        /// The connection
        connection: String,
    },
    /// Show a rule as JSON, as `provost rule set` takes it
    Show {
        /// The connection
        connection: String,
        /// The rule
        rule: String,
    },
    /// Save rules from a JSON or TOML file; a rule with the same name is replaced
    ///
    /// Shows who enters, who leaves and what would be written before anything is saved, and asks the target
    /// whether it can look for the matching attributes.
    Set(save::Set),
    /// Count whom a rule means, saved or not, and name the first of them
    Count(count::Count),
    /// Remove a rule; its accounts stay in the target as they are, unless the connection deprovisions on rule deletion
    Remove(remove::Remove),
    /// Switch a rule on
    On(switch::Switch),
    /// Switch a rule off: nothing is done by it, and its links stay
    Off(switch::Switch),
}

impl Rule {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Rule::List { connection } => list::list(place, &hub, &connection).await,
            Rule::Show { connection, rule } => list::show(&hub, &connection, &rule).await,
            Rule::Set(set) => set.run(place, &hub).await,
            Rule::Count(count) => count.run(place, &hub).await,
            Rule::Remove(remove) => remove.run(place, &hub).await,
            Rule::On(switch) => switch.run(place, &hub, true).await,
            Rule::Off(switch) => switch.run(place, &hub, false).await,
        };
        hub.close();
        done
    }
}
