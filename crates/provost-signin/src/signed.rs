//! Somebody who is signed in.

use crate::{Error, Result};
use provost_store::Tx;
use provost_store::administrator::{self, Administrator, Grant, Role};
use provost_store::session::Session;

/// Milliseconds for which a sign-in is fresh enough for what cannot be taken back.
pub const FRESH: i64 = 10 * 60_000;

/// Somebody who is signed in: the session, who it is, and what they may do, as they were when the request came.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The session.
    pub session: Session,
    /// Who it is.
    pub administrator: Administrator,
    /// What they may do, and where.
    pub grants: Vec<Grant>,
}

impl Signed {
    /// What they may do in a workspace: its own role, else the one for all; who owns either owns it.
    #[must_use]
    pub fn role_in(&self, workspace: i64) -> Option<Role> {
        administrator::role_of(&self.grants, workspace)
    }

    /// The role that they have in all workspaces, if any.
    #[must_use]
    pub fn role_everywhere(&self) -> Option<Role> {
        let everywhere = self.grants.iter().find(|grant| grant.workspace.is_none());
        everywhere.map(|grant| grant.role)
    }

    /// Whether they own the whole installation.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.role_everywhere() == Some(Role::Owner)
    }

    /// Whether they proved who they are within the last ten minutes.
    #[must_use]
    pub fn is_fresh(&self, now: i64) -> bool {
        now.saturating_sub(self.session.fresh) < FRESH
    }

    /// What the audit log calls them.
    #[must_use]
    pub fn actor(&self) -> String {
        self.administrator.actor()
    }
}

/// Whether what was opened at this stamp of an administrator still counts. The one place where this is decided.
pub(crate) fn still_counts(administrator: &Administrator, stamp: i64) -> bool {
    administrator.is_active() && administrator.stamp == stamp
}

impl Signed {
    /// The same person as they are now, inside the transaction that changes something on their word.
    ///
    /// # Errors
    /// [`Error::Denied`] when they were blocked or their sessions ended in the meantime.
    pub(crate) fn reload(&self, tx: &mut Tx) -> Result<Administrator> {
        let found = administrator::by_key(tx, self.administrator.key)?;
        found
            .filter(|now| still_counts(now, self.session.stamp))
            .ok_or(Error::Denied)
    }

    /// Refuses what needs a fresh sign-in.
    pub(crate) fn require_fresh(&self, now: i64) -> Result<()> {
        if self.is_fresh(now) {
            Ok(())
        } else {
            Err(Error::Stale)
        }
    }
}
