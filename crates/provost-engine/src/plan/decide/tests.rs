use serde_json::{Value, json};

use super::*;
use crate::mapping::{Mapping, ValueType};
use crate::matching::Matching;
use crate::object::Source;
use crate::rule::{Actions, Env, Need, Rule};

fn rule(object: Kind, remove: RemoveAction, delete: bool, mappings: Vec<Mapping>) -> Compiled {
    let matching = vec![Matching {
        target: mappings[0].target.clone(),
        precedence: 1,
    }];
    let actions = Actions {
        delete,
        ..Actions::default()
    };
    let rule = Rule {
        matching,
        mappings,
        actions,
        remove,
        ..Rule::new("people", object)
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
        assigned: true,
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
        disabled_since: None,
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
                .map(|known| short(&decide(&rule, evaluation.as_ref(), known.as_ref(), 0)));
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
                disabled_since: None,
                written: Record::from([("displayName".to_owned(), json!(name))]),
                enabled,
            };
            let row = |evaluation: Option<&Evaluation>| {
                [None, Some(known("new")), Some(known("old"))]
                    .map(|known| short(&decide(&rule, evaluation, known.as_ref(), 0)))
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
    let reason = |evaluation: &Evaluation| decide(&rule, Some(evaluation), None, 0);
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
        decide(&rule, Some(&ignored), Some(&linked), 0),
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
                assigned: true,
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
            disabled_since: None,
        };
        let change = |value: &Value| Record::from([(attribute.to_owned(), value.clone())]);
        let decide = |title: &str, known: Known| decide(&rule, Some(&evaluate(title)), Some(&known), 0);
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

fn changed(rule: Rule) -> Compiled {
    rule.compile().expect("the rule is correct")
}

fn people_rule() -> Rule {
    Rule {
        matching: vec![Matching {
            target: "userName".to_owned(),
            precedence: 1,
        }],
        mappings: vec![Mapping::direct("userName", "userName")],
        ..Rule::new("people", Kind::Person)
    }
}

const DAY: i64 = 86_400_000;

#[test]
fn a_rule_that_is_off_decides_nothing() {
    let off = changed(Rule {
        enabled: false,
        ..people_rule()
    });
    for evaluation in [None, Some(evaluation(true, true)), Some(evaluation(false, false))] {
        for known in [None, Some(known("old", true))] {
            let decision = decide(&off, evaluation.as_ref(), known.as_ref(), 0);
            assert_eq!(decision, Decision::Skip(Reason::RuleOff));
        }
    }
}

#[test]
fn a_rule_that_is_taken_away_lets_everybody_leave() {
    let document = json!({"userName": "new"});
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
        assigned: true,
    };
    for (remove, enabled, skips) in [
        (RemoveAction::Disable, true, false),
        (RemoveAction::Disable, false, true),
        (RemoveAction::Delete, true, true),
        (RemoveAction::Leave, true, false),
    ] {
        let rule = changed(Rule {
            removing: true,
            remove,
            enabled,
            ..people_rule()
        });
        let rule = rule.skipping_out_of_scope(skips);
        assert!(!rule.admits(&source).unwrap());
        let evaluation = rule.evaluate(&source, &Env::default()).unwrap();
        assert_eq!(evaluation.scope_reason, "the rule is being taken away");
        assert!(!evaluation.in_scope && !evaluation.enabled);
        let decide = |known: Option<&Known>| decide(&rule, Some(&evaluation), known, 0);
        assert_eq!(decide(None), Decision::Skip(Reason::OutOfScope));
        let linked = known("old", true);
        match remove {
            RemoveAction::Disable => assert!(matches!(decide(Some(&linked)), Decision::Disable(_))),
            RemoveAction::Delete => assert_eq!(decide(Some(&linked)), Decision::Delete),
            RemoveAction::Leave => assert_eq!(decide(Some(&linked)), Decision::Skip(Reason::OutOfScope)),
        }
    }
}

