//! `provost connection`: the applications that people and groups are provisioned into.

mod add;
pub(super) mod checks;
mod days;
mod guard;
mod list;
mod preferences;
mod remove;
mod restart;
mod secrets;
mod set;
mod show;
mod sign_in;
mod state;
mod test;

pub(super) use secrets::{Given, Sources};

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// Connections: one application each, with credentials, rules and a state.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Connection {
    /// Make a connection, once its test has succeeded
    Add(Box<add::Add>),
    /// List the connections with their state
    List,
    /// Show a connection: its state and the next step, its preferences, its queues, its last cycles
    Show {
        /// The connection
        name: String,
    },
    /// Show what each of the last days brought: cycles, writes, removals, failures
    Days(days::Days),
    /// Change settings, preferences and secrets, once the test succeeds with them; a new host wipes the secrets
    Set(set::Set),
    /// Show or change how a connection runs and what it may do
    Preferences(preferences::Preferences),
    /// Have everybody looked at again by the next cycle: what was not allowed before is made up for
    Resync {
        /// The connection
        name: String,
    },
    /// Show or change the limits of the deletion guard
    Guard(guard::Guard),
    /// How people sign in to the application behind a connection, by OpenID Connect
    #[command(subcommand)]
    SignIn(sign_in::SignIn),
    /// Try a connection step by step: which permissions are granted, missing or too much; an invalid one that
    /// succeeds becomes active
    Test {
        /// The connection
        name: String,
    },
    /// Switch a connection on: also out of quarantine
    #[command(visible_alias = "resume")]
    On {
        /// The connection
        name: String,
    },
    /// Switch a connection off until it is switched on; a cycle under way writes nothing more
    #[command(visible_alias = "pause")]
    Off {
        /// The connection
        name: String,
        /// Why, for whoever finds it paused
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Begin again: look at everybody, try failed steps again, match everybody again
    Restart(restart::Restart),
    /// Give a connection another name
    Rename {
        /// The connection
        name: String,
        /// Its new name
        to: String,
    },
    /// Forget a connection whose rules are switched off; what it made in the target stays
    Remove(remove::Remove),
}

impl Connection {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Connection::Add(add) => add.run(place, &hub).await,
            Connection::List => list::list(place, &hub).await,
            Connection::Show { name } => show::show(place, &hub, &name).await,
            Connection::Days(days) => days.run(place, &hub).await,
            Connection::Set(set) => set.run(place, &hub).await,
            Connection::Guard(guard) => guard.run(place, &hub).await,
            Connection::SignIn(sign_in) => sign_in.run(place, &hub).await,
            Connection::Test { name } => test::test(place, &hub, &name).await,
            Connection::Preferences(preferences) => preferences.run(place, &hub).await,
            Connection::Resync { name } => preferences::resync(place, &hub, &name).await,
            Connection::On { name } => state::set(place, &hub, &name, true, "").await,
            Connection::Off { name, reason } => state::set(place, &hub, &name, false, &reason).await,
            Connection::Restart(restart) => restart.run(place, &hub).await,
            Connection::Rename { name, to } => remove::rename(place, &hub, &name, to).await,
            Connection::Remove(remove) => remove.run(place, &hub).await,
        };
        hub.close();
        done
    }
}
