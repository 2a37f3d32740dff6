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
            {"attribute": "unit", "operator": "EQUALS", "value": "Sales"}]}]},
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
            assigned: true,
        },
        &Env::default(),
    )
}

fn person(more: Value) -> Value {
    let mut person = json!({"userName": "kari@contoso.example", "unit": "Sales"});
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
        json!({"target": "phones", "direct": "handset", "kind": "strings"}),
        json!({"target": "copied", "direct": "emails"}),
        json!({"target": "share", "direct": "share"}),
        json!({"target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\")"}),
    ]);
    let emails = json!([{"value": "a@contoso.example", "type": "work"}]);
    let document =
        person(json!({"level": "7", "active": true, "handset": "1", "emails": emails, "share": 0.5}));
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
        "mappings": [{"target": "mail", "direct": "address"}, {"target": "number", "direct": "number"},
                     {"target": "none", "direct": "missing"}]
    }))
    .compile()
    .unwrap();
    let document = json!({"address": "k@contoso.example", "number": 7});
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
        (json!({"unit": "Legal"}), false),
        (json!({"unit": "Legal", "active": false}), false),
    ] {
        let evaluation = evaluate(&rule, &person(more)).unwrap();
        assert_eq!(evaluation.update["accountEnabled"], json!(on));
        assert_eq!(rule.wants_enabled(&evaluation), on);
    }
}

#[test]
fn out_of_scope_comes_with_the_reason() {
    let rule = people(Vec::new());
    let evaluation = evaluate(&rule, &person(json!({"unit": "Legal"}))).unwrap();
    assert!(!evaluation.in_scope);
    assert_eq!(
        evaluation.scope_reason,
        "scoping filter \"Sales\" needs unit EQUALS \"Sales\""
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
        assigned: true,
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
            assigned: true,
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
        assigned: true,
    };
    assert!(rule.evaluate_for(&source, &Env::default(), Need::Create).is_err());
    assert!(rule.evaluate_for(&source, &Env::default(), Need::Update).is_ok());
}

/// Each row: what is changed in a rule that is right, and the beginning of what is said about it.
#[test]
fn settings_that_contradict_each_other_are_refused() {
    let mapping =
        |mapping: Value| json!({"mappings": [{"target": "userName", "direct": "userName"}, mapping]});
    let leaver = |mapping: Value| json!({"leaver": [mapping]});
    for (change, said) in [
        (
            mapping(json!({"target": "a", "direct": "x", "null": "default_if_empty"})),
            "the default is to be written",
        ),
        (
            mapping(json!({"target": "a", "none": true, "null": "clear"})),
            "what is left alone is neither",
        ),
        (
            mapping(json!({"target": "a", "direct": "x", "null": "clear", "apply": "if_empty"})),
            "values are only added",
        ),
        (
            mapping(json!({"target": "a", "direct": "x", "null": "clear", "apply": "add_only"})),
            "values are only added",
        ),
        (
            mapping(json!({"target": "m", "none": true, "reference": true})),
            "a reference is never",
        ),
        (
            mapping(json!({"target": "active", "direct": "x", "apply": "if_empty"})),
            "whether an account may be used",
        ),
        (
            mapping(json!({"target": "active", "none": true, "default": true})),
            "whether an account may be used",
        ),
        (
            mapping(json!({"target": "a", "expression": "Guid()"})),
            "RandomString, Guid and SelectUniqueValue",
        ),
        (
            mapping(json!({"target": "a", "expression": "RandomString(8,1,1,1,1)", "apply": "if_empty"})),
            "RandomString, Guid",
        ),
        (
            json!({"mappings": [{"target": "userName", "expression": "Guid()", "apply": "on_create"}]}),
            "a matching attribute must have",
        ),
        (
            json!({"mappings": [{"target": "userName", "none": true}]}),
            "an attribute that is left alone",
        ),
        (
            leaver(json!({"target": "a", "none": true})),
            "this leaver mapping says nothing",
        ),
        (
            leaver(json!({"target": "a", "constant": "x", "apply": "on_create"})),
            "a leaver mapping is written once",
        ),
        (
            leaver(json!({"target": "active", "constant": false})),
            "the account of somebody who leaves",
        ),
        (
            json!({"leaver": [{"target": "a", "constant": "x"}, {"target": "A", "constant": "y"}]}),
            "two mappings have",
        ),
        (
            json!({"delete_after_days": 5, "actions": {"disable": false}}),
            "the grace period begins with a disable",
        ),
        (
            json!({"delete_after_days": 5, "object": "group"}),
            "groups cannot be disabled",
        ),
        (
            json!({"leaver": [{"target": "a", "constant": "x"}], "object": "group"}),
            "groups do not leave",
        ),
    ] {
        let mut right = json!({
            "name": "r", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
            "mappings": [{"target": "userName", "direct": "userName"}]
        });
        assert!(rule(right.clone()).compile().is_ok());
        right
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let Err(errors) = rule(right).compile() else {
            panic!("{change} was let through")
        };
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].message.starts_with(said),
            "{} is not {said}",
            errors[0].message
        );
        assert!(!errors[0].hint.is_empty());
    }
}

