//! What a connection as a whole may do, over the actions of each of its rules.

use serde::{Deserialize, Serialize};

use crate::object::Kind;
use crate::rule::{Actions, RemoveAction, Rule};

/// The code of every [`Contradiction`].
pub const CONTRADICT: &str = "PRV-ACTIONS-CONTRADICT";

/// What a connection may do, whatever its rules allow. Everything but the last is on by default.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// Create accounts and groups that no match was found for.
    pub create: bool,
    /// Change attributes, enable accounts again, write references. Memberships and licences are switched in
    /// each rule.
    pub update: bool,
    /// Disable accounts.
    pub disable: bool,
    /// Let [`Rule::remove`] happen to whoever leaves a scope, and delete.
    pub deprovision: bool,
    /// What happens to the account of whoever leaves a scope or is deleted in the directory, in place of what
    /// each rule says; `None`: as each rule says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_action: Option<RemoveAction>,
    /// Whether the accounts of a rule that is deleted go through its remove action.
    pub deprovision_on_rule_deletion: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Self {
            create: true,
            update: true,
            disable: true,
            deprovision: true,
            remove_action: None,
            deprovision_on_rule_deletion: false,
        }
    }
}

/// Two settings of [`Allowed`] of which one makes the other meaningless.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction {
    /// [`CONTRADICT`].
    pub code: &'static str,
    /// What contradicts what.
    pub sentence: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

impl Allowed {
    /// Every contradiction at once; empty when the settings make sense together.
    pub fn check(&self) -> Vec<Contradiction> {
        let cases = [
            (
                !self.deprovision && self.remove_action == Some(RemoveAction::Delete),
                "The remove action is to delete, but deprovisioning is not allowed, so nobody would be deleted.",
                "Allow deprovisioning, or choose another remove action.",
            ),
            (
                !self.disable && self.remove_action == Some(RemoveAction::Disable),
                "The remove action is to disable, but disabling is not allowed, so whoever leaves would keep a \
                 usable account.",
                "Allow disabling, or choose another remove action.",
            ),
            (
                !self.deprovision && self.deprovision_on_rule_deletion,
                "The accounts of a deleted rule are to be deprovisioned, but deprovisioning is not allowed.",
                "Allow deprovisioning, or switch off that a deleted rule deprovisions.",
            ),
        ];
        let told = cases.into_iter().filter(|(holds, ..)| *holds);
        told.map(|(_, sentence, hint)| Contradiction {
            code: CONTRADICT,
            sentence,
            hint,
        })
        .collect()
    }
}

impl Rule {
    /// The rule as a connection lets it work: with the actions that both allow, and with the connection's
    /// remove action.
    ///
    /// A person's account is deleted only where the remove action, if the connection has one, is to delete;
    /// who is deleted in the directory is disabled otherwise. Groups cannot be disabled: of the remove actions
    /// only [`RemoveAction::Leave`] means them. Where the grace period before a delete cannot begin, because
    /// disabling is not allowed, nobody is deleted at all.
    #[must_use]
    pub fn under(&self, allowed: &Allowed) -> Self {
        let mut rule = self.clone();
        let action = allowed
            .remove_action
            .filter(|action| rule.object == Kind::Person || *action == RemoveAction::Leave);
        rule.remove = match action {
            _ if !allowed.deprovision => RemoveAction::Leave,
            Some(action) => action,
            None => rule.remove,
        };
        let may_delete = allowed.deprovision && action.is_none_or(|action| action == RemoveAction::Delete);
        rule.actions = Actions {
            create: rule.actions.create && allowed.create,
            update: rule.actions.update && allowed.update,
            disable: rule.actions.disable && allowed.disable,
            delete: rule.actions.delete && may_delete,
            ..rule.actions
        };
        if rule.delete_after_days.is_some() && !rule.actions.disable {
            rule.delete_after_days = None;
            rule.actions.delete = false;
        }
        rule
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
