//! A rule under a connection's settings does nothing that either forbids, and a rule that is being taken away
//! lets nobody in.

use proptest::prelude::*;
use provost_engine::object::{Kind, Source};
use provost_engine::plan::{Action, Decision, Plan, Step};
use provost_engine::policy::{self, Allowed};
use provost_engine::rule::{Actions, Compiled, Env, RemoveAction, Rule};

use crate::model::{DAY, World, event, rules};

fn allowed() -> impl Strategy<Value = Allowed> {
    let remove = prop::sample::select(vec![
        None,
        Some(RemoveAction::Disable),
        Some(RemoveAction::Delete),
        Some(RemoveAction::Leave),
    ]);
    (any::<[bool; 5]>(), remove).prop_map(
        |([create, update, disable, deprovision, on_deletion], remove_action)| Allowed {
            create,
            update,
            disable,
            deprovision,
            remove_action,
            deprovision_on_rule_deletion: on_deletion,
        },
    )
}

fn actions() -> impl Strategy<Value = Actions> {
    any::<[bool; 7]>().prop_map(
        |[
            create,
            update,
            disable,
            delete,
            add_member,
            remove_member,
            licence,
        ]| Actions {
            create,
            update,
            disable,
            delete,
            add_member,
            remove_member,
            licence,
        },
    )
}

/// Whether the connection's settings allow an action.
fn permits(allowed: &Allowed, action: Action) -> bool {
    match action {
        Action::Create => allowed.create,
        Action::Update | Action::Restore => allowed.update,
        Action::Disable => allowed.disable,
        Action::Delete => allowed.deprovision,
        _ => true,
    }
}

/// Whether the step that follows from a decision would be carried out.
fn goes_on(rule: &Compiled, decision: &Decision) -> bool {
    let Some(action) = decision.action() else {
        return false;
    };
    let mut plan = Plan::new();
    plan.push(Step::object(rule.object(), 1, action));
    !policy::filter(plan, &rule.rule().actions).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn under_never_widens(
        allowed in allowed(),
        actions in actions(),
        history in prop::collection::vec(event(), 1..10),
    ) {
        for whole in rules() {
            let mut rule: Rule = whole.rule().clone();
            rule.actions = actions;
            rule.actions.disable |= rule.delete_after_days.is_some();
            let narrow = rule.under(&allowed);
            prop_assert_eq!(rule.under(&Allowed::default()), rule.clone());
            prop_assert_eq!(narrow.under(&allowed), narrow.clone());
            for action in Action::ALL {
                if policy::allowed(&narrow.actions, action) {
                    prop_assert!(policy::allowed(&rule.actions, action) && permits(&allowed, action));
                }
            }
            let compiled = narrow.compile().expect("what was correct stays correct");
            let mut world = World::default();
            for event in &history {
                world.happens(event);
                // The world goes on as the whole rule says, so that the narrow one meets every state.
                let deletes = world.decide(&compiled).filter(|decision| goes_on(&compiled, decision));
                if deletes == Some(Decision::Delete) {
                    let is_person = rule.object == Kind::Person;
                    prop_assert!(allowed.deprovision && rule.actions.delete);
                    prop_assert!(!is_person || matches!(allowed.remove_action, None | Some(RemoveAction::Delete)));
                    if let (true, Some(days)) = (is_person, rule.delete_after_days) {
                        let since = world.known.as_ref().and_then(|known| known.disabled_since);
                        prop_assert!(since.is_some_and(|since| world.now >= since + i64::from(days) * DAY));
                    }
                }
                world.look(&whole);
            }
        }
    }

    #[test]
    fn a_rule_that_is_taken_away_lets_nobody_in(
        history in prop::collection::vec(event(), 1..8),
        after in prop::collection::vec(event(), 1..6),
        enabled in any::<bool>(),
    ) {
        for whole in rules() {
            let mut rule = whole.rule().clone();
            rule.removing = true;
            rule.enabled = enabled;
            let leaving = rule.compile().unwrap();
            let mut world = World::default();
            for event in &history {
                world.happens(event);
                world.look(&whole);
            }
            for event in &after {
                world.happens(event);
                if let Some((document, assigned)) = &world.document {
                    let source = Source { kind: rule.object, id: "1", document, assigned: *assigned };
                    prop_assert_eq!(leaving.admits(&source), Ok(false));
                    let evaluation = leaving.evaluate(&source, &Env::default()).expect("nobody's verdict is needed");
                    prop_assert!(!evaluation.in_scope && !evaluation.enabled);
                }
                let decision = world.look(&leaving).expect("nobody's verdict is needed");
                prop_assert!(
                    !matches!(decision, Decision::Create | Decision::Update(_) | Decision::Restore(_)),
                    "{:?}", decision
                );
                if rule.remove != RemoveAction::Leave && rule.object == Kind::Person {
                    prop_assert!(!world.usable || world.account.is_none());
                }
            }
        }
    }
}
