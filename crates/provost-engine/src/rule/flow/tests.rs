use serde_json::{Value, json};

use super::*;
use crate::object::{Kind, Source};
use crate::rule::{Env, Rule};

/// One mapping of `attr`, read from `source`, in a rule with what every rule needs.
fn rule(mut mapping: Value) -> Compiled {
    mapping["target"] = json!("attr");
    let needed = json!({"target": "userName", "direct": "userName"});
    serde_json::from_value::<Rule>(json!({
        "name": "r", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [needed, mapping]
    }))
    .unwrap()
    .compile()
    .unwrap()
}

fn evaluate(rule: &Compiled, source: &Value) -> Evaluation {
    let mut document = json!({"userName": "kari"});
    if !source.is_null() {
        document["source"] = source.clone();
    }
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
        assigned: true,
    };
    rule.evaluate(&source, &Env::default()).unwrap()
}

fn record(value: &Value) -> Record {
    let mut record = Record::from([("userName".to_owned(), json!("kari"))]);
    if !value.is_null() {
        record.insert("attr".to_owned(), value.clone());
    }
    record
}

/// What is written where the target holds `found` and nothing else was written before: the value, null for
/// clear, or "-" for nothing.
fn written(rule: &Compiled, source: &Value, found: &Value) -> Value {
    let evaluation = evaluate(rule, source);
    let found = record(found);
    let changes = rule.changes(&evaluation, &found);
    let left = rule.against_target(&evaluation, &changes, &found);
    left.get("attr").cloned().unwrap_or(json!("-"))
}

/// A row: the mapping, the source's value, the target's value, what is written on update, and on create.
#[test]
fn flow_types_and_null_policies_on_every_kind_of_target() {
    let null = || Value::Null;
    let dash = || json!("-");
    let rows = [
        (
            json!({"direct": "source"}),
            json!("x"),
            json!("y"),
            json!("x"),
            json!("x"),
        ),
        (
            json!({"direct": "source"}),
            json!("x"),
            json!("x"),
            dash(),
            json!("x"),
        ),
        (json!({"direct": "source"}), null(), json!("y"), dash(), dash()),
        (
            json!({"direct": "source", "default": "d"}),
            null(),
            json!("y"),
            dash(),
            json!("d"),
        ),
        (
            json!({"direct": "source", "null": "clear"}),
            null(),
            json!("y"),
            null(),
            dash(),
        ),
        (
            json!({"direct": "source", "null": "clear"}),
            json!(""),
            json!("y"),
            null(),
            dash(),
        ),
        (
            json!({"direct": "source", "null": "clear"}),
            null(),
            null(),
            dash(),
            dash(),
        ),
        (
            json!({"direct": "source", "null": "default", "default": "d"}),
            null(),
            json!("y"),
            json!("d"),
            json!("d"),
        ),
        (
            json!({"direct": "source", "null": "default_if_empty", "default": "d"}),
            null(),
            json!("y"),
            dash(),
            json!("d"),
        ),
        (
            json!({"direct": "source", "null": "default_if_empty", "default": "d"}),
            null(),
            null(),
            json!("d"),
            json!("d"),
        ),
        (
            json!({"direct": "source", "null": "default_if_empty", "default": "d"}),
            json!("d"),
            json!("y"),
            json!("d"),
            json!("d"),
        ),
        (
            json!({"direct": "source", "apply": "on_create"}),
            json!("x"),
            json!("y"),
            dash(),
            json!("x"),
        ),
        (
            json!({"direct": "source", "apply": "if_empty"}),
            json!("x"),
            json!("y"),
            dash(),
            json!("x"),
        ),
        (
            json!({"direct": "source", "apply": "if_empty"}),
            json!("x"),
            null(),
            json!("x"),
            json!("x"),
        ),
        (
            json!({"direct": "source", "apply": "if_empty"}),
            json!("x"),
            json!([]),
            json!("x"),
            json!("x"),
        ),
        (
            json!({"direct": "source", "apply": "value_add_only"}),
            json!("x"),
            json!("y"),
            json!("x"),
            json!("x"),
        ),
        (
            json!({"direct": "source", "apply": "value_add_only"}),
            null(),
            json!("y"),
            dash(),
            dash(),
        ),
        (
            json!({"direct": "source", "apply": "add_only"}),
            json!(["a", "b"]),
            json!(["b", "c"]),
            json!(["b", "c", "a"]),
            json!(["a", "b"]),
        ),
        (
            json!({"direct": "source", "apply": "add_only"}),
            json!(["b"]),
            json!(["b", "c"]),
            dash(),
            json!(["b"]),
        ),
        (
            json!({"direct": "source", "apply": "add_only"}),
            json!("a"),
            json!(["b"]),
            json!(["b", "a"]),
            json!("a"),
        ),
        (
            json!({"direct": "source", "apply": "add_only"}),
            json!("a"),
            json!("b"),
            dash(),
            json!("a"),
        ),
        (
            json!({"direct": "source", "apply": "add_only"}),
            json!("a"),
            null(),
            json!("a"),
            json!("a"),
        ),
        (json!({"none": true}), json!("x"), null(), dash(), dash()),
        (
            json!({"none": true, "default": "d"}),
            json!("x"),
            null(),
            json!("d"),
            json!("d"),
        ),
        (
            json!({"none": true, "default": "d"}),
            json!("x"),
            json!("y"),
            dash(),
            json!("d"),
        ),
    ];
    for (mapping, source, found, on_update, on_create) in rows {
        let rule = rule(mapping.clone());
        let case = format!("{mapping}, {source} into {found}");
        assert_eq!(written(&rule, &source, &found), on_update, "{case}");
        let create = evaluate(&rule, &source).create;
        assert_eq!(
            create.get("attr").cloned().unwrap_or(dash()),
            on_create,
            "create: {case}"
        );
    }
}

/// Elements with a value of their own are the same although the target added to them.
#[test]
fn complex_elements_are_known_by_value_and_type() {
    let rule = rule(json!({"direct": "source", "apply": "add_only"}));
    let there = json!([{"value": "r1", "type": "role", "display": "Reader"}]);
    let same = json!([{"value": "r1", "type": "role"}]);
    let other = json!([{"value": "r1", "type": "plan"}]);
    assert_eq!(written(&rule, &same, &there), json!("-"));
    assert_eq!(written(&rule, &other, &there), json!([there[0], other[0]]));
}

/// What was not written because it is there counts as written; else the account would be read for ever.
#[test]
fn what_is_there_already_counts_as_written() {
    for mapping in [
        json!({"direct": "source", "apply": "if_empty"}),
        json!({"none": true, "default": "d"}),
        json!({"direct": "nothing", "null": "default_if_empty", "default": "d"}),
        json!({"direct": "source", "apply": "add_only"}),
    ] {
        let rule = rule(mapping.clone());
        assert!(rule.needs_target(), "{mapping}");
        let evaluation = evaluate(&rule, &json!("x"));
        let mut remembered = record(&Value::Null);
        let found = record(&json!(["x", "y"]));
        let changes = rule.changes(&evaluation, &remembered);
        assert!(rule.depends_on_target(&evaluation, &changes), "{mapping}");
        assert_eq!(
            rule.against_target(&evaluation, &changes, &found),
            Record::new(),
            "{mapping}"
        );
        diff::apply(
            &mut remembered,
            &rule.already_there(&evaluation, &changes, &found),
        );
        assert_eq!(remembered, found);
        assert_eq!(rule.changes(&evaluation, &remembered), Record::new(), "{mapping}");
    }
    assert!(!rule(json!({"direct": "source", "null": "clear"})).needs_target());
}
