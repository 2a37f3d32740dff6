//! What the engine works on: one directory object, and the values of one target object.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an object is, in the directory and in every target.
#[derive(Serialize, Deserialize, Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person (SCIM `User`); its record in a target is an account.
    Person,
    /// A group (SCIM `Group`).
    Group,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "person",
            Self::Group => "group",
        })
    }
}

/// Values of target attributes by target attribute name or path.
///
/// In a set of changes `Value::Null` means: clear this attribute.
pub type Record = BTreeMap<String, Value>;

/// One directory object as the engine sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Person or group.
    pub kind: Kind,
    /// The directory's own immutable id; `[id]` and `[objectId]` in a mapping.
    pub id: &'a str,
    /// The whole SCIM document (a JSON object with canonical attribute names), without `id` and `meta`.
    pub document: &'a Value,
    /// Whether the connection's assignment means the object; true where everybody is meant.
    pub assigned: bool,
}
