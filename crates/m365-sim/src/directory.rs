//! The tenant's users and groups in memory.
//!
//! Every mutation is a [`Change`]; [`Directory::apply`] is the only way to alter anything. That makes the journal a
//! list of changes, a restart a replay, and positions in the change log the same after it.

mod apply;
mod change;
mod index;
mod journal;
mod log;
pub(crate) mod record;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use apply::restored_upn;
pub(crate) use change::Change;
pub(crate) use index::Indexes;
pub(crate) use journal::Journal;
pub(crate) use log::{Log, What};
pub(crate) use record::Records;
pub(crate) use snapshot::Snapshot;

/// Key of an object within the simulator: rises with creation, never used again.
pub(crate) type Serial = u64;

/// The two kinds of directory objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    /// The type's name within the namespace `microsoft.graph`.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
        }
    }

    /// The type as answers name it.
    pub(crate) fn odata_type(self) -> &'static str {
        match self {
            Kind::User => "#microsoft.graph.user",
            Kind::Group => "#microsoft.graph.group",
        }
    }
}

/// A licence that a user holds or should hold, or that a group gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct License {
    pub sku_id: String,
    pub disabled_plans: Vec<String>,
    pub at: i64,
    /// The group that it comes from. `None`: given directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Serial>,
    /// Why it could not be given. Then it takes no seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LicenseError>,
}

/// Why a group's licence did not reach a member, by the names that Graph gives these causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LicenseError {
    CountViolation,
    MutuallyExclusiveViolation,
    DependencyViolation,
    ProhibitedInUsageLocationViolation,
    UniquenessViolation,
    Other,
}

/// A user or a group. Properties that never had a value are absent; cleared ones are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Object {
    pub serial: Serial,
    pub id: String,
    pub kind: Kind,
    pub created: i64,
    /// When it went into the bin.
    pub deleted: Option<i64>,
    pub properties: Map<String, Value>,
    pub manager: Option<Serial>,
    pub reports: BTreeSet<Serial>,
    pub members: BTreeSet<Serial>,
    pub owners: BTreeSet<Serial>,
    pub member_of: BTreeSet<Serial>,
    pub owner_of: BTreeSet<Serial>,
    pub licenses: Vec<License>,
    /// Of a group: licences wait to reach its members since then.
    pub processing: Option<i64>,
    /// In the bin with its seats.
    pub keeps_seats: bool,
    /// Entra roles of a user, such as `Global Administrator`.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Object {
    /// The products that it really has, each once, by lower-case id.
    pub(crate) fn products(&self) -> BTreeSet<String> {
        let given = self.licenses.iter().filter(|license| license.error.is_none());
        given.map(|license| license.sku_id.to_lowercase()).collect()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str)
    }

    pub(crate) fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.properties
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.properties
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// A Microsoft 365 group, as opposed to a security group.
    pub(crate) fn is_unified(&self) -> bool {
        self.texts("groupTypes").any(|name| name == "Unified")
    }

    /// A group whose membership follows from a rule.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.texts("groupTypes").any(|name| name == "DynamicMembership")
    }
}

/// The users and groups of the tenant, with the indexes that make lookups independent of their number.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    objects: HashMap<Serial, Object>,
    by_id: HashMap<String, Serial>,
    users: BTreeSet<Serial>,
    groups: BTreeSet<Serial>,
    bin: BTreeSet<Serial>,
    indexes: Indexes,
    /// Seats taken, by lower-case product id.
    seats: HashMap<String, u32>,
    /// Groups whose licences wait to reach their members.
    processing: BTreeSet<Serial>,
    /// Users who have or should have a licence of a group, by group.
    inheritors: BTreeMap<Serial, BTreeSet<Serial>>,
    records: Records,
    /// What purged objects were, for those who ask what changed.
    graves: HashMap<Serial, (Kind, String)>,
    log: Log,
    last_serial: Serial,
    created_upns: Vec<String>,
    delta_epoch: u64,
}

impl Directory {
    /// An empty directory with these domains.
    pub(crate) fn with_records(records: Records) -> Directory {
        Directory {
            records,
            ..Directory::default()
        }
    }

    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// Groups whose licences wait to reach their members.
    pub(crate) fn processing(&self) -> &BTreeSet<Serial> {
        &self.processing
    }

    /// Users who have or should have a licence of this group.
    pub(crate) fn inheritors(&self, group: Serial) -> impl Iterator<Item = Serial> + '_ {
        self.inheritors.get(&group).into_iter().flatten().copied()
    }

    pub(crate) fn next_serial(&self) -> Serial {
        self.last_serial + 1
    }

    /// The object, whether live or in the bin.
    pub(crate) fn object(&self, serial: Serial) -> Option<&Object> {
        self.objects.get(&serial)
    }

    /// The object, unless it is in the bin.
    pub(crate) fn live(&self, serial: Serial) -> Option<&Object> {
        self.objects
            .get(&serial)
            .filter(|object| object.deleted.is_none())
    }

    /// The object with this id, live or in the bin.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Object> {
        let serial = match self.by_id.get(id) {
            Some(serial) => Some(serial),
            None => self.by_id.get(&id.to_lowercase()),
        };
        serial.and_then(|serial| self.object(*serial))
    }

    /// The live object of a kind whose indexed property has this value. The first made, should there be several.
    pub(crate) fn by_property(&self, kind: Kind, property: &str, value: &str) -> Option<&Object> {
        let found = self.indexes.find(property, value)?;
        found
            .iter()
            .filter_map(|serial| self.live(*serial))
            .find(|object| object.kind == kind)
    }

    /// Any live object that has this proxy address.
    pub(crate) fn by_address(&self, address: &str) -> Option<&Object> {
        let found = self.indexes.find("proxyAddresses", address)?;
        found.iter().find_map(|serial| self.live(*serial))
    }

    /// Live objects of a kind in the order they were made.
    pub(crate) fn serials(&self, kind: Kind) -> &BTreeSet<Serial> {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    /// Objects in the bin.
    pub(crate) fn bin(&self) -> &BTreeSet<Serial> {
        &self.bin
    }

    pub(crate) fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// The id of an object that may have been purged.
    pub(crate) fn id_of(&self, serial: Serial) -> Option<(Kind, &str)> {
        match self.objects.get(&serial) {
            Some(object) => Some((object.kind, &object.id)),
            None => self.graves.get(&serial).map(|(kind, id)| (*kind, id.as_str())),
        }
    }

    pub(crate) fn seats_taken(&self, sku_id: &str) -> u32 {
        self.seats.get(&sku_id.to_lowercase()).copied().unwrap_or(0)
    }

    /// Names of users in the order they were made, repeats included.
    pub(crate) fn created_upns(&self) -> &[String] {
        &self.created_upns
    }

    /// Rises when delta tokens are declared void.
    pub(crate) fn delta_epoch(&self) -> u64 {
        self.delta_epoch
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
