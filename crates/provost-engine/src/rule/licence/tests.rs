use serde_json::{Value, json};

use crate::object::{Kind, Source};
use crate::plan::{Decision, Known, decide};
use crate::rule::{Compiled, Env, Evaluation, LICENCES, MapError, Need, Rule, is_licences};

/// A rule for people with this mapping to licences and these leaver mappings.
fn rule(mapping: Value, leaver: Value) -> Result<Compiled, String> {
    let rule: Rule = serde_json::from_value(json!({
        "name": "people", "object": "person",
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}, mapping],
        "leaver": leaver,
    }))
    .unwrap();
    rule.compile().map_err(|errors| {
        errors
            .iter()
            .map(|e| e.message.clone())
            .collect::<Vec<_>>()
            .join("; ")
    })
}

fn mapped(mut mapping: Value) -> Compiled {
    mapping["target"] = json!(LICENCES);
    rule(mapping, json!([])).unwrap()
}

fn look(rule: &Compiled, document: &Value, need: Need) -> Result<Evaluation, MapError> {
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document,
        assigned: true,
    };
    rule.evaluate_for(&source, &Env::default(), need)
}

fn licences(rule: &Compiled, document: &Value) -> Option<Vec<String>> {
    let found = [Need::Both, Need::Create, Need::Update].map(|need| look(rule, document, need).unwrap());
    for evaluation in &found {
        assert_eq!(
            evaluation.licences, found[0].licences,
            "whatever it is needed for"
        );
        let records = [&evaluation.create, &evaluation.update];
        assert!(
            records
                .iter()
                .all(|record| !record.keys().any(|key| is_licences(key)))
        );
    }
    found[0].licences.clone()
}

