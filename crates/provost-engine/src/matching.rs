//! How an unlinked object is recognised in a target: matching attributes with precedence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::{Record, Source};

/// The target's own id, which may be a matching attribute without a mapping: its value is then the
/// directory id.
pub const TARGET_ID: &str = "id";

/// One matching attribute of a rule.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// The target attribute that is searched: the target of one of the rule's mappings, or `id`.
    pub target: String,
    /// The lowest number is tried first; numbers must differ.
    pub precedence: u32,
}

/// The values to search for, in order of precedence; attributes without a value are left out.
///
/// `ordered` holds the matching attributes' names by precedence.
pub(crate) fn values(ordered: &[String], create: &Record, source: &Source) -> Vec<(String, Value)> {
    ordered
        .iter()
        .filter_map(|target| {
            let value = match create.get(target) {
                Some(value) => value.clone(),
                None if target == TARGET_ID => Value::String(source.id.to_owned()),
                None => return None,
            };
            (!value.is_null()).then(|| (target.clone(), value))
        })
        .collect()
}
