//! A rule: object type, scope, matching, mappings and allowed actions of a connection.
//!
//! [`Rule`] is the stored form; [`Rule::compile`] checks it whole and gives a [`Compiled`] rule that
//! evaluates objects without looking at any text again.

mod admission;
mod check;
mod compile;
mod compiled;
mod env;
mod error;
mod evaluate;
mod flow;
mod licence;
mod password;

pub(crate) use flow::grown;

pub use compiled::Compiled;
pub use env::{Env, Random, Secrets, Taken};
pub use error::{MapError, RuleError};
pub use evaluate::{Evaluation, Need};
pub use licence::{LICENCES, is_licences};

pub use crate::matching::Matching;

use serde::{Deserialize, Serialize};

use crate::mapping::Mapping;
use crate::object::Kind;
use crate::scope::Scope;

/// Target attributes that say whether an account may be used: `active` (SCIM), `accountEnabled`
/// (Microsoft Graph `user` resource). Their values are booleans unless a mapping says otherwise.
pub const ENABLED_ATTRIBUTES: [&str; 2] = ["active", "accountEnabled"];

/// A rule as it is stored. Unknown fields are refused, so that a misspelt setting is noticed.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule's name, in every message about it.
    pub name: String,
    /// People or groups.
    pub object: Kind,
    /// Who is meant; empty means everybody.
    #[serde(default)]
    pub scope: Scope,
    /// How unlinked objects are recognised in the target; at least one.
    #[serde(default)]
    pub matching: Vec<Matching>,
    /// One mapping for each target attribute.
    pub mappings: Vec<Mapping>,
    /// What the rule may do in the target.
    #[serde(default)]
    pub actions: Actions,
    /// What happens to an account whose person leaves the scope.
    #[serde(default)]
    pub remove: RemoveAction,
    /// Mappings that are written together with the disable of somebody who leaves (is out of scope or
    /// inactive), and only then. They stand over the other mappings of the same target attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaver: Vec<Mapping>,
    /// The grace period in days before an account is deleted, with [`RemoveAction::Delete`] and for people
    /// who are deleted in the directory: it is disabled at once and deleted when the time is over. Groups
    /// cannot be disabled and have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// What a second person has to approve.
    #[serde(default, skip_serializing_if = "is_default")]
    pub approval: Approval,
    /// What happens when a linked account is not in the target any more.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vanished: Vanished,
    /// The rule is being taken away together with its accounts: nobody is in its scope any more, and what
    /// [`Rule::remove`] says happens to everybody it has linked. It stands over [`Rule::enabled`] and over the
    /// connection's preference to leave whoever is out of scope alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub removing: bool,
    /// A rule that is switched off decides nothing; its links stay.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_yes(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a second person has to approve before it is carried out.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nothing.
    #[default]
    Never,
    /// Disables, deletes, removals of members, and licences that are taken back.
    Removals,
    /// Every step.
    Always,
}

/// What happens when a linked account is not in the target any more.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Vanished {
    /// The link is dropped and the object looked for by its matching attributes; without a match it is
    /// created again.
    #[default]
    MatchAgain,
    /// The link is dropped and the object created again, without looking for it.
    CreateAgain,
    /// The object fails until a person decides, as with Entra's `InvalidAnchor`.
    Fail,
}

/// What a rule may do in the target. Everything is allowed unless it is switched off.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Actions {
    /// Create accounts and groups that no match was found for.
    pub create: bool,
    /// Update attributes, restore accounts and write references.
    pub update: bool,
    /// Disable accounts.
    pub disable: bool,
    /// Delete accounts and groups.
    pub delete: bool,
    /// Add members to groups.
    pub add_member: bool,
    /// Remove members from groups.
    pub remove_member: bool,
    /// Give licences and take them back.
    pub licence: bool,
}

impl Default for Actions {
    fn default() -> Self {
        Self {
            create: true,
            update: true,
            disable: true,
            delete: true,
            add_member: true,
            remove_member: true,
            licence: true,
        }
    }
}

/// What happens to the account of a person who leaves the scope. A group that leaves it is deleted
/// (groups cannot be disabled) unless this is [`RemoveAction::Leave`].
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RemoveAction {
    /// The account is disabled and stays linked.
    #[default]
    Disable,
    /// The account is deleted, after the grace period if there is one.
    Delete,
    /// Nothing; the account stays as it is and linked.
    Leave,
}

impl Rule {
    /// A rule with every setting at its default. It needs mappings and a matching attribute to compile.
    pub fn new(name: impl Into<String>, object: Kind) -> Self {
        Self {
            name: name.into(),
            object,
            scope: Scope::default(),
            matching: Vec::new(),
            mappings: Vec::new(),
            actions: Actions::default(),
            remove: RemoveAction::default(),
            leaver: Vec::new(),
            delete_after_days: None,
            approval: Approval::default(),
            vanished: Vanished::default(),
            removing: false,
            enabled: true,
        }
    }

    /// Checks the whole rule and prepares it for evaluation.
    ///
    /// # Errors
    /// Every mistake in the rule at once, in the order of scope, mappings, matching.
    pub fn compile(&self) -> Result<Compiled, Vec<RuleError>> {
        compile::compile(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
