//! What can keep a cycle from running. Failures of single objects are outcomes, not errors.

use provost_engine::rule::RuleError;

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
    /// A file of the node cannot be used.
    #[error("{0}")]
    Node(String),
}

fn sentences(errors: &[RuleError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl Error {
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
            Error::Node(_) => "Check the data folder and who may write to it.",
        }
    }
}
