//! Carrying out what was decided leaves nothing to decide, whatever happened before; nothing is written
//! that is not the rule's business; and an object that cannot be evaluated is never removed.

use proptest::prelude::*;
use provost_engine::diff;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::plan::{Action, Decision, Reason};
use provost_engine::rule::Env;
use serde_json::{Value, json};

use crate::model::{Event, UNMANAGED, World, document, event, rule, rules};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases,
        ..ProptestConfig::default()
    }
}

/// The elements of a list; a single value is a list of one.
fn elements(record: &Record, attribute: &str) -> Vec<Value> {
    match record.get(attribute) {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    }
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn what_was_carried_out_is_not_decided_again(history in prop::collection::vec(event(), 1..10)) {
        for rule in rules() {
            let mut world = World::default();
            for event in &history {
                world.happens(event);
                let decision = world.look(&rule);
                if let Some(again) = world.decide(&rule) {
                    prop_assert_eq!(again.action(), None, "after {:?}: {:?}", decision, again);
                }
            }
        }
    }

    /// What is left after a conversation is what a new one would find: a second cycle over unchanged data
    /// has an empty plan, on any day but the one on which a grace period ends.
    #[test]
    fn a_second_cycle_is_empty(history in prop::collection::vec(event(), 1..10)) {
        for rule in rules() {
            let mut world = World::default();
            for event in &history {
                world.happens(event);
                world.look(&rule);
            }
            let before = world.clone();
            world.look(&rule);
            world.look(&rule);
            prop_assert_eq!(before, world);
        }
    }

    /// Unmanaged attributes, attributes that have a value already where only empty ones are filled, and
    /// elements of lists that only grow are never touched as long as the account exists.
    #[test]
    fn what_is_not_the_rules_business_stays(history in prop::collection::vec(event(), 1..12)) {
        for rule in rules() {
            let leaves = !rule.rule().leaver.is_empty();
            let mut world = World::default();
            for event in &history {
                world.happens(event);
                let before = world.account.clone();
                world.look(&rule);
                let (Some(before), Some(after)) = (before, &world.account) else { continue };
                prop_assert_eq!(before.get(UNMANAGED), after.get(UNMANAGED));
                for attribute in ["desk", "badge"] {
                    if before.contains_key(attribute) {
                        prop_assert_eq!(before.get(attribute), after.get(attribute));
                    }
                }
                if let Some(fax) = before.get("fax") {
                    prop_assert!(after.contains_key("fax"), "{} was removed", fax);
                }
                if !leaves {
                    let there = elements(after, "roles");
                    prop_assert!(elements(&before, "roles").iter().all(|role| there.contains(role)));
                }
            }
        }
    }

    /// The account of somebody who should not have one is never left usable, and the attribute that
    /// says so agrees with it.
    #[test]
    fn disabled_is_disabled(history in prop::collection::vec(event(), 1..10)) {
        let enabled = json!({"target": "active", "constant": true});
        let rule = rule("person", json!({}), Some(enabled));
        let mut world = World::default();
        for event in &history {
            world.happens(event);
            if world.look(&rule).is_none() {
                continue;
            }
            if let (Some((document, assigned)), Some(known)) = (&world.document, &world.known) {
                let source = Source { kind: Kind::Person, id: "1", document, assigned: *assigned };
                let present = rule.evaluate(&source, &Env::default()).unwrap().is_present();
                prop_assert_eq!(world.usable, present);
                prop_assert_eq!(known.written.get("active"), Some(&json!(present)));
            } else {
                prop_assert!(world.account.is_none() || !world.usable);
            }
        }
    }

    /// Leaving is one step and coming back is one step, however often somebody looks in between and
    /// whatever else changes meanwhile.
    #[test]
    fn one_deprovision_on_exit_and_one_restore_on_return(
        visits in prop::collection::vec((0_u8..4, 1_usize..4, document()), 1..12),
    ) {
        let rule = rule("person", json!({"leaver": [{"target": "title", "constant": "left"}]}), None);
        let mut world = World::default();
        let (mut exits, mut returns, mut inside) = (0, 0, false);
        for (why, looks, mut document) in visits {
            document["level"] = json!(1);
            document["active"] = json!(why != 1);
            document["rank"] = json!(if why == 2 { 1 } else { 3 });
            world.happens(&Event::Directory(Some((document, why != 3))));
            for _ in 0..looks {
                world.look(&rule);
            }
            let now_inside = why == 0;
            let created = world.known.is_some();
            exits += usize::from(inside && !now_inside);
            returns += usize::from(created && !inside && now_inside && world.log.len() > 1);
            inside = now_inside;
        }
        let count = |action| world.log.iter().filter(|done| **done == action).count();
        prop_assert_eq!(count(Action::Disable), exits);
        prop_assert_eq!(count(Action::Restore), returns);
        prop_assert!(count(Action::Create) <= 1 && count(Action::Delete) == 0);
    }

    /// With a grace period nobody is deleted before it is over, and nobody who came back is deleted.
    #[test]
    fn no_delete_before_the_grace_period_is_over(history in prop::collection::vec(event(), 1..14)) {
        let rule = rule("person", json!({"remove": "delete", "delete_after_days": 3}), None);
        let mut world = World::default();
        for event in &history {
            world.happens(event);
            let before = world.known.clone();
            let decision = world.look(&rule);
            if decision == Some(Decision::Delete) {
                let since = before.and_then(|known| known.disabled_since).expect("it was disabled first");
                prop_assert!(world.now >= since + 3 * crate::model::DAY);
            }
            if decision == Some(Decision::Skip(Reason::Waiting)) {
                let due = rule.due_again(&world.known.clone().unwrap(), world.now).expect("it ends");
                world.now = due;
                prop_assert_eq!(world.decide(&rule), Some(Decision::Delete));
            }
        }
    }

    /// An object whose scope cannot be told has no evaluation, hence no decision and no removal.
    #[test]
    fn scope_errors_never_yield_removals(mut document in document()) {
        document["rank"] = json!("broken");
        for rule in rules() {
            let source = Source { kind: rule.object(), id: "1", document: &document, assigned: true };
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
