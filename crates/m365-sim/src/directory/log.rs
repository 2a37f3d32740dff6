//! What changed, in order: the source of delta queries.

use serde::{Deserialize, Serialize};

use super::Serial;

/// What one entry of the log says about its object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Created,
    /// These properties got new values.
    Changed(Box<[Box<str>]>),
    /// Went into the bin.
    Deleted,
    Restored,
    /// Gone for good.
    Purged,
    Member {
        member: Serial,
        add: bool,
    },
    Owner {
        owner: Serial,
        add: bool,
    },
    /// Another manager, or none; who it was before.
    Manager {
        before: Option<Serial>,
    },
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub serial: Serial,
    pub what: What,
}

/// The log. A position in it is the number of entries before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Log(Vec<Entry>);

impl Log {
    pub(super) fn push(&mut self, serial: Serial, what: What) {
        self.0.push(Entry { serial, what });
    }

    /// The position after the last entry.
    pub(crate) fn end(&self) -> usize {
        self.0.len()
    }

    /// The entries from a position on.
    pub(crate) fn since(&self, position: usize) -> &[Entry] {
        self.0.get(position..).unwrap_or_default()
    }
}
