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
        assigned: true,
    };
    CompiledScope::compile(scope, Kind::Person)
        .unwrap()
        .0
        .refusal(&source)
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
    let Err(mistakes) = CompiledScope::compile(&scope, Kind::Person) else {
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

#[test]
fn names_of_operators_are_read_in_any_spelling() {
    for (written, operator) in [
        ("equals", Operator::Equals),
        ("NOT_EQUALS", Operator::NotEquals),
        ("NotEquals", Operator::NotEquals),
        ("Is Not Null", Operator::IsNotNull),
        ("isNotNull", Operator::IsNotNull),
        ("REGEX_MATCH", Operator::RegexMatch),
        ("greater than or equals", Operator::GreaterThanOrEquals),
        ("EndsWith", Operator::EndsWith),
        (" & ", Operator::Within),
        ("!&", Operator::NotWithin),
    ] {
        assert_eq!(Operator::try_from(written.to_owned()), Ok(operator));
    }
    assert!(Operator::try_from("EQUAL".to_owned()).is_err());
}

/// `roles` has the values lead and buyer.
#[test]
fn several_values_count_as_the_clause_says() {
    let with = |operator: &str, value: &str, multivalued: Json| {
        let mut clause = clause("roles", operator, json!(value));
        clause["multivalued"] = multivalued;
        refusal(&scope(&[&[clause]])).unwrap().is_none()
    };
    for (operator, value, by_itself, any, all) in [
        ("EQUALS", "buyer", true, true, false),
        ("EQUALS", "clerk", false, false, false),
        ("NOT EQUALS", "buyer", false, true, false),
        ("NOT EQUALS", "clerk", true, true, true),
        ("INCLUDES", "e", true, true, true),
        ("REGEX MATCH", "^l", true, true, false),
        ("NOT REGEX MATCH", "^l", false, true, false),
        ("!&", "leader", false, true, false),
    ] {
        assert_eq!(with(operator, value, Json::Null), by_itself, "{operator} {value}");
        assert_eq!(with(operator, value, json!("any")), any, "any {operator} {value}");
        assert_eq!(with(operator, value, json!("all")), all, "all {operator} {value}");
    }
    let mut missing = clause("missing", "NOT EQUALS", json!("x"));
    missing["multivalued"] = json!("all");
    assert!(
        refusal(&scope(&[&[missing]])).unwrap().is_some(),
        "no value satisfies nothing"
    );
}

fn scim(filter: &str) -> Scope {
    serde_json::from_value(json!({"filters": [{"name": "s", "scim": filter}]})).unwrap()
}

#[test]
fn a_scim_filter_stands_in_for_clauses() {
    for (filter, lets_in) in [
        (r#"title co "sales""#, true),
        (r#"title eq "CEO" or active eq true"#, true),
        (r#"not (title pr)"#, false),
        (r#"roles[value eq "lead"]"#, true),
        (r#"roles eq "clerk""#, false),
        (r#"userName sw "k""#, false),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "IT""#,
            false,
        ),
    ] {
        assert_eq!(refusal(&scim(filter)).unwrap().is_none(), lets_in, "{filter}");
    }
    let reason = refusal(&scim(r#"TITLE eq "CEO""#)).unwrap().unwrap();
    assert_eq!(reason, r#"scoping filter "s" needs title eq "CEO""#);
}

#[test]
fn a_scim_filter_that_cannot_decide_is_refused() {
    let mistake = |scope: &Scope, object| CompiledScope::compile(scope, object).unwrap_err().remove(0).0;
    let people = |filter: &str| mistake(&scim(filter), Kind::Person);
    assert!(people("title eq").starts_with("scoping filter \"s\": "));
    let unknown = people("shoeSize eq 44");
    assert!(unknown.contains("shoeSize is not an attribute"), "{unknown}");
    for absent in ["id eq \"1\"", "meta.created pr", "groups.value eq \"g\""] {
        assert!(people(absent).contains("cannot decide who is meant"), "{absent}");
    }
    assert!(mistake(&scim("members pr"), Kind::Group).contains("members cannot decide"));
    let mut both = scim("title pr");
    both.filters[0].clauses = scope(&[&[clause("title", "IS NULL", Json::Null)]])
        .filters
        .remove(0)
        .clauses;
    assert!(mistake(&both, Kind::Person).contains("both clauses and a SCIM filter"));
}

#[test]
fn a_pattern_that_is_not_tied_down_is_worth_a_word() {
    for (pattern, warned) in [("^a$", false), ("a", true), ("^a", true), ("a$", true)] {
        let scope = scope(&[&[clause("title", "REGEX MATCH", json!(pattern))]]);
        let (_, warnings) = CompiledScope::compile(&scope, Kind::Person).unwrap();
        assert_eq!(warnings.len(), usize::from(warned), "{pattern}");
    }
}
