//! `provost administrator`: who signs in to the console. Whoever may start this command on the machine may do
//! everything, also when nobody can sign in any more.

mod change;
mod end;
mod list;
mod session;

use super::Place;
use crate::address;
use crate::failure::Failure;
use crate::hub::{Hub, Purpose};
use crate::nearest::nearest;
use anyhow::Result;
use provost_signin::{Listed, SignIn};
use provost_store::administrator::Role;

/// Administrators that are read at a time.
const BATCH: i64 = 500;

/// Who signs in to the console, and what they may do there.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Administrators {
    /// Add an administrator, and make the link by which they come in
    Add {
        /// What to call them
        name: String,
        /// Their e-mail address, with which they sign in
        email: String,
        #[command(flatten)]
        role: Given,
    },
    /// List the administrators with their roles and how they sign in
    List,
    /// Change what an administrator is called, their address, and how pages look to them
    Set(change::Set),
    /// Give a role, in the place of the one they had there, or take it
    Role {
        /// The administrator's e-mail address
        who: String,
        /// owner, configuration_admin, provisioning_operator, access_admin, auditor, or none to take the role
        role: String,
        /// In all workspaces, also in those that come later
        #[arg(long)]
        everywhere: bool,
    },
    /// Refuse everything to an administrator at once, whatever they sign in with
    Block {
        /// The administrator's e-mail address
        who: String,
    },
    /// Let an administrator sign in again
    Unblock {
        /// The administrator's e-mail address
        who: String,
    },
    /// Remove an administrator with everything they sign in with and their API tokens
    Remove {
        /// The administrator's e-mail address
        who: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// List the sessions of an administrator
    Sessions {
        /// The administrator's e-mail address
        who: String,
    },
    /// End the sessions of an administrator; they may sign in again
    SignOut {
        /// The administrator's e-mail address
        who: String,
        /// Only this session, by its key from `provost administrator sessions`
        #[arg(long, value_name = "KEY")]
        session: Option<i64>,
    },
    /// Make a link that signs an administrator in once, within an hour
    Link {
        /// The administrator's e-mail address
        who: String,
    },
    /// End everything an administrator signs in with, and make a link by which they begin anew
    Reset {
        /// The administrator's e-mail address
        who: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

/// The role of somebody new.
#[derive(Debug, clap::Args)]
pub(crate) struct Given {
    /// What they may do: owner, configuration_admin, provisioning_operator, access_admin or auditor
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,
    /// In all workspaces, also in those that come later
    #[arg(long)]
    everywhere: bool,
}

/// Reads a role; people write its words with dashes too.
fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().map(|role| role.as_str());
    text.replace(['-', ' '], "_").parse().map_err(|_| {
        let all = known().collect::<Vec<_>>().join(", ");
        match nearest(text, known()) {
            Some(meant) => format!("did you mean {meant}? There are: {all}"),
            None => format!("there are: {all}"),
        }
    })
}

impl Administrators {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        // Administrators belong to the installation; only a role needs to know which workspace is meant.
        let purpose = match &self {
            Self::Add { role, .. } if !role.everywhere => Purpose::Command,
            Self::Role { everywhere, .. } if !everywhere => Purpose::Command,
            _ => Purpose::Serve,
        };
        let hub = Hub::open_for(place, purpose).await?;
        let done = self.carry_out(place, &hub).await;
        hub.close();
        done
    }

    async fn carry_out(self, place: &Place, hub: &Hub) -> Result<()> {
        let console = address::of_console(&hub.config.server, hub.config.server.listen);
        let door = Door {
            signin: hub.signin(&console)?,
            console,
        };
        match self {
            Self::Add { name, email, role } => change::add(place, hub, &door, &name, &email, role).await,
            Self::List => list::list(place, hub, &door).await,
            Self::Role {
                who,
                role,
                everywhere,
            } => change::role(place, hub, &door, &who, &role, everywhere).await,
            Self::Set(set) => set.run(place, &door).await,
            Self::Sessions { who } => session::list(place, hub, &door, &who).await,
            Self::SignOut { who, session } => session::end(place, hub, &door, &who, session).await,
            Self::Block { who } => end::block(place, &door, &who).await,
            Self::Unblock { who } => end::unblock(place, &door, &who).await,
            Self::Remove { who, yes } => end::remove(place, &door, &who, yes).await,
            Self::Link { who } => change::link(place, &door, &who).await,
            Self::Reset { who, yes } => end::reset(place, &door, &who, yes).await,
        }
    }
}

/// The sign-in of this installation, and where browsers find it.
struct Door {
    signin: SignIn,
    console: String,
}

impl Door {
    /// Every administrator, oldest first.
    async fn all(&self) -> Result<Vec<Listed>> {
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let after = all.last().map_or(0, |one| one.administrator.key);
            let batch = self.signin.administrators(after, BATCH).await?;
            if batch.is_empty() {
                return Ok(all);
            }
            all.extend(batch);
        }
    }

    /// The administrator with this e-mail address, in any letter case, or with this id.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest one.
    async fn find(&self, who: &str) -> Result<Listed> {
        let all = self.all().await?;
        let wanted = who.trim().to_lowercase();
        let emails: Vec<String> = all
            .iter()
            .map(|one| one.administrator.email.to_lowercase())
            .collect();
        let is_it = |one: &Listed| {
            one.administrator.email.to_lowercase() == wanted || one.administrator.id.to_string() == wanted
        };
        all.into_iter().find(is_it).ok_or_else(|| {
            let list = "`provost administrator list` shows all.";
            let hint = match nearest(&wanted, emails.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"? {list}"),
                None => list.to_owned(),
            };
            Failure::new(format!("there is no administrator \"{who}\""), hint).into()
        })
    }

    /// The address of a link, by its key.
    fn link(&self, key: &str) -> String {
        address::of_link(&self.console, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_people_write_it() {
        assert_eq!(role("owner"), Ok(Role::Owner));
        assert_eq!(role("access-admin"), Ok(Role::AccessAdmin));
        assert!(role("auditer").is_err_and(|told| told.starts_with("did you mean auditor?")));
    }
}
