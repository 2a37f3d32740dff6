//! What differs between two configurations, place by place. Rules are known by their names, mappings and
//! matching attributes by their targets, so that moving one is no change of all the others.

use serde::Serialize;
use serde_json::Value;

/// One place where two configurations differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// Where: `rule "people", mappings "title", null`.
    pub place: String,
    /// What it is before; none when it is not there.
    pub before: Option<Value>,
    /// What it is after; none when it is not there any more.
    pub after: Option<Value>,
}

/// Every place where the two differ, in the order of the second.
pub(super) fn between(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

/// The differences for people, a line or two each.
pub(super) fn text(differences: &[Difference]) -> String {
    let mut lines = Vec::new();
    for one in differences {
        lines.push(one.place.clone());
        lines.extend(one.before.as_ref().map(|value| format!("  - {value}")));
        lines.extend(one.after.as_ref().map(|value| format!("  + {value}")));
    }
    lines.join("\n")
}

fn compare(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let gone = one.keys().filter(|name| !other.contains_key(*name));
            for name in other.keys().chain(gone) {
                compare(&inside(place, name), one.get(name), other.get(name), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => lists(place, one, other, found),
        (before, after) => found.push(Difference {
            place: place.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

/// Lists whose elements have names are compared by name, and by their order; others as a whole.
fn lists(place: &str, one: &[Value], other: &[Value], found: &mut Vec<Difference>) {
    let (Some(names), Some(others)) = (names(one), names(other)) else {
        found.push(Difference {
            place: place.to_owned(),
            before: Some(Value::from(one)),
            after: Some(Value::from(other)),
        });
        return;
    };
    let at = |names: &[&str], list: &[Value], name: &str| {
        names
            .iter()
            .position(|one| *one == name)
            .and_then(|i| list.get(i).cloned())
    };
    let gone = names.iter().filter(|name| !others.contains(name));
    for name in others.iter().chain(gone) {
        let place = format!("{place} \"{name}\"");
        compare(
            &place,
            at(&names, one, name).as_ref(),
            at(&others, other, name).as_ref(),
            found,
        );
    }
    let kept = |list: &[&str], in_both: &[&str]| -> Vec<String> {
        list.iter()
            .filter(|name| in_both.contains(name))
            .map(|name| (*name).to_owned())
            .collect()
    };
    let (order, new_order) = (kept(&names, &others), kept(&others, &names));
    if order != new_order && place == "rule" {
        found.push(Difference {
            place: format!("{place}, order"),
            before: Some(order.into()),
            after: Some(new_order.into()),
        });
    }
}

/// What the elements of a list are called, when all have different names.
fn names(list: &[Value]) -> Option<Vec<&str>> {
    let names: Vec<&str> = list
        .iter()
        .map(|one| {
            one.get("target")
                .or_else(|| one.get("name"))
                .and_then(Value::as_str)
        })
        .collect::<Option<_>>()?;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

fn inside(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}, {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_deep_inside_is_told_by_its_place_alone() {
        let before = json!({"rule": [{"name": "people", "mappings": [
            {"target": "a", "direct": "x"}, {"target": "b", "direct": "y"}]}]});
        let after = json!({"rule": [{"name": "people", "mappings": [
            {"target": "b", "direct": "z"}, {"target": "a", "direct": "x"}, {"target": "c", "constant": 1}]}]});
        let found = between(&before, &after);
        assert_eq!(
            text(&found),
            "rule \"people\", mappings \"b\", direct\n  - \"y\"\n  + \"z\"\n\
             rule \"people\", mappings \"c\"\n  + {\"constant\":1,\"target\":\"c\"}"
        );
        assert!(between(&after, &after).is_empty());
    }

    #[test]
    fn a_rule_that_comes_goes_or_changes_its_place_is_told() {
        let rule = |name: &str| json!({"name": name});
        let before = json!({"rule": [rule("a"), rule("b"), rule("c")]});
        let after = json!({"rule": [rule("b"), rule("a"), rule("d")]});
        let places: Vec<String> = between(&before, &after)
            .into_iter()
            .map(|one| one.place)
            .collect();
        assert_eq!(places, ["rule \"d\"", "rule \"c\"", "rule, order"]);
    }

    #[test]
    fn lists_without_names_are_compared_as_a_whole() {
        let found = between(
            &json!({"settings": {"networks": ["a"]}}),
            &json!({"settings": {"networks": ["b", "a"]}}),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "settings, networks");
    }
}
