use serde_json::{Value, json};

use super::*;
use crate::mapping::{Mapping, ValueType};
use crate::matching::Matching;
use crate::object::Source;
use crate::rule::{Actions, Env, Need, Rule};
use crate::scope::Scope;

fn rule(object: Kind, remove: RemoveAction, delete: bool, mappings: Vec<Mapping>) -> Compiled {
    let matching = vec![Matching {
        target: mappings[0].target.clone(),
        precedence: 1,
    }];
    let actions = Actions {
        delete,
        ..Actions::default()
    };
    let name = "people".to_owned();
    let rule = Rule {
        name,
        object,
        scope: Scope::default(),
        matching,
        mappings,
        actions,
        remove,
    };
    rule.compile().expect("the rule is correct")
}

fn people(remove: RemoveAction, delete: bool) -> Compiled {
    rule(
        Kind::Person,
        remove,
        delete,
        vec![Mapping::direct("userName", "userName")],
    )
}

fn record(name: &str) -> Record {
    Record::from([("userName".to_owned(), json!(name))])
}

fn evaluation(in_scope: bool, active: bool) -> Evaluation {
    Evaluation {
        in_scope,
        active,
        enabled: in_scope && active,
        create: record("new"),
        update: record("new"),
        matching: vec![("userName".to_owned(), json!("new"))],
        ..Evaluation::default()
    }
}

fn known(name: &str, enabled: bool) -> Known {
    Known {
        written: record(name),
        enabled,
    }
}

/// A decision in short, with `*` where attribute changes go with it.
fn short(decision: &Decision) -> String {
    let (word, changes) = match decision {
        Decision::Nothing => ("-", None),
        Decision::Skip(_) => ("skip", None),
        Decision::Create => ("create", None),
        Decision::Update(changes) => ("update", Some(changes)),
        Decision::Disable(changes) => ("disable", Some(changes)),
        Decision::Restore(changes) => ("restore", Some(changes)),
        Decision::Delete => ("delete", None),
    };
    let star = changes.is_some_and(|changes| !changes.is_empty());
    format!("{word}{}", if star { "*" } else { "" })
}

/// The whole table for people. Columns: unlinked; linked and enabled, same and changed attributes;
/// linked and disabled, same and changed attributes.
#[test]
fn the_table_for_people() {
    use RemoveAction::{Delete, Disable, Leave};
    let states = [
        ("in, active", Some(evaluation(true, true))),
        ("in, inactive", Some(evaluation(true, false))),
        ("out, active", Some(evaluation(false, true))),
        ("out, inactive", Some(evaluation(false, false))),
        ("gone", None),
    ];
    let present = ["create", "-", "update*", "restore", "restore*"];
    let inactive = ["skip", "disable", "disable*", "-", "update*"];
    let disabled = ["skip", "disable", "disable*", "-", "-"];
    let deleted = ["skip", "delete", "delete", "delete", "delete"];
    let left = ["skip", "skip", "skip", "skip", "skip"];
    let purged = ["-", "delete", "delete", "delete", "delete"];
    let closed = ["-", "disable", "disable", "-", "-"];
    for (remove, delete, expected) in [
        (Disable, true, [present, inactive, disabled, disabled, purged]),
        (Disable, false, [present, inactive, disabled, disabled, closed]),
        (Delete, true, [present, inactive, deleted, deleted, purged]),
        (Delete, false, [present, inactive, disabled, disabled, closed]),
        (Leave, true, [present, inactive, left, left, purged]),
        (Leave, false, [present, inactive, left, left, closed]),
    ] {
        let rule = people(remove, delete);
        let columns = [
            None,
            Some(known("new", true)),
            Some(known("old", true)),
            Some(known("new", false)),
            Some(known("old", false)),
        ];
        for ((state, evaluation), expected) in states.iter().zip(expected) {
            let row = columns
                .each_ref()
                .map(|known| short(&decide(&rule, evaluation.as_ref(), known.as_ref())));
            assert_eq!(row, expected, "{remove:?}, delete allowed {delete}: {state}");
        }
    }
}

