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
        licence: false,
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
        (
            Action::AddLicence,
            Actions {
                licence: true,
                ..none
            },
        ),
        (
            Action::RemoveLicence,
            Actions {
                licence: true,
                ..none
            },
        ),
    ];
    assert_eq!(cases.len(), Action::ALL.len());
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

#[test]
fn a_number_holds_where_the_share_would_let_through() {
    let large = Baseline {
        in_scope: 1_000_000,
        ..Baseline::default()
    };
    assert_eq!(verdict(499, large), None);
    assert_eq!(
        verdict(500, large),
        Some((500, 499)),
        "500 by default, as in Entra"
    );
    let by = |guard: &Guard, removals, baseline| {
        let plan = plan(&[(Kind::Person, Action::Delete, removals)]);
        held(&judge(guard, &plan.counts, &baseline))
    };
    let without = Guard {
        limit: None,
        ..Guard::default()
    };
    assert_eq!(by(&without, 20_000, large), None);
    assert_eq!(by(&without, 20_001, large), Some((20_001, 20_000)));
    let strict = Guard {
        limit: Some(3),
        per_day_limit: Some(4),
        ..Guard::default()
    };
    assert_eq!(
        by(&strict, 2, large),
        None,
        "the number counts below the minimum too"
    );
    assert_eq!(by(&strict, 3, large), Some((3, 2)));
    let later = Baseline {
        removed_last_24h: 2,
        ..large
    };
    assert_eq!(by(&strict, 1, later), None);
    assert_eq!(by(&strict, 2, later), Some((4, 3)));
    let never = Guard {
        limit: Some(0),
        ..Guard::default()
    };
    assert_eq!(by(&never, 1, large), Some((1, 0)));
}

#[test]
fn memberships_have_a_number_of_their_own() {
    let guard = Guard {
        members_limit: Some(10),
        ..Guard::default()
    };
    let with = |members: i64, earlier| {
        let mut plan = Plan::new();
        for member in 0..members {
            plan.push(Step::membership(1, member, Action::RemoveMember));
        }
        let baseline = Baseline {
            memberships: 100_000,
            members_removed_last_24h: earlier,
            ..Baseline::default()
        };
        held(&judge(&guard, &plan.counts, &baseline))
    };
    assert_eq!(with(9, 0), None);
    assert_eq!(with(10, 0), Some((10, 9)));
    assert_eq!(with(9, 15), None, "24 in a day");
    assert_eq!(with(9, 16), Some((25, 24)));
}

#[test]
fn a_directory_that_shrank_lets_nothing_be_removed() {
    let shrunk = |before, now, removals| {
        let baseline = Baseline {
            people_before: before,
            people_now: now,
            in_scope: 10_000,
            ..Baseline::default()
        };
        verdict(removals, baseline)
    };
    assert_eq!(shrunk(1_000, 800, 1), None, "20 % is the edge");
    assert_eq!(shrunk(1_000, 799, 1), Some((1, 0)));
    assert_eq!(shrunk(1_000, 0, 0), None, "nothing is to be removed");
    assert_eq!(shrunk(30, 10, 1), None, "up to 20 people are no sign");
    assert_eq!(shrunk(30, 9, 1), Some((1, 0)));
    assert_eq!(shrunk(0, 0, 1), None, "there was no cycle before");
    assert_eq!(shrunk(100, 400, 1), None);
    let plan = plan(&[(Kind::Group, Action::RemoveMember, 1)]);
    let baseline = Baseline {
        people_before: 100,
        ..Baseline::default()
    };
    let Verdict::Held { sentence, .. } = judge(&Guard::default(), &plan.counts, &baseline) else {
        panic!("a membership is a removal as well")
    };
    assert!(sentence.contains("lost 100 of 100 people"), "{sentence}");
}

#[test]
fn protected_objects_lose_nothing_without_a_person() {
    let mut plan = Plan::new();
    plan.push(Step::object(Kind::Person, 1, Action::Disable));
    plan.push(Step::object(Kind::Person, 1, Action::Update));
    plan.push(Step::object(Kind::Person, 2, Action::Delete));
    plan.push(Step::membership(9, 1, Action::RemoveMember));
    plan.push(Step::membership(9, 1, Action::AddMember));
    let plan = protect(plan, |step| step.object == 1 || step.member == 1);
    let held: Vec<_> = plan.dropped.iter().map(|d| (d.step.action, d.why)).collect();
    assert_eq!(
        held,
        [
            (Action::Disable, Why::Protected),
            (Action::RemoveMember, Why::Protected)
        ]
    );
    assert_eq!(plan.counts.total(), 3);
}

