//! What a link remembers of an account, as the engine asks for it, and the hash by which a reconcile sees at once
//! that nothing was changed.

use crate::open::{ActiveRule, Open};
use provost_engine::diff;
use provost_engine::object::Record;
use provost_engine::plan::Known;
use provost_store::link::Link;
use serde_json::Value;

/// What tells the hash of a disabled account from that of an enabled one.
const DISABLED: i64 = 0x5ca1_ab1e_0ddb_a115;

/// What is known of a linked object.
pub(crate) fn of(link: &Link) -> Known {
    Known {
        written: link.written.clone(),
        enabled: link.enabled,
        disabled_since: (link.disabled > 0).then_some(link.disabled),
    }
}

/// The hash of an account: of what the rule keeps up to date and is not empty, of whether it is enabled, and of the
/// mappings, because what one mapping leaves alone another one repairs. Never 0.
pub(crate) fn hash(open: &Open, rule: &ActiveRule, mut record: Record, enabled: bool) -> i64 {
    record.retain(|name, value| rule.comparable.contains(name.as_str()) && !is_empty(value));
    open.target.comparable(rule.kind, &mut record);
    let hash = diff::hash(&record) ^ rule.mappings;
    match if enabled { hash } else { hash ^ DISABLED } {
        0 => 1,
        hash => hash,
    }
}

/// Absent, null, an empty text and an empty list are the same: targets show nothing in one of these ways.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
