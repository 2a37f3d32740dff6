//! Operations on groups and their members.

use super::*;

fn crew() -> Value {
    json!({"displayName": "Crew", "externalId": "o1"})
}

fn patch_group(operations: Value) -> Result<Outcome> {
    run(
        group(),
        crew(),
        operations,
        &Leniency::default(),
        &mut Habits::default(),
    )
}

fn add(ids: &[&str]) -> MemberChange {
    MemberChange::Add(ids.iter().map(|id| Member::new(*id)).collect())
}

fn remove(ids: &[&str]) -> MemberChange {
    MemberChange::Remove(ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn members_come_out_in_order() {
    let rows = [
        (
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "a"}, {"$ref": null, "value": "b"}]}]),
            vec![add(&["a", "b"])],
        ),
        (
            json!([{"op": "add", "path": "members", "value": "a"}]),
            vec![add(&["a"])],
        ),
        (
            json!([{"op": "add", "path": "members", "value": ["a", "a", "b"]}]),
            vec![add(&["a", "b"])],
        ),
        (
            json!([{"op": "add", "path": "members", "value": {"value": "a"}}]),
            vec![add(&["a"])],
        ),
        (
            json!([{"op": "add", "value": {"members": [{"value": "a"}]}}]),
            vec![add(&["a"])],
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\"]", "value": {"type": null, "value": "a"}}]),
            vec![add(&["a"])],
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\"]", "value": {}}]),
            vec![add(&["a"])],
        ),
        (json!([{"op": "add", "path": "members", "value": []}]), vec![]),
        (
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}]),
            vec![remove(&["a"])],
        ),
        (
            json!([{"op": "Remove", "path": "members", "value": "a"}]),
            vec![remove(&["a"])],
        ),
        (json!([{"op": "Remove", "path": "members", "value": []}]), vec![]),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            vec![remove(&["a"])],
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}]),
            vec![remove(&["a", "b"])],
        ),
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": null}]),
            vec![remove(&["a"])],
        ),
        (
            json!([{"op": "remove", "path": "members"}]),
            vec![MemberChange::RemoveAll],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": "a"}]}]),
            vec![MemberChange::Replace(vec![Member::new("a")])],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": []}]),
            vec![MemberChange::Replace(vec![])],
        ),
        (
            json!([{"op": "replace", "value": {"members": null}}]),
            vec![MemberChange::Replace(vec![])],
        ),
        // Okta: one request that takes one out and puts one in.
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"},
                   {"op": "add", "path": "members", "value": [{"value": "b", "display": "b@a.test"}]}]),
            vec![
                remove(&["a"]),
                MemberChange::Add(vec![Member {
                    display: Some("b@a.test".to_owned()),
                    ..Member::new("b")
                }]),
            ],
        ),
    ];
    for (operations, changes) in rows {
        let shown = operations.to_string();
        let outcome = patch_group(operations).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(outcome.members, changes, "{shown}");
        assert!(
            !outcome.changed && Value::Object(outcome.document) == crew(),
            "{shown}"
        );
    }
}

#[test]
fn members_are_added_and_removed_but_not_edited() {
    let rows = [
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"].display", "value": "x"}]),
            "mutability",
        ),
        (json!([{"op": "remove", "path": "members.value"}]), "mutability"),
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}}]),
            "mutability",
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\"]", "value": {"value": "b"}}]),
            "mutability",
        ),
        (
            json!([{"op": "remove", "path": "members[type eq \"User\"]"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "remove", "path": "members[value sw \"a\"]"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\" or value eq \"b\"]", "value": {}}]),
            "invalidValue",
        ),
        (json!([{"op": "add", "path": "members"}]), "invalidValue"),
        (json!([{"op": "replace", "path": "members"}]), "invalidValue"),
        (
            json!([{"op": "add", "path": "members", "value": [{"display": "x"}]}]),
            "invalidValue",
        ),
        (
            json!([{"op": "remove", "path": "members", "value": [{"display": "x"}]}]),
            "invalidValue",
        ),
        (
            json!([{"op": "remove", "path": "members", "value": [5]}]),
            "invalidValue",
        ),
        (json!([{"op": "remove", "path": "displayName"}]), "mutability"),
        (
            json!([{"op": "replace", "path": "displayName", "value": ""}]),
            "invalidValue",
        ),
    ];
    for (operations, expected) in rows {
        let error = patch_group(operations.clone()).expect_err(&operations.to_string());
        assert_eq!(kind(&error), expected, "{operations}: {error}");
    }
}

/// A removal with a value must never empty a group for a reader that does not understand it.
#[test]
fn strict_refuses_a_removal_with_a_value() {
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": "a"}]}]);
    let error = run(
        group(),
        crew(),
        operations,
        &Leniency::strict(),
        &mut Habits::default(),
    )
    .unwrap_err();
    assert_eq!(kind(&error), "invalidValue");
}

/// Okta renames a group with its id in the value, on every change of membership.
#[test]
fn okta_renames_a_group() {
    let operations = json!([{"op": "replace", "value": {"id": "g1", "displayName": "Team"}}]);
    let mut used = Habits::default();
    let okta = Leniency::of(Dialect::Okta);
    let outcome = run(group(), crew(), operations.clone(), &okta, &mut used).unwrap();
    assert_eq!(
        Value::Object(outcome.document),
        with(crew(), json!({"displayName": "Team"}))
    );
    assert!(outcome.changed && outcome.members.is_empty());
    assert_eq!(used.iter().collect::<Vec<_>>(), [(Habit::ReadOnlyKey, 1)]);
    let error = run(group(), crew(), operations, &Leniency::strict(), &mut used).unwrap_err();
    assert_eq!(kind(&error), "mutability");
}

#[test]
fn hundreds_of_members_fit_into_one_operation() {
    let ids: Vec<Value> = (0..5000).map(|n| json!({"value": n.to_string()})).collect();
    let outcome = patch_group(json!([{"op": "add", "path": "members", "value": ids}])).unwrap();
    let [MemberChange::Add(members)] = outcome.members.as_slice() else {
        panic!("one addition")
    };
    assert_eq!(members.len(), 5000);
}
