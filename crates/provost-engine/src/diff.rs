//! What has to be written so that a target agrees again.

use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

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

/// A record's fingerprint: XXH3 (64 bits) over its attributes in order; attributes without a value count as
/// absent, and the result is never 0, which stands for "unknown".
///
/// Equal records have equal fingerprints in every process and version, also when the members of a complex
/// value come in another order. It tells records apart; it is no protection against forgery.
pub fn hash(record: &Record) -> i64 {
    let mut hasher = Xxh3::new();
    for (attribute, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        text(&mut hasher, b'k', attribute);
        feed(&mut hasher, value);
    }
    match hasher.digest().cast_signed() {
        0 => 1,
        hash => hash,
    }
}

/// Every value with its kind and length, so that no two values run together to the same bytes.
fn feed(hasher: &mut Xxh3, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(value) => hasher.update(if *value { b"t" } else { b"f" }),
        Value::Number(number) => text(hasher, b'd', &number.to_string()),
        Value::String(value) => text(hasher, b's', value),
        Value::Array(items) => {
            counted(hasher, b'a', items.len());
            items.iter().for_each(|item| feed(hasher, item));
        }
        Value::Object(map) => {
            counted(hasher, b'o', map.len());
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (name, value) in members {
                text(hasher, b'k', name);
                feed(hasher, value);
            }
        }
    }
}

fn text(hasher: &mut Xxh3, kind: u8, text: &str) {
    counted(hasher, kind, text.len());
    hasher.update(text.as_bytes());
}

fn counted(hasher: &mut Xxh3, kind: u8, count: usize) {
    hasher.update(&[kind]);
    hasher.update(&(count as u64).to_le_bytes());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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

    #[test]
    fn equal_records_have_equal_fingerprints_and_others_have_not() {
        let one = record(&[
            ("a", json!("1")),
            ("b", serde_json::from_str(r#"{"x": 1, "y": [true]}"#).unwrap()),
        ]);
        let same = record(&[
            ("a", json!("1")),
            ("b", serde_json::from_str(r#"{"y": [true], "x": 1}"#).unwrap()),
            ("c", Value::Null),
        ]);
        assert_eq!(hash(&one), hash(&same));
        let others = [
            record(&[]),
            record(&[("a", json!(1))]),
            record(&[("a", json!("1"))]),
            record(&[("a", json!(["1"]))]),
            record(&[("a", json!(["1", "2"]))]),
            record(&[("a", json!(["12"]))]),
            record(&[("a1", json!("")), ("b", json!("x"))]),
            record(&[("a", json!(true))]),
            record(&[("a", json!({"1": null}))]),
            record(&[("a", json!([]))]),
        ];
        let mut seen: Vec<_> = others.iter().chain([&one]).map(hash).collect();
        assert!(!seen.contains(&0));
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), others.len() + 1);
    }

    /// Stored fingerprints outlive the process that made them.
    #[test]
    fn a_fingerprint_stays_what_it_was() {
        assert_eq!(
            hash(&record(&[("userName", json!("kari")), ("active", json!(true))])),
            STORED
        );
    }

    const STORED: i64 = -6_573_558_906_407_876_485;
}
