//! A rule: object type, scope, matching, mappings and allowed actions of a connection.
//!
//! [`Rule`] is the stored form; [`Rule::compile`] checks it whole and gives a [`Compiled`] rule that
//! evaluates objects without looking at any text again.

mod compile;
mod error;
mod evaluate;

pub use compile::Compiled;
pub use error::{MapError, RuleError};
pub use evaluate::{Env, Evaluation, Need};

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
    /// The account is deleted.
    Delete,
    /// Nothing; the account stays as it is and linked.
    Leave,
}

impl Rule {
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
