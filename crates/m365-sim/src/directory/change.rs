//! The changes that a directory can undergo, as they stand in the journal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::record::{Audit, Domain, Policy, Subscription};
use super::{Kind, License, Serial, Snapshot};

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
        /// Its seats stay taken.
        #[serde(default)]
        keeps_seats: bool,
        /// It keeps its name.
        #[serde(default)]
        keeps_name: bool,
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
    /// The products of a group.
    GroupLicenses {
        group: Serial,
        licenses: Vec<License>,
    },
    /// A group's licences wait to reach its members since then, or have reached them.
    GroupProcessing {
        group: Serial,
        since: Option<i64>,
    },
    /// A domain as it is from now on, or that it is gone.
    Domain {
        name: String,
        domain: Option<Domain>,
    },
    Policy {
        id: String,
        policy: Option<Policy>,
    },
    Subscription {
        id: String,
        subscription: Option<Subscription>,
    },
    Audit(Box<Audit>),
    /// The Entra roles of a user.
    Roles {
        user: Serial,
        roles: Vec<String>,
    },
    /// Everything is as it was saved.
    Load(Box<Snapshot>),
    /// Delta tokens handed out so far are void.
    ResetDelta,
}

impl Change {
    /// The object whose own record is another afterwards, if it existed before.
    pub(crate) fn alters(&self) -> Option<Serial> {
        match self {
            Change::Update { serial, .. } => Some(*serial),
            Change::Member { group, .. }
            | Change::Owner { group, .. }
            | Change::GroupLicenses { group, .. } => Some(*group),
            Change::Manager { user, .. } | Change::Licenses { user, .. } => Some(*user),
            _ => None,
        }
    }
}
