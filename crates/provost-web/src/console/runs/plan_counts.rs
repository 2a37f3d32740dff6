//! What a kept plan says of itself in numbers: its counts are JSON, as whoever made it wrote them.

use super::action;
use provost_store::plan::Plan;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Sentences of one sort that a page shows.
const SHOWN: usize = 20;

/// The numbers of a plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Numbers {
    /// Steps in all.
    pub steps: i64,
    /// How many wait for a person.
    pub held: i64,
    pub rules: Vec<OfRule>,
    pub seats: Vec<Seats>,
    pub warnings: Vec<String>,
}

/// The part of one rule.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OfRule {
    pub rule: String,
    counts: BTreeMap<String, Value>,
    pub held: Vec<Held>,
    pub failures: Vec<String>,
    pub failed: i64,
}

/// Steps that wait for a person's decision.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Held {
    pub sentence: String,
    pub steps: i64,
}

/// Seats of a product.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Seats {
    pub name: String,
    pub free: i64,
    pub needed: i64,
    pub short: i64,
}

impl Numbers {
    pub fn of(plan: &Plan) -> Self {
        Self::of_value(&plan.counts)
    }

    fn of_value(counts: &Value) -> Self {
        Self::deserialize(counts).unwrap_or_default()
    }

    /// Steps of each action that are not held, those that there are.
    pub fn by_action(&self) -> Vec<(String, i64)> {
        let of = |name: &str| {
            let rules = self.rules.iter().flat_map(|rule| rule.counts.values());
            rules.filter_map(|kind| kind.get(name)?.as_i64()).sum::<i64>()
        };
        action::ALL
            .iter()
            .map(|one| (one.to_string(), of(&action::name(*one))))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Whether it takes anything away, now or once what is held is approved.
    pub fn takes(&self) -> bool {
        self.held > 0 || self.by_action().iter().any(|(one, _)| action::is_removal(one))
    }

    /// Objects that cannot be mapped, with their reasons; the first of them.
    pub fn failures(&self) -> Vec<String> {
        let all = self.rules.iter().flat_map(|rule| rule.failures.iter().cloned());
        all.take(SHOWN).collect()
    }

    /// How many objects cannot be mapped.
    pub fn failed(&self) -> i64 {
        self.rules.iter().map(|rule| rule.failed).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_of_all_rules_are_added() {
        let numbers = Numbers::of_value(&json!({
            "steps": 9, "held": 2, "warnings": ["w"],
            "seats": [{"product": "x", "name": "E3", "free": 5, "needed": 7, "short": 2}],
            "rules": [
                {"rule": "people", "kind": "person", "counts": {"people": {"create": 3, "disable": 1}, "groups": {}, "emptied_groups": 0},
                 "failures": ["Ann: no name"], "failed": 1, "held": [{"sentence": "too many", "steps": 2}]},
                {"rule": "groups", "counts": {"people": {}, "groups": {"create": 1, "add_member": 2}}}
            ]
        }));
        let expected = [("create", 4), ("disable", 1), ("add member", 2)];
        assert_eq!(
            numbers.by_action(),
            expected.map(|(one, count)| (one.to_owned(), count))
        );
        assert!(numbers.takes());
        assert_eq!((numbers.failed(), numbers.failures().len()), (1, 1));
        assert_eq!(
            (
                numbers.seats[0].free - numbers.seats[0].needed,
                numbers.seats[0].short
            ),
            (-2, 2)
        );
        assert!(!Numbers::of_value(&Value::Null).takes());
    }
}
