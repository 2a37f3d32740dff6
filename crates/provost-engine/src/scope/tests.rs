use serde_json::{Value as Json, json};

use super::*;
use crate::object::{Kind, Source};

fn clause(attribute: &str, operator: &str, value: Json) -> Json {
    json!({"attribute": attribute, "operator": operator, "value": value})
}

fn scope(filters: &[&[Json]]) -> Scope {
    let filters: Vec<Json> = filters
        .iter()
        .enumerate()
        .map(|(index, clauses)| json!({"name": format!("f{index}"), "clauses": clauses}))
        .collect();
    serde_json::from_value(json!({"filters": filters})).unwrap()
}

fn refusal(scope: &Scope) -> Result<Option<String>, ScopeFailure> {
    let document = json!({
        "title": "Head of Sales",
        "level": 15,
        "text": "abc",
        "number": "17",
        "active": true,
        "empty": "",
        "roles": [{"value": "lead"}, {"value": "buyer"}]
    });
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
    };
    CompiledScope::compile(scope).unwrap().refusal(&source)
}

fn holds(attribute: &str, operator: &str, value: Json) -> Result<bool, ScopeFailure> {
    refusal(&scope(&[&[clause(attribute, operator, value)]])).map(|reason| reason.is_none())
}

#[test]
fn every_operator_on_values_and_on_nothing() {
    let cases = [
        ("title", "EQUALS", json!("Head of Sales"), true),
        ("title", "EQUALS", json!("head of sales"), false),
        ("title", "equals", json!(["x", "Head of Sales"]), true),
        ("level", "EQUALS", json!(15), true),
        ("missing", "EQUALS", json!("x"), false),
        ("title", "NOT EQUALS", json!("x"), true),
        ("title", "NOT_EQUALS", json!("Head of Sales"), false),
        ("missing", "NOT EQUALS", json!("x"), false),
        ("active", "IS TRUE", Json::Null, true),
        ("active", "IS FALSE", Json::Null, false),
        ("missing", "IS FALSE", Json::Null, false),
        ("missing", "IS NULL", Json::Null, true),
        ("empty", "IS NULL", Json::Null, true),
        ("title", "IS NULL", Json::Null, false),
        ("title", "IS NOT NULL", Json::Null, true),
        ("empty", "IS NOT NULL", Json::Null, false),
        ("title", "REGEX MATCH", json!("of S"), true),
        ("title", "REGEX MATCH", json!("^of"), false),
        ("missing", "REGEX MATCH", json!(".*"), false),
        ("title", "NOT REGEX MATCH", json!("^of"), true),
        ("missing", "NOT REGEX MATCH", json!("^of"), false),
        ("level", "GREATER_THAN", json!(14), true),
        ("level", "Greater_Than", json!("15"), false),
        ("level", "GREATER_THAN_OR_EQUALS", json!(15), true),
        ("missing", "GREATER_THAN", json!(1), false),
        ("title", "INCLUDES", json!("of"), true),
        ("title", "Includes", json!("OF"), false),
        ("title", "ENDS_WITH", json!("Sales"), true),
        ("title", "ENDS WITH", json!("Head"), false),
        ("number", "&", json!("16"), true),
        ("number", "&", json!(8), false),
        ("text", "&", json!("xabcx"), true),
        ("text", "!&", json!("xabcx"), false),
        ("missing", "!&", json!("x"), false),
        ("roles", "EQUALS", json!("buyer"), true),
        ("roles", "NOT EQUALS", json!("buyer"), false),
        ("roles", "NOT EQUALS", json!("clerk"), true),
    ];
    for (attribute, operator, value, expected) in cases {
        assert_eq!(
            holds(attribute, operator, value.clone()),
            Ok(expected),
            "{attribute} {operator} {value}"
        );
    }
}

#[test]
fn clauses_are_joined_by_and_filters_by_or() {
    let yes = || clause("title", "INCLUDES", json!("Sales"));
    let no = || clause("title", "EQUALS", json!("CEO"));
    assert_eq!(refusal(&scope(&[])), Ok(None));
    assert_eq!(refusal(&scope(&[&[yes(), yes()]])), Ok(None));
    assert_eq!(refusal(&scope(&[&[yes(), no()], &[yes()]])), Ok(None));
    assert_eq!(
        refusal(&scope(&[&[yes(), no()], &[no()]])),
        Ok(Some(
            "scoping filter \"f0\" needs title EQUALS \"CEO\"; \
             scoping filter \"f1\" needs title EQUALS \"CEO\""
                .to_owned()
        ))
    );
}

#[test]
fn a_value_of_the_wrong_type_is_a_failure_and_no_verdict() {
    for (attribute, operator, value) in [
        ("title", "GREATER_THAN", json!(1)),
        ("title", "IS TRUE", Json::Null),
        ("title", "IS FALSE", Json::Null),
    ] {
        let failure = holds(attribute, operator, value).unwrap_err();
        assert!(
            failure.message.contains("scoping filter \"f0\", title"),
            "{}",
            failure.message
        );
        assert!(
            !failure.message.contains("Head of Sales"),
            "the person's value stays out of it"
        );
    }
}

#[test]
fn every_mistake_of_a_scope_is_reported() {
    let scope = scope(&[
        &[],
        &[
            clause("a[", "EQUALS", json!("x")),
            clause("a", "EQUALS", Json::Null),
            clause("a", "IS NULL", json!("x")),
            clause("a", "GREATER_THAN", json!("many")),
            clause("a", "REGEX MATCH", json!("(")),
            clause("IsSoftDeleted", "IS TRUE", Json::Null),
        ],
    ]);
    let Err(mistakes) = CompiledScope::compile(&scope) else {
        panic!("it is full of mistakes")
    };
    let expected = [
        "\"f0\" has no clause",
        "is not closed",
        "EQUALS needs a value",
        "IS NULL takes no value",
        "whole numbers only",
        "not valid",
        "cannot decide it",
    ];
    assert_eq!(mistakes.len(), expected.len(), "{mistakes:?}");
    for ((message, _), expected) in mistakes.iter().zip(expected) {
        assert!(
            message.contains(expected),
            "{message:?} does not say {expected:?}"
        );
    }
}

#[test]
fn unknown_operators_are_refused_with_the_list() {
    let scope = json!({"filters": [{"clauses": [{"attribute": "a", "operator": "ISMEMBEROF"}]}]});
    let error = serde_json::from_value::<Scope>(scope).unwrap_err().to_string();
    assert!(
        error.contains("\"ISMEMBEROF\" is no scoping operator; known are EQUALS"),
        "{error}"
    );
}

#[test]
fn operators_survive_the_way_to_json_and_back() {
    for operator in Operator::ALL {
        let json = serde_json::to_value(operator).unwrap();
        assert_eq!(serde_json::from_value::<Operator>(json).unwrap(), operator);
    }
}
