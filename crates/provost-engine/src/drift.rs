//! What somebody changed in the target since it was written.

use serde_json::Value;

use crate::mapping::{Apply, Drift, NullPolicy};
use crate::object::Record;
use crate::rule::{Compiled, grown};

/// One attribute of the target that is not as it was left.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The target attribute.
    pub attribute: String,
    /// What was written; null when the attribute was left empty. Of a list that only grows: what is there
    /// with what was taken out of it.
    pub expected: Value,
    /// What is there; null when nothing is.
    pub found: Value,
    /// What the mapping wants done about it.
    pub policy: Drift,
}

/// The attributes that differ from what was `written`, in the order of their names.
///
/// Only attributes that the rule keeps up to date are looked at: what it does not map, what it sets on
/// create or into an empty attribute only, and references (which are written as directory ids and found as
/// the target's own) are never drift. An attribute that was never written is drift only where the mapping
/// clears it. A sensitive attribute that the target does not show is no drift: passwords are not read back.
/// Both records must have gone through the target's normalisation.
pub fn compare(rule: &Compiled, written: &Record, found: &Record) -> Vec<Difference> {
    let mut differences = Vec::new();
    for watched in rule.watched() {
        let expected = written.get(watched.target).unwrap_or(&Value::Null);
        let there = found.get(watched.target).unwrap_or(&Value::Null);
        let expected = match watched.apply {
            _ if expected == there || (watched.sensitive && there.is_null()) => continue,
            _ if expected.is_null() && watched.null != NullPolicy::Clear => continue,
            Apply::AddOnly => match grown(there, expected) {
                Some(whole) => whole,
                None => continue,
            },
            _ => expected.clone(),
        };
        differences.push(Difference {
            attribute: watched.target.to_owned(),
            expected,
            found: there.clone(),
            policy: watched.drift,
        });
    }
    differences
}

/// What [`compare`] has to know of a mapping.
pub(crate) struct Watched<'r> {
    pub(crate) target: &'r str,
    pub(crate) apply: Apply,
    pub(crate) null: NullPolicy,
    pub(crate) drift: Drift,
    pub(crate) sensitive: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule() -> Compiled {
        serde_json::from_value::<crate::rule::Rule>(json!({
            "name": "r", "object": "person",
            "matching": [{"target": "userName", "precedence": 1}],
            "mappings": [
                {"target": "userName", "direct": "userName"},
                {"target": "title", "direct": "title", "drift": "report"},
                {"target": "city", "direct": "town", "null": "clear", "drift": "accept"},
                {"target": "note", "direct": "note", "apply": "on_create"},
                {"target": "desk", "direct": "desk", "apply": "if_empty"},
                {"target": "roles", "direct": "roles", "apply": "add_only"},
                {"target": "nick", "none": true, "default": "x"},
                {"target": "manager", "direct": "manager.value", "reference": true},
                {"target": "pin", "expression": "Redact([pin])"}
            ]
        }))
        .unwrap()
        .compile()
        .unwrap()
    }

    fn record(json: Value) -> Record {
        serde_json::from_value(json).unwrap()
    }

    fn shown(written: Value, found: Value) -> Vec<(String, Value, Value, Drift)> {
        compare(&rule(), &record(written), &record(found))
            .into_iter()
            .map(|d| (d.attribute, d.expected, d.found, d.policy))
            .collect()
    }

    #[test]
    fn what_was_changed_or_taken_away_is_found_with_its_policy() {
        let written = json!({"userName": "kari", "title": "Buyer", "roles": ["a", "b"]});
        let found = json!({"userName": "Kari", "city": "Oslo", "roles": ["b", "c"]});
        assert_eq!(
            shown(written, found),
            [
                ("city".to_owned(), json!(null), json!("Oslo"), Drift::Accept),
                (
                    "roles".to_owned(),
                    json!(["b", "c", "a"]),
                    json!(["b", "c"]),
                    Drift::Repair
                ),
                ("title".to_owned(), json!("Buyer"), json!(null), Drift::Report),
                ("userName".to_owned(), json!("kari"), json!("Kari"), Drift::Repair),
            ]
        );
    }

    #[test]
    fn what_the_rule_does_not_keep_up_to_date_is_no_drift() {
        let written =
            json!({"note": "n", "desk": "1", "manager": "id-9", "pin": "7", "nick": "x", "roles": ["a"]});
        let found = json!({"title": "by hand", "note": "m", "desk": "2", "manager": "their-id", "nick": "y",
                           "roles": ["z", "a"], "fax": "unmanaged"});
        assert_eq!(shown(written, found), []);
        assert_eq!(
            shown(json!({"pin": "7"}), json!({"pin": "8"})).len(),
            1,
            "what the target shows is compared"
        );
    }
}
