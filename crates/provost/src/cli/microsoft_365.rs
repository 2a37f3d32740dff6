//! `provost microsoft-365`: the tenants that are being moved to Provost.

mod add;
mod checklist;
mod detached;
mod edit;
mod fields;
mod list;
mod mode;
mod provisioning;
mod remove;
mod section;
mod show;
mod signing;

use super::Place;
use crate::hub::Hub;
use anyhow::Result;

/// Microsoft 365 providers: a domain of a tenant with its sections Authentication, Provisioning, Migration and
/// Federation; a connection is the section Provisioning.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Microsoft365 {
    /// Add a provider, once every field passes: adds a connection later, and touches no account
    Add(add::Add),
    /// List the Microsoft 365 providers
    List,
    /// Show a provider: its general settings, its sections, the values for Microsoft, its checklist
    Show {
        /// The provider
        name: String,
    },
    /// Change what may change: the label at any time, domain and tenant name until somebody is assigned
    Edit(edit::Edit),
    /// Ask again whose domain it is; a draft whose domain is proved becomes active
    Check {
        /// The provider
        name: String,
    },
    /// Save the section Authentication, which needs nothing entered, and show the values that will be used
    Authentication {
        /// The provider
        name: String,
    },
    /// Try the application's credentials, and save them when every step succeeds; what works stays until then
    Provisioning(provisioning::Provisioning),
    /// Decide whether it is used without federation: before the first assignment, with a reason
    Mode(mode::Mode),
    /// Show what has to be true before people are moved, with its evidence
    Checklist {
        /// The provider
        name: String,
    },
    /// Show the keys with which it signs, and change over to a new one
    #[command(subcommand)]
    SigningKey(signing::SigningKey),
    /// List what became of sign-ins at Microsoft 365 through it, newest first
    SignIns(signing::SignIns),
    /// Remove a provider with its connection; who was assigned is kept, and offered to the next of the domain
    Remove(remove::Remove),
    /// List who was assigned to a provider of the domain that was removed
    Detached(detached::List),
    /// Assign them again: those that are named, or everybody
    Reattach(detached::Reattach),
}

impl Microsoft365 {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Add(add) => add.run(place, &hub).await,
            Self::List => list::list(place, &hub).await,
            Self::Show { name } => show::show(place, &hub, &name).await,
            Self::Edit(edit) => edit.run(place, &hub).await,
            Self::Check { name } => section::check(place, &hub, &name).await,
            Self::Authentication { name } => section::authentication(place, &hub, &name).await,
            Self::Provisioning(provisioning) => provisioning.run(place, &hub).await,
            Self::Mode(mode) => mode.run(place, &hub).await,
            Self::Checklist { name } => checklist::run(place, &hub, &name).await,
            Self::SigningKey(key) => key.run(place, &hub).await,
            Self::SignIns(list) => list.run(place, &hub).await,
            Self::Remove(remove) => remove.run(place, &hub).await,
            Self::Detached(list) => list.run(place, &hub).await,
            Self::Reattach(reattach) => reattach.run(place, &hub).await,
        };
        hub.close();
        done
    }
}
