//! Carrying out what was decided leaves nothing to decide, whatever happened before; and an object that
//! cannot be evaluated is never removed.

use proptest::prelude::*;
use provost_engine::diff;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::plan::{Decision, Known, decide};
use provost_engine::rule::{Compiled, Env, Evaluation, Need, Rule};
use serde_json::{Value, json};

fn rule(object: &str, remove: &str, enabled: Option<Value>) -> Compiled {
    let mut mappings = vec![
        json!({"target": "userName", "direct": "userName"}),
        json!({"target": "title", "direct": "title", "null": "clear"}),
        json!({"target": "city", "direct": "city", "default": "Oslo"}),
        json!({"target": "office", "direct": "office", "null": "default", "default": "HQ"}),
        json!({"target": "note", "direct": "note", "apply": "on_create"}),
        json!({"target": "level", "direct": "level", "kind": "integer"}),
    ];
    mappings.extend(enabled);
    let rule: Rule = serde_json::from_value(json!({
        "name": "r", "object": object, "remove": remove,
        "scope": {"filters": [{"clauses": [
            {"attribute": "rank", "operator": "GREATER_THAN", "value": 2}]}]},
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": mappings,
    }))
    .unwrap();
    rule.compile().unwrap()
}

/// One state of a directory object.
fn document() -> impl Strategy<Value = Value> {
    let text = || prop::option::of(prop::sample::select(vec!["", "a", "b"]));
    let rank = prop::sample::select(vec![json!(null), json!(1), json!(3), json!("broken")]);
    let level = prop::sample::select(vec![json!(null), json!(1), json!("2"), json!("broken")]);
    let active = prop::sample::select(vec![json!(null), json!(true), json!(false)]);
    (text(), text(), text(), text(), rank, level, active).prop_map(
        |(title, city, office, note, rank, level, active)| {
            let mut document = json!({
                "userName": "u", "title": title, "city": city, "office": office, "note": note,
                "rank": rank, "level": level, "active": active
            });
            if let Some(map) = document.as_object_mut() {
                map.retain(|_, value| !value.is_null());
            }
            document
        },
    )
}

/// What a target would do, and what the store would remember of it.
fn carry_out(
    rule: &Compiled,
    decision: &Decision,
    evaluation: Option<&Evaluation>,
    known: Option<Known>,
) -> Option<Known> {
    let write = |known: Option<Known>, changes: &Record, enabled: Option<bool>| {
        let mut known = known.expect("only linked objects are changed");
        diff::apply(&mut known.written, changes);
        known.enabled = enabled.unwrap_or(known.enabled);
        Some(known)
    };
    match decision {
        Decision::Nothing | Decision::Skip(_) => known,
        Decision::Create => {
            let evaluation = evaluation.expect("what is created was evaluated");
            let enabled = rule.wants_enabled(evaluation);
            Some(Known {
                written: evaluation.create.clone(),
                enabled,
            })
        }
        Decision::Update(changes) => write(known, changes, None),
        Decision::Disable(changes) => write(known, changes, Some(false)),
        Decision::Restore(changes) => write(known, changes, Some(true)),
        Decision::Delete => None,
    }
}

fn rules() -> Vec<Compiled> {
    let mut rules = Vec::new();
    for remove in ["disable", "delete", "leave"] {
        rules.push(rule("group", remove, None));
        for enabled in [
            None,
            Some(json!({"target": "active", "expression": "Not([IsSoftDeleted])"})),
            Some(json!({"target": "accountEnabled", "constant": true})),
            Some(
                json!({"target": "active", "expression": "IIF([title]=\"a\",\"False\",\"True\")", "kind": "string"}),
            ),
            Some(json!({"target": "active", "constant": false, "apply": "on_create"})),
        ] {
            rules.push(rule("person", remove, enabled));
        }
    }
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_was_carried_out_is_not_decided_again(
        history in prop::collection::vec(prop::option::weighted(0.9, document()), 1..8),
    ) {
        for rule in rules() {
            let mut known: Option<Known> = None;
            for document in &history {
                let evaluation = match document {
                    None => None,
                    Some(document) => {
                        let source = Source { kind: rule.object(), id: "1", document };
                        let need = if known.is_some() { Need::Update } else { Need::Both };
                        match rule.evaluate_for(&source, &Env::default(), need) {
                            Ok(evaluation) => Some(evaluation),
                            Err(_) => continue,
                        }
                    }
                };
                let decision = decide(&rule, evaluation.as_ref(), known.as_ref());
                known = carry_out(&rule, &decision, evaluation.as_ref(), known);
                let evaluation = document.as_ref().and_then(|document| {
                    let source = Source { kind: rule.object(), id: "1", document };
                    rule.evaluate(&source, &Env::default()).ok()
                });
                if document.is_some() && evaluation.is_none() {
                    continue;
                }
                let again = decide(&rule, evaluation.as_ref(), known.as_ref());
                prop_assert_eq!(again.action(), None, "after {:?}: {:?}", decision, again);
            }
        }
    }

    /// The account of somebody who should not have one is never left usable, and the attribute that
    /// says so agrees with it.
    #[test]
    fn disabled_is_disabled(history in prop::collection::vec(document(), 1..8)) {
        let enabled = json!({"target": "active", "constant": true});
        let rule = rule("person", "disable", Some(enabled));
        let mut known: Option<Known> = None;
        for document in &history {
            let source = Source { kind: Kind::Person, id: "1", document };
            let Ok(evaluation) = rule.evaluate(&source, &Env::default()) else { continue };
            let decision = decide(&rule, Some(&evaluation), known.as_ref());
            known = carry_out(&rule, &decision, Some(&evaluation), known);
            if let Some(known) = &known {
                let present = evaluation.in_scope && evaluation.active;
                prop_assert_eq!(known.enabled, present);
                prop_assert_eq!(known.written.get("active"), Some(&json!(present)));
            }
        }
    }

    /// An object whose scope cannot be told has no evaluation, hence no decision and no removal.
    #[test]
    fn scope_errors_never_yield_removals(mut document in document()) {
        document["rank"] = json!("broken");
        for rule in rules() {
            let source = Source { kind: rule.object(), id: "1", document: &document };
            let error = rule.evaluate(&source, &Env::default()).expect_err("the rank is no number");
            prop_assert_eq!(error.target, None);
        }
    }

    #[test]
    fn applied_changes_leave_no_difference(
        written in prop::collection::btree_map("[a-d]", values(), 0..5),
        wanted in prop::collection::btree_map("[a-d]", values(), 0..5),
    ) {
        let mut now = written;
        let changes = diff::changes(&now, &wanted);
        diff::apply(&mut now, &changes);
        prop_assert!(diff::changes(&now, &wanted).is_empty());
        prop_assert!(changes.keys().all(|attribute| wanted.contains_key(attribute)));
    }
}

fn values() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!("x"),
        json!("y"),
        json!(true),
        json!([1]),
        json!(1),
    ])
}
