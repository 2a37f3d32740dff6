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
    /// The scoping filters do not let the object in; the evaluation's `scope_reason` says which.
    OutOfScope,
    /// A disabled person is not created.
    Inactive,
    /// No matching attribute has a value, so a match could never be found.
    NoMatchingValue,
    /// A mapping answered `IgnoreObjectFlow`.
    Ignored,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfScope => "it is outside the rule's scope",
            Self::Inactive => "a disabled person is not created",
            Self::NoMatchingValue => "none of the rule's matching attributes has a value",
            Self::Ignored => "a mapping of the rule ignores this object",
        })
    }
}

/// Decides for one object.
///
/// `evaluation` is `None` when the object is gone from the directory (deleted by an explicit request,
/// never merely missing from a read); an object whose evaluation failed must not come here at all.
/// `known` is `None` when the object is not linked.
pub fn decide(rule: &Compiled, evaluation: Option<&Evaluation>, known: Option<&Known>) -> Decision {
    match (evaluation, known) {
        (None, None) => Decision::Nothing,
        (None, Some(known)) => gone(rule, known),
        (Some(evaluation), _) if evaluation.ignored => Decision::Skip(Reason::Ignored),
        (Some(evaluation), None) => unlinked(evaluation),
        (Some(evaluation), Some(known)) if evaluation.in_scope => in_scope(rule, evaluation, known),
        (Some(evaluation), Some(known)) => out_of_scope(rule, evaluation, known),
    }
}

fn unlinked(evaluation: &Evaluation) -> Decision {
    if !evaluation.in_scope {
        Decision::Skip(Reason::OutOfScope)
    } else if !evaluation.active {
        Decision::Skip(Reason::Inactive)
    } else if evaluation.matching.is_empty() {
        Decision::Skip(Reason::NoMatchingValue)
    } else {
        Decision::Create
    }
}

fn in_scope(rule: &Compiled, evaluation: &Evaluation, known: &Known) -> Decision {
    let changes = diff::changes(&known.written, &evaluation.update);
    let is_person = rule.object() == Kind::Person;
    match (rule.wants_enabled(evaluation), known.enabled) {
        (false, true) if is_person => Decision::Disable(changes),
        (true, false) if is_person => Decision::Restore(changes),
        _ if changes.is_empty() => Decision::Nothing,
        _ => Decision::Update(changes),
    }
}

/// Out of scope and already disabled: no longer managed, so attribute changes are not written either.
fn out_of_scope(rule: &Compiled, evaluation: &Evaluation, known: &Known) -> Decision {
    match (rule.rule().remove, rule.object()) {
        (RemoveAction::Leave, _) => Decision::Skip(Reason::OutOfScope),
        (_, Kind::Group) => Decision::Delete,
        (RemoveAction::Delete, Kind::Person) if rule.rule().actions.delete => Decision::Delete,
        (_, Kind::Person) if known.enabled => {
            Decision::Disable(diff::changes(&known.written, &evaluation.update))
        }
        (_, Kind::Person) => Decision::Nothing,
    }
}

/// Deleted in the directory. Where deleting is not allowed, a person's account is at least closed.
fn gone(rule: &Compiled, known: &Known) -> Decision {
    match rule.object() {
        Kind::Group => Decision::Delete,
        Kind::Person if rule.rule().actions.delete => Decision::Delete,
        Kind::Person if known.enabled => Decision::Disable(Record::new()),
        Kind::Person => Decision::Nothing,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