#[test]
fn approval_takes_out_what_the_rule_says() {
    let plan = plan(&[
        (Kind::Person, Action::Create, 2),
        (Kind::Person, Action::Delete, 3),
    ]);
    for (approval, left) in [
        (Approval::Never, 5),
        (Approval::Removals, 2),
        (Approval::Always, 0),
    ] {
        let plan = ask_approval(plan.clone(), approval);
        assert_eq!(plan.steps.len(), left);
        assert_eq!(plan.counts.total(), left as u64);
        assert!(plan.dropped.iter().all(|dropped| dropped.why == Why::Approval));
        assert_eq!(plan.dropped.len() + left, 5);
    }
}

/// A plan that takes a licence back from so many people.
fn taking_licences(count: i64) -> Plan {
    let mut plan = Plan::new();
    for person in 1..=count {
        plan.push(Step::licence(person, 7, Action::RemoveLicence));
    }
    plan
}

#[test]
fn licences_are_weighed_by_themselves() {
    let baseline = |licences, licences_removed_last_24h| Baseline {
        in_scope: 10,
        memberships: 10,
        licences,
        licences_removed_last_24h,
        ..Baseline::default()
    };
    let judged = |count, baseline| {
        held(&judge(
            &Guard::default(),
            &taking_licences(count).counts,
            &baseline,
        ))
    };
    assert_eq!(judged(5, baseline(0, 0)), None, "a few always pass");
    assert_eq!(judged(6, baseline(0, 0)), Some((6, 5)));
    assert_eq!(judged(30, baseline(1_500, 0)), None);
    assert_eq!(judged(30, baseline(1_499, 0)), Some((30, 29)));
    assert_eq!(
        judged(30, baseline(1_500, 45)),
        None,
        "two and a half times as many in a day"
    );
    assert_eq!(judged(30, baseline(1_500, 46)), Some((76, 75)));
    assert_eq!(judged(0, baseline(1_500, 9_000)), None);
    let own = Guard {
        licences_percent: 10.0,
        licences_minimum: 0,
        ..Guard::default()
    };
    let verdict = judge(&own, &taking_licences(11).counts, &baseline(100, 0));
    let Verdict::Held { sentence, .. } = verdict else {
        panic!("eleven of a hundred are more than ten percent")
    };
    assert_eq!(
        sentence,
        "This cycle would take back 11 of 100 licences; at most 10 are let through without a person's decision."
    );
    let generous = Baseline {
        licences: 100_000,
        memberships: 100_000,
        ..baseline(0, 0)
    };
    let mut mixed = taking_licences(20);
    mixed.push(Step::object(Kind::Person, 1, Action::Disable));
    assert_eq!(held(&judge(&Guard::default(), &mixed.counts, &generous)), None);
}

#[test]
fn licences_that_are_taken_back_are_held_protected_and_approved_like_other_removals() {
    let mut plan = taking_licences(3);
    plan.push(Step::licence(1, 8, Action::AddLicence));
    let left = |plan: &Plan| (plan.counts.of(Action::AddLicence), plan.counts.licence_removals());
    let held = hold(plan.clone());
    assert_eq!(left(&held), (1, 0));
    assert_eq!(held.dropped.len(), 3);
    let protected = protect(plan.clone(), |step| step.object == 1);
    assert_eq!(left(&protected), (1, 2));
    assert_eq!(left(&ask_approval(plan.clone(), Approval::Removals)), (1, 0));
    let without = Actions {
        licence: false,
        ..Actions::default()
    };
    let filtered = filter(plan.clone(), &without);
    assert_eq!(left(&filtered), (0, 0));
    assert!(
        filtered
            .dropped
            .iter()
            .all(|dropped| dropped.why == Why::NotAllowed)
    );
    let shrunk = Baseline {
        people_before: 100,
        ..Baseline::default()
    };
    assert_ne!(
        judge(&Guard::default(), &plan.counts, &shrunk),
        Verdict::Proceed,
        "a directory that is empty takes no licence back"
    );
}
