use super::*;
use crate::object::Kind;

fn plan(steps: &[(Kind, Action, i64)]) -> Plan {
    let mut plan = Plan::new();
    let mut key = 0;
    for (kind, action, count) in steps {
        for _ in 0..*count {
            key += 1;
            plan.push(Step::object(*kind, key, *action));
        }
    }
    plan
}

fn held(verdict: &Verdict) -> Option<(u64, u64)> {
    match verdict {
        Verdict::Proceed => None,
        Verdict::Held { removals, limit, .. } => Some((*removals, *limit)),
    }
}

fn verdict(removals: i64, baseline: Baseline) -> Option<(u64, u64)> {
    let plan = plan(&[(Kind::Person, Action::Disable, removals)]);
    held(&judge(&Guard::default(), &plan.counts, &baseline))
}

#[test]
fn a_cycle_may_remove_the_larger_of_five_and_two_percent() {
    let linked = |in_scope| Baseline {
        in_scope,
        ..Baseline::default()
    };
    assert_eq!(verdict(5, linked(10)), None);
    assert_eq!(verdict(6, linked(10)), Some((6, 5)));
    assert_eq!(verdict(20, linked(1_000)), None);
    assert_eq!(verdict(21, linked(1_000)), Some((21, 20)));
    assert_eq!(verdict(6, linked(0)), Some((6, 5)));
}

#[test]
fn small_batches_trip_over_twenty_four_hours() {
    let day = |removed_last_24h| Baseline {
        in_scope: 1_000,
        removed_last_24h,
        ..Baseline::default()
    };
    assert_eq!(verdict(20, day(30)), None);
    assert_eq!(verdict(20, day(31)), Some((51, 50)));
    assert_eq!(
        verdict(0, day(5_000)),
        None,
        "a cycle without removals is not held"
    );
}

#[test]
fn deletes_and_disables_of_people_and_groups_count_together() {
    let plan = plan(&[
        (Kind::Person, Action::Disable, 2),
        (Kind::Person, Action::Delete, 2),
        (Kind::Group, Action::Delete, 2),
        (Kind::Person, Action::Create, 500),
        (Kind::Person, Action::Update, 500),
        (Kind::Person, Action::Restore, 500),
    ]);
    let baseline = Baseline {
        in_scope: 200,
        ..Baseline::default()
    };
    let verdict = judge(&Guard::default(), &plan.counts, &baseline);
    assert_eq!(
        verdict,
        Verdict::Held {
            removals: 6,
            limit: 5,
            sentence: "This cycle would delete or disable 6 of 200 linked people and groups; at most \
                       5 are let through without a person's decision."
                .to_owned(),
        }
    );
}

#[test]
fn memberships_are_weighed_by_themselves() {
    let mut plan = Plan::new();
    for member in 1..=30 {
        plan.push(Step::membership(7, member, Action::RemoveMember));
    }
    let guard = Guard::default();
    let baseline = |memberships, members_removed_last_24h| Baseline {
        in_scope: 10,
        memberships,
        members_removed_last_24h,
        ..Baseline::default()
    };
    assert_eq!(held(&judge(&guard, &plan.counts, &baseline(1_500, 0))), None);
    assert_eq!(
        held(&judge(&guard, &plan.counts, &baseline(1_499, 0))),
        Some((30, 29))
    );
    assert_eq!(held(&judge(&guard, &plan.counts, &baseline(1_500, 45))), None);
    assert_eq!(
        held(&judge(&guard, &plan.counts, &baseline(1_500, 46))),
        Some((76, 75))
    );
}

#[test]
fn emptying_a_group_of_ten_is_held_unless_it_is_allowed() {
    let mut plan = plan(&[(Kind::Group, Action::Delete, 1)]);
    plan.note_emptied_group(10);
    let baseline = Baseline {
        in_scope: 100_000,
        ..Baseline::default()
    };
    assert_eq!(
        held(&judge(&Guard::default(), &plan.counts, &baseline)),
        Some((1, 0))
    );
    let lenient = Guard {
        may_empty_groups: true,
        ..Guard::default()
    };
    assert_eq!(judge(&lenient, &plan.counts, &baseline), Verdict::Proceed);
}

