//! On whose word administrators are changed.

use crate::{Error, Result, Signed};
use provost_store::Tx;
use provost_store::administrator::{self, Administrator, Grant, Role};

/// On whose word something is done.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// Somebody who is signed in: their roles decide.
    Signed(&'a Signed),
    /// The command on the machine itself, for whoever may start it: it may do everything.
    Command,
}

impl<'a> From<&'a Signed> for Actor<'a> {
    fn from(signed: &'a Signed) -> Self {
        Self::Signed(signed)
    }
}

/// An [`Actor`] on the way into a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    /// What the audit log calls them.
    pub name: String,
    signed: Option<Signed>,
}

impl Actor<'_> {
    pub(crate) fn acting(self) -> Acting {
        match self {
            Self::Signed(signed) => Acting {
                name: signed.actor(),
                signed: Some(signed.clone()),
            },
            Self::Command => Acting {
                name: "command".to_owned(),
                signed: None,
            },
        }
    }
}

impl Acting {
    /// Refuses a person whose sign-in is too long ago.
    pub fn require_fresh(&self, now: i64) -> Result<()> {
        self.signed.as_ref().map_or(Ok(()), |s| s.require_fresh(now))
    }

    /// Refuses a person who does not own this workspace, or (none) all of them, at this moment.
    ///
    /// # Errors
    /// [`Error::Denied`] for somebody who is not signed in any more, [`Error::Refused`] (`PRV-SIGNIN-ROLE`).
    pub fn require_owner(&self, tx: &mut Tx, workspace: Option<i64>) -> Result<()> {
        let Some(signed) = &self.signed else {
            return Ok(());
        };
        let key = signed.reload(tx)?.key;
        let grants = administrator::grants(tx, key)?;
        let everywhere = Grant {
            workspace: None,
            role: Role::Owner,
        };
        let owns = match workspace {
            None => grants.contains(&everywhere),
            Some(workspace) => administrator::role_of(&grants, workspace) == Some(Role::Owner),
        };
        if owns {
            return Ok(());
        }
        let of = if workspace.is_some() {
            "of this workspace"
        } else {
            "of all workspaces"
        };
        Err(Error::refused(
            "PRV-SIGNIN-ROLE",
            format!("only an owner {of} may do this"),
            "Ask one of them.",
        ))
    }

    /// Refuses what nobody may do to themselves.
    pub fn require_other(&self, whose: &Administrator, what: &str) -> Result<()> {
        let is_self = self
            .signed
            .as_ref()
            .is_some_and(|signed| signed.administrator.key == whose.key);
        if !is_self {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-ADMINISTRATOR-SELF",
            format!("nobody can {what} themselves"),
            "Ask another owner.",
        ))
    }
}