#[test]
fn a_text_or_a_list_of_texts_names_products() {
    let direct = mapped(json!({"direct": "products"}));
    assert!(direct.maps_licences());
    assert!(direct.targets().all(|target| target != LICENCES));
    let cases = [
        (json!("E3"), vec!["E3"]),
        (json!(" E3 -TEAMS1 "), vec!["E3 -TEAMS1"]),
        (
            json!(["E3 -TEAMS1", "VISIO", "E3 -TEAMS1"]),
            vec!["E3 -TEAMS1", "VISIO"],
        ),
        (json!([]), vec![]),
        (json!(""), vec![]),
        (json!(null), vec![]),
    ];
    for (value, names) in cases {
        let document = json!({"userName": "ann", "products": value});
        assert_eq!(
            licences(&direct, &document),
            Some(names.iter().map(|n| (*n).to_owned()).collect())
        );
    }
    let absent = json!({"userName": "ann"});
    assert_eq!(licences(&direct, &absent), Some(vec![]), "mapped and cleared");
    let constant = mapped(json!({"constant": ["E3", "VISIO"]}));
    assert_eq!(
        licences(&constant, &absent),
        Some(vec!["E3".to_owned(), "VISIO".to_owned()])
    );
    let computed = mapped(json!({"expression": r#"IIF([title] = "Boss", "E5", "E3")"#}));
    assert_eq!(licences(&computed, &absent), Some(vec!["E3".to_owned()]));
    let default = mapped(json!({"direct": "products", "default": "F1"}));
    assert_eq!(licences(&default, &absent), Some(vec!["F1".to_owned()]));
}

#[test]
fn without_a_mapping_or_with_ignore_nothing_is_said() {
    let person = json!({"userName": "ann"});
    let without = rule(json!({"target": "title", "direct": "title"}), json!([])).unwrap();
    assert!(!without.maps_licences());
    assert_eq!(licences(&without, &person), None);
    let ignoring = mapped(json!({"expression": r#"IIF([title] = "Boss", "E5", IgnoreAttributeFlow)"#}));
    assert!(ignoring.maps_licences());
    assert_eq!(licences(&ignoring, &person), None);
    let whole = mapped(json!({"expression": "IgnoreObjectFlow"}));
    assert!(look(&whole, &person, Need::Both).unwrap().ignored);
}

#[test]
fn what_fails_takes_no_licence() {
    let failing = mapped(json!({"expression": "Left([userName], [title])"}));
    let person = json!({"userName": "ann", "title": "no number"});
    assert_eq!(
        look(&failing, &person, Need::Update)
            .unwrap_err()
            .target
            .as_deref(),
        Some(LICENCES)
    );
    let leaver = json!({"userName": "ann", "title": "no number", "active": false});
    let evaluation = look(&failing, &leaver, Need::Update).unwrap();
    assert_eq!((evaluation.licences, evaluation.problems.len()), (None, 1));
}

#[test]
fn leaver_mappings_stand_over_the_others_and_are_no_attributes_either() {
    let mapping = json!({"target": LICENCES, "constant": "E3"});
    let clearing = rule(
        mapping.clone(),
        json!([{"target": LICENCES, "none": true, "null": "clear"}, {"target": "title", "constant": "left"}]),
    )
    .unwrap();
    let here = json!({"userName": "ann"});
    let left = json!({"userName": "ann", "active": false});
    assert_eq!(licences(&clearing, &here), Some(vec!["E3".to_owned()]));
    let evaluation = look(&clearing, &left, Need::Update).unwrap();
    assert_eq!(evaluation.licences, Some(vec![]));
    assert_eq!(clearing.leaver_licences(), Some(vec![]));
    let known = Known {
        enabled: true,
        ..Known::default()
    };
    for evaluation in [Some(&evaluation), None] {
        let mut rule = clearing.rule().clone();
        rule.actions.delete = false;
        let Decision::Disable(changes) = decide(&rule.compile().unwrap(), evaluation, Some(&known), 0) else {
            panic!("who leaves is disabled")
        };
        assert_eq!(changes.get("title"), Some(&json!("left")));
        assert!(!changes.contains_key(LICENCES));
    }
    let kept = rule(mapping.clone(), json!([{"target": LICENCES, "constant": "F1"}])).unwrap();
    assert_eq!(
        look(&kept, &left, Need::Update).unwrap().licences,
        Some(vec!["F1".to_owned()])
    );
    assert_eq!(kept.leaver_licences(), Some(vec!["F1".to_owned()]));
    let asked = rule(
        mapping,
        json!([{"target": LICENCES, "expression": "IgnoreAttributeFlow"}]),
    )
    .unwrap();
    assert_eq!(
        look(&asked, &left, Need::Update).unwrap().licences,
        Some(vec!["E3".to_owned()])
    );
    assert_eq!(asked.leaver_licences(), None);
}

#[test]
fn the_name_counts_in_any_letter_case_and_once() {
    let other = rule(json!({"target": "AssignedLicenses", "constant": "E3"}), json!([])).unwrap();
    assert_eq!(
        licences(&other, &json!({"userName": "ann"})),
        Some(vec!["E3".to_owned()])
    );
}

#[test]
fn settings_that_mean_nothing_for_licences_are_refused() {
    let wrong = [
        json!({"constant": "E3", "apply": "on_create"}),
        json!({"constant": "E3", "apply": "add_only"}),
        json!({"constant": "E3", "resend": true}),
        json!({"direct": "level", "kind": "integer"}),
        json!({"direct": "level", "null": "default_if_empty", "default": "E3"}),
        json!({"none": true, "default": "E3"}),
    ];
    for mut mapping in wrong {
        mapping["target"] = json!(LICENCES);
        let message = rule(mapping.clone(), json!([])).unwrap_err();
        assert!(
            message.contains("licences are a list of products"),
            "{mapping}: {message}"
        );
    }
    let group: Rule = serde_json::from_value(json!({
        "name": "groups", "object": "group",
        "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [{"target": "displayName", "direct": "displayName"}, {"target": LICENCES, "constant": "E3"}],
    }))
    .unwrap();
    assert_eq!(
        group.compile().unwrap_err()[0].message,
        "licences are mapped for people"
    );
    let mut matching = mapped(json!({"direct": "products"})).rule().clone();
    matching.matching[0].target = LICENCES.to_owned();
    assert_eq!(
        matching.compile().unwrap_err()[0].message,
        "licences do not tell accounts apart"
    );
}