#[test]
fn values_that_nobody_may_see_are_known() {
    let rule = people(vec![
        json!({"target": "pin", "expression": "Left(Redact([x]), 4)"}),
        json!({"target": "passwordProfile.password", "constant": "x"}),
        json!({"target": "plain", "expression": "Left([x], 4)"}),
    ]);
    assert!(rule.is_sensitive("pin") && rule.is_sensitive("passwordProfile.password"));
    assert!(rule.is_sensitive("otherPassword"), "by its name alone");
    assert!(!rule.is_sensitive("plain") && !rule.is_sensitive("userName"));
}

#[test]
fn a_rule_tells_whether_it_needs_randomness() {
    let password =
        json!({"target": "p", "expression": "Redact(RandomString(12, 1, 1, 1, 1))", "apply": "on_create"});
    assert!(people(vec![password]).uses_random());
    assert!(!people(vec![json!({"target": "p", "constant": "RandomString"})]).uses_random());
}

/// A leaver mapping that fails is reported and must not keep the account open.
#[test]
fn leaver_mappings_stand_over_the_others_and_never_stop_a_disable() {
    let rule = rule(json!({
        "name": "r", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [
            {"target": "userName", "direct": "userName"}, {"target": "desk", "direct": "desk", "apply": "if_empty"},
            {"target": "manager", "direct": "boss", "reference": true}
        ],
        "leaver": [
            {"target": "desk", "constant": "none"}, {"target": "bad", "expression": "Error(\"no\")"},
            {"target": "manager", "none": true, "null": "clear", "reference": true}
        ]
    }))
    .compile()
    .unwrap();
    let evaluate = |active: bool, assigned: bool| {
        let document = json!({"userName": "kari", "desk": "7", "boss": "id-9", "active": active});
        let source = Source {
            kind: Kind::Person,
            id: "id-1",
            document: &document,
            assigned,
        };
        rule.evaluate(&source, &Env::default()).unwrap()
    };
    let here = evaluate(true, true);
    assert_eq!(here.update, record(json!({"userName": "kari", "desk": "7"})));
    assert_eq!(here.if_empty, ["desk"]);
    assert_eq!(here.references["manager"].as_deref(), Some("id-9"));
    assert!(here.problems.is_empty());
    for gone in [evaluate(false, true), evaluate(true, false)] {
        assert_eq!(gone.update, record(json!({"userName": "kari", "desk": "none"})));
        assert_eq!(gone.if_empty, Vec::<String>::new());
        assert_eq!(gone.references["manager"], None);
        assert_eq!(gone.problems.len(), 1);
        assert_eq!(gone.create["desk"], json!("7"), "nobody is created as a leaver");
    }
}

#[test]
fn new_settings_survive_the_way_to_json_and_back() {
    let shape = json!({
        "name": "r", "object": "person", "scope": {"filters": [{"name": "s", "scim": "title pr"}]},
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}],
        "actions": {"create": true, "update": true, "disable": true, "delete": true, "add_member": true,
                    "remove_member": true, "licence": false},
        "remove": "delete", "leaver": [{"target": "a", "constant": "x"}], "delete_after_days": 30,
        "approval": "removals", "vanished": "create_again", "removing": true, "enabled": false
    });
    assert_eq!(serde_json::to_value(rule(shape.clone())).unwrap(), shape);
}
