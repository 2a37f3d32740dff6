//! What can go wrong in the store, named for what the caller can do about it.

/// Result with the store's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A unique value is taken. The transaction's other work is unaffected.
    #[error("the value is already in use")]
    Conflict,
    /// The queue in front of the database is full: ask again in a moment.
    #[error("the database is busy: more than {limit} requests are waiting; try again in a moment")]
    Busy {
        /// How many requests may wait.
        limit: usize,
    },
    /// A read ran longer than it may.
    #[error("the query took longer than {millis} ms; make it narrower, or filter on an indexed attribute")]
    Timeout {
        /// The limit that was passed, in milliseconds.
        millis: u64,
    },
    /// A list cannot be sorted, because too many objects match and no index has their order.
    #[error(
        "more than {limit} people or groups match, too many to sort; filter more narrowly, or sort by userName or id"
    )]
    TooMany {
        /// How many may be sorted.
        limit: u64,
    },
    /// Another writer was in the way or the connection was lost before the commit, several times in a row.
    #[error("the change could not be written because {0}; nothing was changed, try again")]
    Retry(String),
    /// The connection was lost during the commit and the outcome could not be learned.
    #[error(
        "the connection to the database was lost while committing; read the object before you repeat the change"
    )]
    OutcomeUnknown,
    /// The database threads have ended.
    #[error("the database is closed")]
    Closed,
    /// The lease of a connection was taken over: what this holder wanted to write is refused.
    #[error("another node has taken over the lease (epoch {held} was replaced by {current})")]
    LeaseLost {
        /// The epoch this node held.
        held: i64,
        /// The epoch in the database.
        current: i64,
    },
    /// A guard refused it, or what was given is not possible. Nothing was changed.
    #[error("{code}: {sentence}. {hint}")]
    Refused {
        /// `PRV-…`: never changes its meaning.
        code: &'static str,
        /// What was refused and why, without a full stop.
        sentence: String,
        /// What to do next: a whole sentence.
        hint: String,
    },
    /// A stored row does not have the form it must have.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The database or a file is not set up as it must be.
    #[error("{0}")]
    Setup(String),
    /// Any other error of the database.
    #[error("database error: {0}")]
    Database(String),
}

impl Error {
    /// A refusal: its stable code, what was refused and why, what to do next.
    pub(crate) fn refused(code: &'static str, sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Refused {
            code,
            sentence: sentence.into(),
            hint: hint.into(),
        }
    }

    /// The stable code of a refusal.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Error::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether running the same closure again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Retry(_))
    }
}
