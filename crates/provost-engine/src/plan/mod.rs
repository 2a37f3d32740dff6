//! The plan: what is decided for each object, and all decisions of a cycle as a compact list.

mod decide;
mod steps;

pub use decide::{Decision, Known, Reason, decide};
pub use steps::{Counts, Dropped, EMPTIED_GROUP_MEMBERS, Plan, Step, Tally, Why};

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a step does in the target.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Create an account or group, or adopt the one that matches.
    Create,
    /// Change attributes.
    Update,
    /// Disable an account.
    Disable,
    /// Enable an account again.
    Restore,
    /// Delete an account or group.
    Delete,
    /// Add one member to a group.
    AddMember,
    /// Remove one member from a group.
    RemoveMember,
    /// Give a person's account one licence, or another choice of its service plans.
    AddLicence,
    /// Take one licence back from a person's account.
    RemoveLicence,
}

impl Action {
    /// Every action, in the order in which counts are listed.
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::Update,
        Self::Disable,
        Self::Restore,
        Self::Delete,
        Self::AddMember,
        Self::RemoveMember,
        Self::AddLicence,
        Self::RemoveLicence,
    ];

    /// Whether the action takes something away from somebody: these are what the guard counts.
    pub fn is_removal(self) -> bool {
        matches!(
            self,
            Self::Disable | Self::Delete | Self::RemoveMember | Self::RemoveLicence
        )
    }

    /// Whether a step with this action is about one membership of a group.
    pub fn is_membership(self) -> bool {
        matches!(self, Self::AddMember | Self::RemoveMember)
    }

    /// Whether a step with this action is about one licence of a person's account.
    pub fn is_licence(self) -> bool {
        matches!(self, Self::AddLicence | Self::RemoveLicence)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Restore => "restore",
            Self::Delete => "delete",
            Self::AddMember => "add member",
            Self::RemoveMember => "remove member",
            Self::AddLicence => "add licence",
            Self::RemoveLicence => "remove licence",
        })
    }
}
