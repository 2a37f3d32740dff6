//! Whether a key is already there, in any letter case, without a copy of the keys for ordinary objects.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::resource::{fold, folded};

/// Up to here the keys are compared one by one; objects beyond are not of SCIM's making.
const FEW: usize = 32;

/// The keys that one object has so far.
#[derive(Default)]
pub(super) struct Names {
    /// One bit for each kind of key seen (first letter without case, and length): a key whose bit is not
    /// set is new, and needs no comparison.
    kinds: u64,
    /// A key outside ASCII may equal one of another length.
    unicode: bool,
    /// Caseless key to key, once the object is large.
    index: Option<BTreeMap<String, String>>,
}

impl Names {
    /// Notes `key`. Answers the key of `map` that it repeats.
    pub(super) fn clash(&mut self, map: &Map<String, Value>, key: &str) -> Option<String> {
        if map.len() >= FEW {
            return self.clash_in_many(map, key);
        }
        let kind = kind(key);
        let may_repeat = self.kinds & kind != 0 || self.unicode || !key.is_ascii();
        self.kinds |= kind;
        self.unicode |= !key.is_ascii();
        if may_repeat {
            map.keys().find(|have| same(have, key)).cloned()
        } else {
            None
        }
    }

    fn clash_in_many(&mut self, map: &Map<String, Value>, key: &str) -> Option<String> {
        let index = self
            .index
            .get_or_insert_with(|| map.keys().map(|have| (fold(have), have.clone())).collect());
        index.insert(fold(key), key.to_owned())
    }
}

fn kind(key: &str) -> u64 {
    let first = key.bytes().next().unwrap_or_default().to_ascii_lowercase();
    1 << ((usize::from(first) + 7 * key.len()) % 64)
}

fn same(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        folded(a) == folded(b)
    }
}