/// Groups are never disabled; whatever `enabled` says, it means nothing.
#[test]
fn the_table_for_groups() {
    let mappings = || vec![Mapping::direct("displayName", "displayName")];
    let evaluation = |in_scope| Evaluation {
        in_scope,
        active: true,
        enabled: in_scope,
        update: Record::from([("displayName".to_owned(), json!("new"))]),
        matching: vec![("displayName".to_owned(), json!("new"))],
        ..Evaluation::default()
    };
    for (remove, delete, out) in [
        (RemoveAction::Disable, true, "delete"),
        (RemoveAction::Disable, false, "delete"),
        (RemoveAction::Delete, true, "delete"),
        (RemoveAction::Delete, false, "delete"),
        (RemoveAction::Leave, true, "skip"),
        (RemoveAction::Leave, false, "skip"),
    ] {
        let rule = rule(Kind::Group, remove, delete, mappings());
        for enabled in [true, false] {
            let known = |name: &str| Known {
                written: Record::from([("displayName".to_owned(), json!(name))]),
                enabled,
            };
            let row = |evaluation: Option<&Evaluation>| {
                [None, Some(known("new")), Some(known("old"))]
                    .map(|known| short(&decide(&rule, evaluation, known.as_ref())))
            };
            assert_eq!(row(Some(&evaluation(true))), ["create", "-", "update*"]);
            assert_eq!(row(Some(&evaluation(false))), ["skip", out, out]);
            assert_eq!(row(None), ["-", "delete", "delete"]);
        }
    }
}

#[test]
fn reasons_for_leaving_an_unlinked_object_alone() {
    let rule = people(RemoveAction::Disable, true);
    let reason = |evaluation: &Evaluation| decide(&rule, Some(evaluation), None);
    assert_eq!(
        reason(&evaluation(false, false)),
        Decision::Skip(Reason::OutOfScope)
    );
    assert_eq!(reason(&evaluation(true, false)), Decision::Skip(Reason::Inactive));
    let nameless = Evaluation {
        matching: Vec::new(),
        ..evaluation(true, true)
    };
    assert_eq!(reason(&nameless), Decision::Skip(Reason::NoMatchingValue));
    let ignored = Evaluation {
        ignored: true,
        ..evaluation(false, false)
    };
    assert_eq!(reason(&ignored), Decision::Skip(Reason::Ignored));
    let linked = known("old", true);
    assert_eq!(
        decide(&rule, Some(&ignored), Some(&linked)),
        Decision::Skip(Reason::Ignored)
    );
    assert_eq!(Reason::Inactive.to_string(), "a disabled person is not created");
}

/// The guard counts a disable whichever way it comes about: a mapping alone can turn an account off.
#[test]
fn an_account_turned_off_by_a_mapping_is_a_disable() {
    for (attribute, kind, on, off) in [
        ("accountEnabled", None, json!(true), json!(false)),
        ("active", None, json!(true), json!(false)),
        ("active", Some(ValueType::String), json!("True"), json!("False")),
    ] {
        let mapping = Mapping::expression(attribute, r#"IIF([title]="Trainee", "False", "True")"#);
        let mappings = vec![
            Mapping::direct("userName", "userName"),
            Mapping { kind, ..mapping },
        ];
        let rule = rule(Kind::Person, RemoveAction::Disable, true, mappings);
        let evaluate = |title: &str| {
            let document = json!({"userName": "kari", "title": title});
            let source = Source {
                kind: Kind::Person,
                id: "1",
                document: &document,
            };
            rule.evaluate_for(&source, &Env::default(), Need::Update)
                .expect("the mappings are simple")
        };
        let known = |value: &Value| Known {
            written: Record::from([
                ("userName".into(), json!("kari")),
                (attribute.into(), value.clone()),
            ]),
            enabled: *value == on,
        };
        let change = |value: &Value| Record::from([(attribute.to_owned(), value.clone())]);
        let decide = |title: &str, known: Known| decide(&rule, Some(&evaluate(title)), Some(&known));
        assert_eq!(decide("Trainee", known(&on)), Decision::Disable(change(&off)));
        assert_eq!(decide("Trainee", known(&off)), Decision::Nothing);
        assert_eq!(decide("Clerk", known(&off)), Decision::Restore(change(&on)));
        assert_eq!(decide("Clerk", known(&on)), Decision::Nothing);
    }
}

#[test]
fn a_decision_knows_its_action() {
    let actions = [
        Decision::Nothing,
        Decision::Skip(Reason::Inactive),
        Decision::Create,
        Decision::Update(Record::new()),
        Decision::Disable(Record::new()),
        Decision::Restore(Record::new()),
        Decision::Delete,
    ]
    .map(|decision| decision.action());
    assert_eq!(
        actions,
        [
            None,
            None,
            Some(Action::Create),
            Some(Action::Update),
            Some(Action::Disable),
            Some(Action::Restore),
            Some(Action::Delete)
        ]
    );
}
