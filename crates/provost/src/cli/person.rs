//! `provost person`: the people of the directory.

mod block;
mod change;
mod deleted;
mod find;
mod list;
mod show;
mod sign_in;

pub(super) use list::standing;

use super::{Place, group};
use crate::hub::Hub;
use anyhow::Result;

/// People. A person is named by user name, e-mail address, display name, external id, or the directory's id.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Person {
    /// List the people: in the order in which they came, or by name where some are looked for
    List(list::List),
    /// Show a person: whose they are, what they may do, whether they may do it
    Show {
        /// The person
        person: String,
    },
    /// Add a person of the directory's own
    Add(change::Add),
    /// Change attributes of a person whom no inbound provider keeps
    Set(change::Set),
    /// Move a person whom no inbound provider keeps to the recycle bin
    Delete {
        /// The person
        person: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// List the groups that a person is in
    Groups {
        /// The person
        person: String,
        #[command(flatten)]
        page: group::Page,
    },
    /// Block a person: every target disables the account, whatever the provider says, until you unblock
    Block {
        /// The person
        person: String,
        /// Why; kept in the audit log
        #[arg(long)]
        reason: String,
    },
    /// Lift a block: from now on the provider decides again
    Unblock {
        /// The person
        person: String,
    },
    /// Show how a person signs in for themselves: passkeys, links to make one, sessions
    SignIn {
        /// The person
        person: String,
    },
    /// Make a link by which a person makes a passkey, once, within seven days
    Link {
        /// The person
        person: String,
    },
    /// Withdraw a link that was not used
    WithdrawLink {
        /// The person
        person: String,
        /// The link's key, from `provost person sign-in`
        key: i64,
    },
    /// End the sessions of a person; they may sign in again
    SignOut {
        /// The person
        person: String,
        /// Only this session, by its key from `provost person sign-in`
        #[arg(long, value_name = "KEY")]
        session: Option<i64>,
    },
    /// Take a passkey from a person, such as that of a lost device; their sessions end
    RemovePasskey {
        /// The person
        person: String,
        /// The passkey's key, from `provost person sign-in`
        key: i64,
    },
    /// List who was deleted and can still be restored
    Deleted(deleted::List),
    /// Bring a deleted person or group back, with the memberships whose other end still exists
    Restore {
        /// The person or group: user name, group name, the directory's id, or the key of `person deleted`
        name: String,
    },
    /// Remove a deleted person or group for good, before their time is over
    Purge {
        /// The person or group, as for `restore`
        name: String,
        /// Do it: this cannot be undone
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

impl Person {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Person::List(list) => list.run(place, &hub).await,
            Person::Show { person } => show::run(place, &hub, &person).await,
            Person::Add(add) => add.run(place, &hub).await,
            Person::Set(set) => set.run(place, &hub).await,
            Person::Delete { person, yes } => change::delete(place, &hub, &person, yes).await,
            Person::Groups { person, page } => change::groups(place, &hub, &page, &person).await,
            Person::Block { person, reason } => block::block(place, &hub, &person, reason).await,
            Person::Unblock { person } => block::unblock(place, &hub, &person).await,
            Person::SignIn { person } => sign_in::show(place, &hub, &person).await,
            Person::Link { person } => sign_in::link(place, &hub, &person).await,
            Person::WithdrawLink { person, key } => sign_in::withdraw(place, &hub, &person, key).await,
            Person::SignOut { person, session } => sign_in::sign_out(place, &hub, &person, session).await,
            Person::RemovePasskey { person, key } => sign_in::remove_passkey(place, &hub, &person, key).await,
            Person::Deleted(list) => list.run(place, &hub).await,
            Person::Restore { name } => deleted::restore(place, &hub, &name).await,
            Person::Purge { name, yes } => deleted::purge(place, &hub, &name, yes).await,
        };
        hub.close();
        done
    }
}