#[test]
fn a_guard_that_is_off_lets_everything_through() {
    let plan = plan(&[(Kind::Person, Action::Delete, 100)]);
    let guard = Guard {
        enabled: false,
        ..Guard::default()
    };
    assert_eq!(
        judge(&guard, &plan.counts, &Baseline::default()),
        Verdict::Proceed
    );
}

#[test]
fn odd_percentages_never_lower_the_minimum() {
    let plan = plan(&[(Kind::Person, Action::Delete, 5)]);
    for percent in [-1.0, 0.0] {
        let guard = Guard {
            percent,
            per_day_percent: percent,
            ..Guard::default()
        };
        let baseline = Baseline {
            in_scope: 1_000,
            ..Baseline::default()
        };
        assert_eq!(judge(&guard, &plan.counts, &baseline), Verdict::Proceed);
    }
}

#[test]
fn filter_drops_what_is_not_allowed_and_says_so() {
    let plan = plan(&[
        (Kind::Person, Action::Create, 1),
        (Kind::Person, Action::Update, 2),
        (Kind::Person, Action::Delete, 3),
    ]);
    let actions = Actions {
        delete: false,
        create: false,
        ..Actions::default()
    };
    let filtered = filter(plan.clone(), &actions);
    assert_eq!(filtered.steps.len(), 3, "an unlinked object is still matched");
    assert_eq!(filtered.counts.of(Action::Delete), 0);
    assert_eq!(filtered.dropped.len(), 3);
    assert!(filtered.dropped.iter().all(|d| d.why == Why::NotAllowed));
    assert_ne!(filtered.digest(), plan.digest());

    let neither = filter(
        plan,
        &Actions {
            update: false,
            create: false,
            ..Actions::default()
        },
    );
    assert_eq!(neither.counts.total(), 3);
    assert_eq!(neither.counts.of(Action::Delete), 3);
}

#[test]
fn every_action_has_its_own_permission_and_restore_goes_with_update() {
    let none = Actions {
        create: false,
        update: false,
        disable: false,
        delete: false,
        add_member: false,
        remove_member: false,
    };
    let cases = [
        (Action::Create, Actions { create: true, ..none }),
        (Action::Update, Actions { update: true, ..none }),
        (Action::Restore, Actions { update: true, ..none }),
        (
            Action::Disable,
            Actions {
                disable: true,
                ..none
            },
        ),
        (Action::Delete, Actions { delete: true, ..none }),
        (
            Action::AddMember,
            Actions {
                add_member: true,
                ..none
            },
        ),
        (
            Action::RemoveMember,
            Actions {
                remove_member: true,
                ..none
            },
        ),
    ];
    for (action, only) in cases {
        assert!(allowed(&only, action));
        assert!(!allowed(&none, action));
        assert!(allowed(&Actions::default(), action));
    }
}

#[test]
fn hold_stages_removals_and_keeps_the_rest() {
    let mut plan = plan(&[
        (Kind::Person, Action::Create, 1),
        (Kind::Person, Action::Disable, 2),
        (Kind::Group, Action::Delete, 1),
        (Kind::Person, Action::Restore, 1),
    ]);
    plan.push(Step::membership(9, 1, Action::RemoveMember));
    plan.note_emptied_group(12);
    let held = hold(plan);
    assert_eq!(held.steps.len(), 2);
    assert_eq!(held.dropped.len(), 4);
    assert!(
        held.dropped
            .iter()
            .all(|d| d.why == Why::Held && d.step.action.is_removal())
    );
    let verdict = judge(&Guard::default(), &held.counts, &Baseline::default());
    assert_eq!(verdict, Verdict::Proceed, "what is left needs no decision");
}

#[test]
fn settings_are_read_with_defaults_and_without_unknown_fields() {
    let guard: Guard = serde_json::from_str(r#"{"minimum": 9}"#).unwrap();
    assert_eq!(
        guard,
        Guard {
            minimum: 9,
            ..Guard::default()
        }
    );
    assert!(serde_json::from_str::<Guard>(r#"{"minimun": 9}"#).is_err());
}
