use super::*;
use crate::mapping::Mapping;
use crate::matching::Matching;
use crate::plan::{Decision, Known, decide};
use serde_json::json;

fn rule(kind: Kind) -> Rule {
    Rule {
        matching: vec![Matching {
            target: "userName".to_owned(),
            precedence: 1,
        }],
        mappings: vec![Mapping::direct("userName", "userName")],
        ..Rule::new("people", kind)
    }
}

/// What becomes of a person who was deleted in the directory.
fn gone(rule: &Rule) -> Decision {
    let known = Known {
        enabled: true,
        ..Known::default()
    };
    decide(&rule.compile().unwrap(), None, Some(&known), 0)
}

#[test]
fn settings_are_read_with_defaults_and_without_unknown_fields() {
    let allowed: Allowed =
        serde_json::from_value(json!({"create": false, "remove_action": "delete"})).unwrap();
    assert_eq!(
        allowed,
        Allowed {
            create: false,
            remove_action: Some(RemoveAction::Delete),
            ..Allowed::default()
        }
    );
    assert!(serde_json::from_value::<Allowed>(json!({"creat": false})).is_err());
    assert_eq!(
        serde_json::to_value(Allowed::default())
            .unwrap()
            .get("remove_action"),
        None
    );
}

#[test]
fn each_contradiction_is_told_with_what_to_do() {
    let good = [
        Allowed::default(),
        Allowed {
            deprovision: false,
            remove_action: Some(RemoveAction::Disable),
            ..Allowed::default()
        },
        Allowed {
            disable: false,
            remove_action: Some(RemoveAction::Delete),
            deprovision_on_rule_deletion: true,
            ..Allowed::default()
        },
    ];
    assert!(good.iter().all(|allowed| allowed.check().is_empty()));
    let bad = [
        (
            Allowed {
                deprovision: false,
                remove_action: Some(RemoveAction::Delete),
                ..Allowed::default()
            },
            "nobody would be deleted",
        ),
        (
            Allowed {
                disable: false,
                remove_action: Some(RemoveAction::Disable),
                ..Allowed::default()
            },
            "would keep a usable account",
        ),
        (
            Allowed {
                deprovision: false,
                deprovision_on_rule_deletion: true,
                ..Allowed::default()
            },
            "deleted rule",
        ),
    ];
    for (allowed, part) in bad {
        let told = allowed.check();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].code, "PRV-ACTIONS-CONTRADICT");
        assert!(told[0].sentence.contains(part) && told[0].hint.ends_with('.'));
    }
    let both = Allowed {
        deprovision: false,
        remove_action: Some(RemoveAction::Delete),
        deprovision_on_rule_deletion: true,
        ..Allowed::default()
    };
    assert_eq!(both.check().len(), 2, "all at once");
}

#[test]
fn the_remove_action_says_what_becomes_of_the_deleted_too() {
    let under = |action| {
        rule(Kind::Person).under(&Allowed {
            remove_action: action,
            ..Allowed::default()
        })
    };
    assert_eq!(gone(&under(None)), Decision::Delete);
    assert_eq!(gone(&under(Some(RemoveAction::Delete))), Decision::Delete);
    assert!(matches!(
        gone(&under(Some(RemoveAction::Disable))),
        Decision::Disable(_)
    ));
    assert_eq!(under(Some(RemoveAction::Delete)).remove, RemoveAction::Delete);
    let off = rule(Kind::Person).under(&Allowed {
        deprovision: false,
        ..Allowed::default()
    });
    assert_eq!(off.remove, RemoveAction::Leave);
    assert!(matches!(gone(&off), Decision::Disable(_)), "disabled is disabled");
}

#[test]
fn groups_are_not_meant_by_the_action_for_accounts() {
    let under = |action| {
        rule(Kind::Group).under(&Allowed {
            remove_action: Some(action),
            ..Allowed::default()
        })
    };
    assert_eq!(under(RemoveAction::Disable), rule(Kind::Group));
    assert_eq!(under(RemoveAction::Delete), rule(Kind::Group));
    assert_eq!(under(RemoveAction::Leave).remove, RemoveAction::Leave);
}

#[test]
fn a_grace_period_that_cannot_begin_is_no_delete_at_once() {
    let waiting = Rule {
        remove: RemoveAction::Delete,
        delete_after_days: Some(30),
        ..rule(Kind::Person)
    };
    let rule = waiting.under(&Allowed {
        disable: false,
        ..Allowed::default()
    });
    assert!(!rule.actions.delete);
    assert!(rule.compile().is_ok());
    assert_ne!(gone(&rule), Decision::Delete);
}
