//! What has to be written so that a target agrees again.

use serde_json::Value;

use crate::object::Record;

/// The attributes of `wanted` whose value differs from what was `written` before.
///
/// Attributes that only `written` has are nobody's business any more and stay as they are. Clearing
/// (`Value::Null`) what was never written is no change. Both sides must have gone through the target's
/// own normalisation first, or a difference of spelling alone will be written for ever.
pub fn changes(written: &Record, wanted: &Record) -> Record {
    wanted
        .iter()
        .filter(|(attribute, value)| written.get(*attribute).unwrap_or(&Value::Null) != *value)
        .map(|(attribute, value)| (attribute.clone(), value.clone()))
        .collect()
}

/// Enters changes that a target accepted into the record of what was written.
pub fn apply(written: &mut Record, changes: &Record) {
    for (attribute, value) in changes {
        if value.is_null() {
            written.remove(attribute);
        } else {
            written.insert(attribute.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(pairs: &[(&str, Value)]) -> Record {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[test]
    fn only_wanted_attributes_that_differ_are_changes() {
        let written = record(&[("a", json!("1")), ("b", json!("2")), ("kept", json!("by hand"))]);
        let wanted = record(&[("a", json!("1")), ("b", json!("3")), ("c", json!(true))]);
        assert_eq!(
            changes(&written, &wanted),
            record(&[("b", json!("3")), ("c", json!(true))])
        );
    }

    #[test]
    fn clearing_is_a_change_only_when_there_is_something_to_clear() {
        let wanted = record(&[("a", Value::Null)]);
        assert_eq!(changes(&Record::new(), &wanted), Record::new());
        assert_eq!(changes(&record(&[("a", Value::Null)]), &wanted), Record::new());
        assert_eq!(changes(&record(&[("a", json!("x"))]), &wanted), wanted);
    }

    #[test]
    fn applied_changes_leave_no_difference() {
        let mut written = record(&[("a", json!("1")), ("b", json!(["x"]))]);
        let wanted = record(&[("a", Value::Null), ("b", json!(["x", "y"])), ("c", json!(7))]);
        let difference = changes(&written, &wanted);
        apply(&mut written, &difference);
        assert_eq!(written, record(&[("b", json!(["x", "y"])), ("c", json!(7))]));
        assert!(changes(&written, &wanted).is_empty());
    }
}
