//! `provost group`: the groups of the directory.

mod change;
mod list;

pub(super) use list::{Page, others};

use super::{Place, own};
use crate::hub::Hub;
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::member::Of;

/// Groups. A group is named by display name, external id, or the directory's id.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Group {
    /// List the groups by name
    List(list::List),
    /// Show a group: whose it is, and how many are in it
    Show {
        /// The group
        group: String,
    },
    /// Add a group of the directory's own
    Add(change::Add),
    /// Change attributes of a group that no inbound provider keeps
    Set(change::Set),
    /// Move a group that no inbound provider keeps to the recycle bin
    Delete {
        /// The group
        group: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// List who is in a group
    Members {
        /// The group
        group: String,
        #[command(flatten)]
        page: Page,
    },
    /// Add people and groups to a group that no inbound provider keeps
    AddMember(change::Members),
    /// Take people and groups out of a group that no inbound provider keeps
    RemoveMember(change::Members),
}

impl Group {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Group::List(list) => list.run(place, &hub).await,
            Group::Show { group } => list::show(place, &hub, &group).await,
            Group::Add(add) => add.run(place, &hub).await,
            Group::Set(set) => set.run(place, &hub).await,
            Group::Delete { group, yes } => change::delete(place, &hub, &group, yes).await,
            Group::Members { group, page } => members(place, &hub, &group, &page).await,
            Group::AddMember(members) => members.add(place, &hub).await,
            Group::RemoveMember(members) => members.remove(place, &hub).await,
        };
        hub.close();
        done
    }
}

async fn members(place: &Place, hub: &Hub, text: &str, page: &Page) -> Result<()> {
    let group = own::find(hub, Kind::Group, text).await?;
    let nothing = format!("Nobody is in {}.", group.label);
    others(place, hub, page, "members", Of::Group(group.key), &nothing).await
}
