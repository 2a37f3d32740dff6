//! The decision for one object: the heart of the engine.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Action;
use crate::diff;
use crate::object::{Kind, Record};
use crate::rule::{Compiled, Evaluation, RemoveAction};

/// What is known of the link between a directory object and its target object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// The attribute values last written (or found) there.
    pub written: Record,
    /// Whether the account was last left usable: true after create, match and restore when
    /// [`Compiled::wants_enabled`] said so, false after disable. Meaningless for groups.
    pub enabled: bool,
    /// Since when the account is disabled, in milliseconds since the Unix epoch; `None` when it is
    /// enabled, or when nobody knows.
    pub disabled_since: Option<i64>,
}

/// What is to happen with one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Everything is as it should be.
    Nothing,
    /// Left alone, for a reason worth telling.
    Skip(Reason),
    /// Not linked yet: look for a match, adopt and update it, or create.
    Create,
    /// Change these attributes.
    Update(Record),
    /// Disable the account; these attribute changes go with it.
    Disable(Record),
    /// Enable the account again; these attribute changes go with it.
    Restore(Record),
    /// Delete the account or group.
    Delete,
}

impl Decision {
    /// The action that a step for this decision has; `None` when there is nothing to do.
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Nothing | Self::Skip(_) => None,
            Self::Create => Some(Action::Create),
            Self::Update(_) => Some(Action::Update),
            Self::Disable(_) => Some(Action::Disable),
            Self::Restore(_) => Some(Action::Restore),
            Self::Delete => Some(Action::Delete),
        }
    }
}

/// Why an object is left alone.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The connection's assignment does not mean the object.
    NotAssigned,
    /// The scoping filters do not let the object in; the evaluation's `scope_reason` says which.
    OutOfScope,
    /// A disabled person is not created.
    Inactive,
    /// No matching attribute has a value, so a match could never be found.
    NoMatchingValue,
    /// A mapping answered `IgnoreObjectFlow`.
    Ignored,
    /// The account is disabled and waits for the end of its grace period to be deleted.
    Waiting,
    /// The rule is switched off.
    RuleOff,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAssigned => "it is not assigned to the connection",
            Self::OutOfScope => "it is outside the rule's scope",
            Self::Inactive => "a disabled person is not created",
            Self::NoMatchingValue => "none of the rule's matching attributes has a value",
            Self::Ignored => "a mapping of the rule ignores this object",
            Self::Waiting => "the account is disabled and waits for the end of its grace period",
            Self::RuleOff => "the rule is switched off",
        })
    }
}

/// Decides for one object at the time `now`, in milliseconds since the Unix epoch.
///
/// `evaluation` is `None` when the object is gone from the directory (deleted by an explicit request,
/// never merely missing from a read); an object whose evaluation failed must not come here at all.
/// `known` is `None` when the object is not linked.
pub fn decide(rule: &Compiled, evaluation: Option<&Evaluation>, known: Option<&Known>, now: i64) -> Decision {
    if !rule.rule().enabled && !rule.rule().removing {
        return Decision::Skip(Reason::RuleOff);
    }
    match (evaluation, known) {
        (None, None) => Decision::Nothing,
        (None, Some(known)) => gone(rule, known, now),
        (Some(evaluation), _) if evaluation.ignored => Decision::Skip(Reason::Ignored),
        (Some(evaluation), None) => unlinked(evaluation),
        (Some(evaluation), Some(known)) if evaluation.in_scope => in_scope(rule, evaluation, known),
        (Some(evaluation), Some(known)) => out_of_scope(rule, evaluation, known, now),
    }
}

fn unlinked(evaluation: &Evaluation) -> Decision {
    if !evaluation.in_scope {
        Decision::Skip(outside(evaluation))
    } else if !evaluation.active {
        Decision::Skip(Reason::Inactive)
    } else if evaluation.matching.is_empty() {
        Decision::Skip(Reason::NoMatchingValue)
    } else {
        Decision::Create
    }
}

fn outside(evaluation: &Evaluation) -> Reason {
    if evaluation.assigned {
        Reason::OutOfScope
    } else {
        Reason::NotAssigned
    }
}

fn in_scope(rule: &Compiled, evaluation: &Evaluation, known: &Known) -> Decision {
    let is_person = rule.object() == Kind::Person;
    let changes = rule.changes(evaluation, &known.written);
    match (rule.wants_enabled(evaluation), known.enabled) {
        (false, true) if is_person => Decision::Disable(farewell(rule, evaluation, known)),
        (true, false) if is_person => Decision::Restore(rule.with_resent(evaluation, changes)),
        _ if changes.is_empty() => Decision::Nothing,
        _ => Decision::Update(rule.with_resent(evaluation, changes)),
    }
}

/// Out of scope and already disabled: no longer managed, so attribute changes are not written either.
fn out_of_scope(rule: &Compiled, evaluation: &Evaluation, known: &Known, now: i64) -> Decision {
    let farewell = || farewell(rule, evaluation, known);
    match (rule.remove_action(), rule.object()) {
        (RemoveAction::Leave, _) => Decision::Skip(outside(evaluation)),
        (_, Kind::Group) => Decision::Delete,
        (RemoveAction::Delete, Kind::Person) if rule.rule().actions.delete => {
            delete(rule, known, now, farewell)
        }
        (_, Kind::Person) if known.enabled => Decision::Disable(farewell()),
        (_, Kind::Person) => Decision::Nothing,
    }
}

/// What is written together with a disable. Where updating is not allowed, that is only what leaving itself
/// writes; other changes wait.
fn farewell(rule: &Compiled, evaluation: &Evaluation, known: &Known) -> Record {
    let changes = rule.changes(evaluation, &known.written);
    let mut changes = rule.with_resent(evaluation, changes);
    if !rule.rule().actions.update {
        changes.retain(|attribute, _| rule.is_part_of_leaving(attribute));
    }
    changes
}

/// Deleted in the directory. Where deleting is not allowed, a person's account is at least closed.
fn gone(rule: &Compiled, known: &Known, now: i64) -> Decision {
    let farewell = || diff::changes(&known.written, rule.leaver_constants());
    match rule.object() {
        Kind::Group => Decision::Delete,
        Kind::Person if rule.rule().actions.delete => delete(rule, known, now, farewell),
        Kind::Person if known.enabled => Decision::Disable(farewell()),
        Kind::Person => Decision::Nothing,
    }
}

/// Deletes an account when its grace period is over. An account of which nobody knows since when it is
/// disabled is disabled once more, which starts the period.
fn delete(rule: &Compiled, known: &Known, now: i64, farewell: impl Fn() -> Record) -> Decision {
    if rule.rule().delete_after_days.is_none() {
        return Decision::Delete;
    }
    match rule.grace_ends(known) {
        None => Decision::Disable(farewell()),
        Some(end) if now < end => Decision::Skip(Reason::Waiting),
        Some(_) => Decision::Delete,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
