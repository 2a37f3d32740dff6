//! Groups within groups. A circle of groups comes to an end, because no group is looked at twice.

use provost_engine::object::Kind;
use provost_store::{Result, Tx, directory, member};
use std::collections::BTreeSet;

/// The groups that an object is in: directly, and with `nested` through other groups as well.
pub(crate) fn groups_of(tx: &mut Tx, object: i64, nested: bool) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    let mut open = vec![object];
    while let Some(key) = open.pop() {
        for group in member::groups_of(tx, key)? {
            if found.insert(group.key) && nested {
                open.push(group.key);
            }
        }
    }
    Ok(found)
}

/// What an object is; `None` when it is gone.
pub(crate) fn kind_of(tx: &mut Tx, object: i64) -> Result<Option<Kind>> {
    Ok(directory::by_key(tx, object)?.map(|o| o.kind))
}
