//! What can keep a cycle from running. Failures of single objects are outcomes, not errors.

use crate::stored_plan::Moved;
use provost_engine::rule::RuleError;
use uuid::Uuid;

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of a cycle as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] provost_store::Error),
    /// The target's settings are wrong, or it cannot be opened.
    #[error(transparent)]
    Target(#[from] provost_connect::Error),
    /// Rules of the connection do not compile.
    #[error("{}", sentences(.0))]
    Rules(Vec<RuleError>),
    /// There is no such connection.
    #[error("there is no connection with the key {0}")]
    NoConnection(i64),
    /// Another process or node is running a cycle of the connection.
    #[error("a cycle of this connection is running elsewhere; it can be watched in the cycle list")]
    Running,
    /// The cycle was asked to stop while it waited for the target.
    #[error("the cycle was stopped while it waited for the target")]
    Stopped,
    /// The connection is paused by a person.
    #[error("the connection {0} is paused; resume it first")]
    Paused(String),
    /// There is no such stored plan.
    #[error("there is no plan with the id {0}")]
    NoPlan(Uuid),
    /// The plan is not open any more, or not yet.
    #[error("the plan {id} cannot be used: it is {state}{}", because(reason))]
    PlanState {
        /// The plan.
        id: Uuid,
        /// The state it is in: `applied`, `rejected`, `moved`, `superseded`, …
        state: String,
        /// Why it came into that state, when that is known.
        reason: String,
    },
    /// A second person has to approve the plan before it is applied.
    #[error("the plan {0} has to be approved by a second person before it is applied")]
    NeedsApproval(Uuid),
    /// What would be done now is not what was planned. Nothing was changed.
    #[error(
        "the plan {id} does not fit any more, and nothing was changed. {}",
        sentences(moved)
    )]
    PlanMoved {
        /// The plan.
        id: Uuid,
        /// The first differences.
        moved: Vec<Moved>,
    },
    /// Something that was asked for is refused. Nothing was changed.
    #[error("{code}: {sentence}")]
    Refused {
        /// `PRV-…`: never changes its meaning.
        code: &'static str,
        /// What was refused and why, without a full stop.
        sentence: String,
        /// What to do next: a whole sentence.
        hint: &'static str,
    },
    /// What was asked for has consequences that a person has to have seen. Nothing was changed: it is asked for
    /// again with the digest, once they have.
    #[error("{code}: {sentence}")]
    Confirm {
        /// `PRV-…`: never changes its meaning. Where several things have to be confirmed, that of the first.
        code: &'static str,
        /// What would follow, for people; a sentence each.
        sentence: String,
        /// What to do next: a whole sentence.
        hint: &'static str,
        /// What a confirmation is bound to: another one is asked for when the consequences are others by then.
        digest: String,
        /// Who or what is concerned, by name; the first of them.
        list: Vec<String>,
    },
    /// The target would refuse the rules. Nothing was changed.
    #[error("{}", sentences(.0))]
    Faults(Vec<crate::setup::RuleFault>),
    /// What was entered cannot be saved: a line for each field at fault. Nothing was saved.
    #[error("{}", sentences(.0))]
    Fields(Vec<crate::microsoft_365::FieldLine>),
    /// A file of the node cannot be used.
    #[error("{0}")]
    Node(String),
}

fn because(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(" ({reason})")
    }
}

fn sentences<T: ToString>(errors: &[T]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl Error {
    /// A refusal: its stable code, what was refused and why, what to do next.
    pub(crate) fn refused(code: &'static str, sentence: impl Into<String>, hint: &'static str) -> Self {
        Error::Refused {
            code,
            sentence: sentence.into(),
            hint,
        }
    }

    /// The stable code (`PRV-…`), where there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::Refused { code, .. } | Error::Confirm { code, .. } => Some(code),
            Error::Faults(faults) => faults.first().map(|fault| fault.code.as_str()),
            Error::Fields(lines) => lines.first().map(|line| line.code.as_str()),
            Error::Store(error) => error.code(),
            Error::Target(error) => Some(error.code()),
            Error::Paused(_) => Some("PRV-PAUSED"),
            Error::Running => Some("PRV-RUNNING"),
            Error::Stopped => Some("PRV-STOPPED"),
            _ => None,
        }
    }

    /// The next step, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::Target(e) => e.hint(),
            Error::Rules(_) => "Correct the rule; nothing was changed in the target.",
            Error::Running => "Wait for it to end, or stop the other process.",
            Error::Stopped => "The next cycle goes on where this one was.",
            Error::Store(_) => "Nothing of this step was changed; try again.",
            Error::NoConnection(_) => "List the connections and choose one of them.",
            Error::Paused(_) => "Resume the connection, then run the cycle again.",
            Error::NoPlan(_) => "List the connection's plans and choose one of them.",
            Error::PlanState { .. } | Error::PlanMoved { .. } => {
                "Make a new plan, read it, and apply that one."
            }
            Error::NeedsApproval(_) => "Ask somebody else to read and approve the plan, then apply it.",
            Error::Refused { hint, .. } | Error::Confirm { hint, .. } => hint,
            Error::Faults(_) | Error::Fields(_) => "Correct what is named; nothing was saved.",
            Error::Node(_) => "Check the data folder and who may write to it.",
        }
    }
}