/// "Update not allowed" neither keeps an account open nor lets other changes slip in with its disable.
#[test]
fn a_disable_without_updates_writes_what_leaving_writes() {
    let rule = |update| {
        changed(Rule {
            mappings: vec![
                Mapping::direct("userName", "userName"),
                Mapping::expression("accountEnabled", "Not([IsSoftDeleted])"),
                Mapping::constant("office", "Oslo"),
            ],
            leaver: vec![Mapping::constant("office", "left")],
            actions: Actions {
                update,
                ..Actions::default()
            },
            ..people_rule()
        })
    };
    for (document, assigned) in [
        (json!({"userName": "new", "active": false}), true),
        (json!({"userName": "new"}), false),
    ] {
        let source = Source {
            kind: Kind::Person,
            id: "1",
            document: &document,
            assigned,
        };
        let written = |update| {
            let rule = rule(update);
            let evaluation = rule.evaluate(&source, &Env::default()).unwrap();
            match decide(&rule, Some(&evaluation), Some(&known("old", true)), 0) {
                Decision::Disable(changes) => changes.into_keys().collect::<Vec<_>>(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(written(true), ["accountEnabled", "office", "userName"]);
        assert_eq!(written(false), ["accountEnabled", "office"]);
    }
}

#[test]
fn whoever_is_not_assigned_is_told_apart_from_whoever_is_filtered_out() {
    let rule = changed(people_rule());
    let document = json!({"userName": "new"});
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
        assigned: false,
    };
    let evaluation = rule
        .evaluate(&source, &Env::default())
        .expect("the mappings are simple");
    assert_eq!(evaluation.scope_reason, "it is not assigned to the connection");
    assert_eq!(
        decide(&rule, Some(&evaluation), None, 0),
        Decision::Skip(Reason::NotAssigned)
    );
    let linked = known("new", true);
    assert_eq!(
        decide(&rule, Some(&evaluation), Some(&linked), 0),
        Decision::Disable(Record::new())
    );
    let lenient = rule.skipping_out_of_scope(true);
    assert_eq!(
        decide(&lenient, Some(&evaluation), Some(&linked), 0),
        Decision::Skip(Reason::NotAssigned)
    );
    assert_eq!(
        decide(&lenient, None, Some(&linked), 0),
        Decision::Delete,
        "who is gone is gone"
    );
}

#[test]
fn a_grace_period_disables_first_and_deletes_when_it_is_over() {
    let left = evaluation(false, true);
    for remove in [RemoveAction::Delete, RemoveAction::Disable] {
        let rule = changed(Rule {
            remove,
            delete_after_days: Some(30),
            ..people_rule()
        });
        let since = |disabled_since| Known {
            disabled_since,
            ..known("new", false)
        };
        let who = [
            // Out of scope, only where that means a delete.
            Some(&left).filter(|_| remove == RemoveAction::Delete),
            // Deleted in the directory.
            None,
        ];
        for evaluation in who {
            let decide = |known: &Known, now| decide(&rule, evaluation, Some(known), now);
            let fresh = decide(&known("new", true), 7);
            assert_eq!(fresh.action(), Some(Action::Disable));
            assert_eq!(
                decide(&since(Some(7)), 7 + 30 * DAY - 1),
                Decision::Skip(Reason::Waiting)
            );
            assert_eq!(decide(&since(Some(7)), 7 + 30 * DAY), Decision::Delete);
            let unknown = decide(&since(None), 99 * DAY);
            assert_eq!(unknown.action(), Some(Action::Disable), "the period begins now");
        }
        assert_eq!(rule.due_again(&since(Some(7)), 8), Some(7 + 30 * DAY));
        assert_eq!(rule.due_again(&since(Some(7)), 7 + 30 * DAY), None, "it is over");
        assert_eq!(
            rule.due_again(&known("new", true), 8),
            None,
            "nothing is waited for"
        );
    }
    let without = changed(people_rule());
    assert_eq!(
        decide(&without, None, Some(&known("new", true)), 0),
        Decision::Delete
    );
}

#[test]
fn somebody_who_came_back_in_time_is_restored() {
    let rule = changed(Rule {
        remove: RemoveAction::Delete,
        delete_after_days: Some(1),
        ..people_rule()
    });
    let known = Known {
        disabled_since: Some(0),
        ..known("new", false)
    };
    let back = evaluation(true, true);
    assert_eq!(
        decide(&rule, Some(&back), Some(&known), 99 * DAY),
        Decision::Restore(Record::new())
    );
}

#[test]
fn leavers_get_their_last_values_with_the_disable() {
    let mappings = |json: Value| serde_json::from_value::<Vec<Mapping>>(json).expect("they are mappings");
    let rule = changed(Rule {
        leaver: mappings(json!([
            {"target": "title", "constant": "left"},
            {"target": "office", "none": true, "null": "clear"},
            {"target": "note", "direct": "nickName"}
        ])),
        actions: Actions {
            delete: false,
            ..Actions::default()
        },
        mappings: mappings(json!([
            {"target": "userName", "direct": "userName"}, {"target": "title", "direct": "title"},
            {"target": "office", "direct": "desk"}
        ])),
        ..people_rule()
    });
    let evaluate = |active: bool| {
        let document =
            json!({"userName": "new", "title": "Buyer", "desk": "1", "nickName": "K", "active": active});
        let source = Source {
            kind: Kind::Person,
            id: "1",
            document: &document,
            assigned: true,
        };
        rule.evaluate_for(&source, &Env::default(), Need::Update)
            .expect("the mappings are simple")
    };
    let written = evaluate(true).update;
    assert_eq!(written.get("note"), None, "nobody who is present gets them");
    let known = Known {
        written,
        enabled: true,
        disabled_since: None,
    };
    let all: Record =
        serde_json::from_value(json!({"title": "left", "office": null, "note": "K"})).expect("a record");
    assert_eq!(
        decide(&rule, Some(&evaluate(false)), Some(&known), 0),
        Decision::Disable(all.clone())
    );
    // Somebody who is gone has no document: what needs none is written.
    let mut constants = all;
    constants.remove("note");
    assert_eq!(decide(&rule, None, Some(&known), 0), Decision::Disable(constants));
}

#[test]
fn resent_values_go_along_but_never_alone() {
    let rule = changed(Rule {
        mappings: vec![
            Mapping::direct("userName", "userName"),
            Mapping {
                resend: true,
                ..Mapping::direct("stamp", "title")
            },
        ],
        ..people_rule()
    });
    let evaluate = |name: &str| {
        let document = json!({"userName": name, "title": "Buyer"});
        let source = Source {
            kind: Kind::Person,
            id: "1",
            document: &document,
            assigned: true,
        };
        rule.evaluate(&source, &Env::default())
            .expect("the mappings are simple")
    };
    let known = Known {
        written: evaluate("a").update,
        enabled: true,
        disabled_since: None,
    };
    assert_eq!(
        decide(&rule, Some(&evaluate("a")), Some(&known), 0),
        Decision::Nothing
    );
    assert_eq!(
        decide(&rule, Some(&evaluate("b")), Some(&known), 0),
        Decision::Update(Record::from([
            ("stamp".to_owned(), json!("Buyer")),
            ("userName".to_owned(), json!("b"))
        ]))
    );
    let resent = rule.resent(&evaluate("a"));
    assert_eq!(resent, Record::from([("stamp".to_owned(), json!("Buyer"))]));
}
