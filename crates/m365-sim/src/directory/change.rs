//! The changes that a directory can undergo, as they stand in the journal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Kind, License, Serial};

/// One change. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Change {
    Create {
        serial: Serial,
        id: String,
        kind: Kind,
        at: i64,
        properties: Map<String, Value>,
    },
    /// Properties to set; null clears. `onPremisesExtensionAttributes` and its like come as the whole new value.
    Update {
        serial: Serial,
        properties: Map<String, Value>,
    },
    /// Into the bin.
    Delete {
        serial: Serial,
        at: i64,
    },
    /// Out of the bin.
    Restore {
        serial: Serial,
    },
    /// Gone for good.
    Purge {
        serial: Serial,
    },
    Member {
        group: Serial,
        member: Serial,
        add: bool,
    },
    Owner {
        group: Serial,
        owner: Serial,
        add: bool,
    },
    Manager {
        user: Serial,
        manager: Option<Serial>,
    },
    Licenses {
        user: Serial,
        licenses: Vec<License>,
    },
    /// Delta tokens handed out so far are void.
    ResetDelta,
}
