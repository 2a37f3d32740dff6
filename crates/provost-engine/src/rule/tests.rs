use serde_json::{Value, json};

use super::*;
use crate::object::Source;

fn rule(json: Value) -> Rule {
    serde_json::from_value(json).unwrap()
}

/// A rule for people with these mappings, matched by `userName`.
fn people(mut mappings: Vec<Value>) -> Compiled {
    mappings.push(json!({"target": "userName", "direct": "userName"}));
    let rule = rule(json!({
        "name": "people",
        "object": "person",
        "scope": {"filters": [{"name": "Sales", "clauses": [
            {"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}]},
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": mappings,
    }));
    rule.compile().unwrap()
}

fn evaluate(rule: &Compiled, document: &Value) -> Result<Evaluation, MapError> {
    rule.evaluate(
        &Source {
            kind: Kind::Person,
            id: "id-1",
            document,
        },
        &Env::default(),
    )
}

fn person(more: Value) -> Value {
    let mut person = json!({"userName": "kari@contoso.example", "department": "Sales"});
    let map = person.as_object_mut().unwrap();
    map.extend(more.as_object().cloned().unwrap_or_default());
    person
}

fn record(json: Value) -> crate::object::Record {
    serde_json::from_value(json).unwrap()
}

#[test]
fn stored_rules_have_defaults_and_refuse_unknown_fields() {
    let minimal = json!({"name": "r", "object": "group", "mappings": []});
    let rule = rule(minimal.clone());
    assert_eq!(rule.remove, RemoveAction::Disable);
    assert!(rule.actions.create && rule.actions.delete && rule.actions.remove_member);
    let json = serde_json::to_value(&rule).unwrap();
    assert_eq!(serde_json::from_value::<Rule>(json).unwrap(), rule);

    let mut wrong = minimal.clone();
    wrong["scop"] = json!({});
    assert!(serde_json::from_value::<Rule>(wrong).is_err());
    let mut wrong = minimal;
    wrong["actions"] = json!({"erase": true});
    assert!(serde_json::from_value::<Rule>(wrong).is_err());
}

#[test]
fn every_mistake_of_a_rule_is_reported_at_once() {
    let rule = rule(json!({
        "name": "people",
        "object": "person",
        "scope": {"filters": [{"name": "x", "clauses": []}]},
        "matching": [{"target": "mail", "precedence": 1}, {"target": "city", "precedence": 1}],
        "mappings": [
            {"target": "a", "expression": "Jion(1, Left())"},
            {"target": "b", "direct": "emails[type"},
            {"target": "c", "direct": "x", "null": "default"},
            {"target": "d", "direct": "x", "null": "clear", "default": "y"},
            {"target": "D", "direct": "x"},
            {"target": "e", "constant": "many", "kind": "integer"},
            {"target": "f", "constant": ""},
            {"target": "g", "direct": "x", "reference": true, "apply": "on_create"},
            {"target": "city", "constant": "Oslo"}
        ]
    }));
    let Err(errors) = rule.compile() else {
        panic!("the rule is full of mistakes")
    };
    let found: Vec<_> = errors
        .iter()
        .map(|e| (e.target.as_deref(), e.message.as_str()))
        .collect();
    let expected = [
        (None, "has no clause"),
        (Some("a"), "no function Jion"),
        (Some("a"), "Left needs 2"),
        (Some("b"), "not closed"),
        (Some("c"), "there is none"),
        (Some("d"), "both cleared and replaced"),
        (Some("D"), "two mappings"),
        (Some("e"), "no whole number"),
        (Some("f"), "empty"),
        (Some("g"), "a reference is never"),
        (Some("city"), "precedence 1"),
        (Some("mail"), "not the target of a mapping"),
        (Some("city"), "cannot tell accounts apart"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((target, message), (expected_target, part)) in found.iter().zip(expected) {
        assert_eq!(*target, expected_target, "{message}");
        assert!(message.contains(part), "{message:?} does not say {part:?}");
    }
    assert_eq!(errors[1].span, Some(0..4));
    assert_eq!(
        errors[1].to_string(),
        "rule \"people\", mapping of \"a\", at 0: there is no function Jion"
    );
    assert!(errors.iter().all(|error| !error.hint.is_empty()));
}

#[test]
fn a_rule_without_matching_would_create_for_ever() {
    let mappings = json!([{"target": "a", "direct": "b"}]);
    let rule = rule(json!({"name": "r", "object": "person", "mappings": mappings}));
    let Err(errors) = rule.compile() else {
        panic!("it has no matching attribute")
    };
    assert!(errors[0].message.contains("created anew"));
}

#[test]
fn apply_and_null_policies_shape_the_two_records() {
    let rule = people(vec![
        json!({"target": "always", "direct": "nickName"}),
        json!({"target": "once", "direct": "nickName", "apply": "on_create"}),
        json!({"target": "skipped", "direct": "missing", "default": "first"}),
        json!({"target": "cleared", "direct": "empty", "null": "clear"}),
        json!({"target": "filled", "direct": "missing", "null": "default", "default": "d"}),
        json!({"target": "ignored", "expression": "IgnoreAttributeFlow", "default": "no"}),
        json!({"target": "constant", "constant": [1, 2]}),
    ]);
    let evaluation = evaluate(&rule, &person(json!({"nickName": "K", "empty": ""}))).unwrap();
    assert_eq!(
        evaluation.create,
        record(
            json!({"always": "K", "once": "K", "skipped": "first", "filled": "d",
                      "constant": [1, 2], "userName": "kari@contoso.example"})
        )
    );
    assert_eq!(
        evaluation.update,
        record(
            json!({"always": "K", "cleared": null, "filled": "d", "constant": [1, 2],
                      "userName": "kari@contoso.example"})
        )
    );
    assert!(evaluation.in_scope && evaluation.active && evaluation.scope_reason.is_empty());
}

#[test]
fn values_take_the_declared_type() {
    let rule = people(vec![
        json!({"target": "number", "direct": "level", "kind": "integer"}),
        json!({"target": "text", "direct": "active", "kind": "string"}),
        json!({"target": "flag", "expression": "Not(\"x\")"}),
        json!({"target": "phones", "direct": "mobile", "kind": "strings"}),
        json!({"target": "copied", "direct": "emails"}),
        json!({"target": "share", "direct": "share"}),
        json!({"target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\")"}),
    ]);
    let emails = json!([{"value": "a@contoso.example", "type": "work"}]);
    let document =
        person(json!({"level": "7", "active": true, "mobile": "1", "emails": emails, "share": 0.5}));
    let evaluation = evaluate(&rule, &document).unwrap();
    assert_eq!(
        evaluation.update,
        record(
            json!({"number": 7, "text": "True", "flag": true, "phones": ["1"], "share": 0.5,
                      "copied": emails, "active": true, "userName": "kari@contoso.example"})
        )
    );
}

#[test]
fn a_value_of_the_wrong_type_fails_the_object_without_telling_the_value() {
    let rule = people(vec![
        json!({"target": "number", "direct": "title", "kind": "integer"}),
    ]);
    let error = evaluate(&rule, &person(json!({"title": "secret words"}))).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("number"));
    assert_eq!(
        error.to_string(),
        "rule \"people\", mapping of \"number\": the value is no whole number"
    );
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn references_are_kept_apart() {
    let reference = json!({"target": "manager", "direct": "manager.value", "reference": true});
    let rule = people(vec![reference]);
    let with = evaluate(&rule, &person(json!({"manager": {"value": "id-9"}}))).unwrap();
    assert_eq!(with.references.get("manager"), Some(&Some("id-9".to_owned())));
    assert!(!with.create.contains_key("manager") && !with.update.contains_key("manager"));
    let without = evaluate(&rule, &person(json!({}))).unwrap();
    assert_eq!(without.references.get("manager"), Some(&None));
    assert_eq!(rule.references().collect::<Vec<_>>(), ["manager"]);
}

#[test]
fn matching_values_come_in_precedence_and_without_empty_ones() {
    let rule = rule(json!({
        "name": "r", "object": "person",
        "matching": [{"target": "id", "precedence": 3}, {"target": "mail", "precedence": 2},
                     {"target": "number", "precedence": 1}, {"target": "none", "precedence": 4}],
        "mappings": [{"target": "mail", "direct": "mail"}, {"target": "number", "direct": "number"},
                     {"target": "none", "direct": "missing"}]
    }))
    .compile()
    .unwrap();
    let document = json!({"mail": "k@contoso.example", "number": 7});
    let evaluation = evaluate(&rule, &document).unwrap();
    let expected = [
        ("number", json!(7)),
        ("mail", json!("k@contoso.example")),
        ("id", json!("id-1")),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    assert_eq!(evaluation.matching, expected);
}

#[test]
fn whoever_is_out_of_scope_or_inactive_is_off_whatever_a_mapping_says() {
    let rule = people(vec![json!({"target": "accountEnabled", "constant": "True"})]);
    assert_eq!(rule.enabled_target(), Some("accountEnabled"));
    for (more, on) in [
        (json!({}), true),
        (json!({"active": false}), false),
        (json!({"department": "Legal"}), false),
        (json!({"department": "Legal", "active": false}), false),
    ] {
        let evaluation = evaluate(&rule, &person(more)).unwrap();
        assert_eq!(evaluation.update["accountEnabled"], json!(on));
        assert_eq!(rule.wants_enabled(&evaluation), on);
    }
}

#[test]
fn out_of_scope_comes_with_the_reason() {
    let rule = people(Vec::new());
    let evaluation = evaluate(&rule, &person(json!({"department": "Legal"}))).unwrap();
    assert!(!evaluation.in_scope);
    assert_eq!(
        evaluation.scope_reason,
        "scoping filter \"Sales\" needs department EQUALS \"Sales\""
    );
}

/// A leaver whose attributes have become unusable must still be disabled.
#[test]
fn a_failing_mapping_stops_only_those_who_are_present() {
    let rule = people(vec![json!({"target": "x", "expression": "Error(\"no\")"})]);
    assert_eq!(evaluate(&rule, &person(json!({}))).unwrap_err().message, "no");
    let gone = evaluate(&rule, &person(json!({"active": false}))).unwrap();
    assert_eq!(gone.problems.len(), 1);
    assert_eq!(gone.update, record(json!({"userName": "kari@contoso.example"})));
}

/// No verdict, so nothing can be decided, least of all a removal.
#[test]
fn a_failing_scope_gives_no_evaluation() {
    let rule = rule(json!({
        "name": "r", "object": "person",
        "scope": {"filters": [{"clauses": [
            {"attribute": "level", "operator": "GREATER_THAN", "value": 3}]}]},
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}]
    }))
    .compile()
    .unwrap();
    let error = evaluate(&rule, &person(json!({"level": "unknown"}))).unwrap_err();
    assert_eq!(error.target, None);
    assert!(error.message.contains("no whole number"), "{}", error.message);
}

#[test]
fn ignoring_the_object_marks_the_evaluation() {
    let rule = people(vec![
        json!({"target": "objectFilter", "expression": "IgnoreObjectFlow"}),
    ]);
    assert!(evaluate(&rule, &person(json!({}))).unwrap().ignored);
}

#[test]
fn a_rule_tells_whether_it_needs_the_clock_and_what_it_writes() {
    let plain = people(vec![
        json!({"target": "b", "expression": "Left(\"x\" & \"Now\", 1)"}),
    ]);
    assert!(!plain.uses_clock());
    assert_eq!(plain.targets().collect::<Vec<_>>(), ["b", "userName"]);
    let timed = people(vec![
        json!({"target": "b", "expression": "IIF(DateDiff(\"d\", now(), \"2026-01-01\") > 0, 1, 2)"}),
    ]);
    assert!(timed.uses_clock());
    assert_eq!(timed.warnings().len(), 1);
    assert_eq!(timed.warnings()[0].message, "now was read as Now");
}

#[test]
fn groups_are_always_active() {
    let rule = rule(json!({
        "name": "groups", "object": "group",
        "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [{"target": "displayName", "direct": "displayName"},
                     {"target": "active", "direct": "active"}]
    }))
    .compile()
    .unwrap();
    let document = json!({"displayName": "Board", "active": false});
    let source = Source {
        kind: Kind::Group,
        id: "g",
        document: &document,
    };
    let evaluation = rule.evaluate(&source, &Env::default()).unwrap();
    assert!(evaluation.active);
    assert_eq!(rule.enabled_target(), None);
    assert_eq!(
        evaluation.update["active"],
        json!(false),
        "for a group it is an attribute like others"
    );
}

#[test]
fn only_what_is_needed_is_built() {
    let rule = people(vec![
        json!({"target": "once", "direct": "nickName", "apply": "on_create"}),
        json!({"target": "active", "direct": "enabled"}),
    ]);
    for enabled in [true, false] {
        let document = person(json!({"nickName": "K", "enabled": enabled}));
        let source = Source {
            kind: Kind::Person,
            id: "id-1",
            document: &document,
        };
        let part = |need| rule.evaluate_for(&source, &Env::default(), need).unwrap();
        let both = part(Need::Both);
        assert_eq!(both, evaluate(&rule, &document).unwrap());
        assert_eq!(both.enabled, enabled);
        assert_eq!(
            part(Need::Create),
            Evaluation {
                update: Default::default(),
                ..both.clone()
            }
        );
        let without = Evaluation {
            create: Default::default(),
            matching: Vec::new(),
            ..both
        };
        assert_eq!(part(Need::Update), without);
    }
}

/// What is set on create only cannot stand in the way of a linked account.
#[test]
fn a_failing_mapping_on_create_does_not_stop_an_update() {
    let rule = people(vec![
        json!({"target": "x", "expression": "Error(\"no\")", "apply": "on_create"}),
    ]);
    let document = person(json!({}));
    let source = Source {
        kind: Kind::Person,
        id: "id-1",
        document: &document,
    };
    assert!(rule.evaluate_for(&source, &Env::default(), Need::Create).is_err());
    assert!(rule.evaluate_for(&source, &Env::default(), Need::Update).is_ok());
}
