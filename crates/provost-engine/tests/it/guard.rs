//! Whatever is removed when, the guard's limits hold in every cycle and in any 24 hours.

use proptest::prelude::*;
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Step};
use provost_engine::policy::{self, Baseline, Guard, Verdict};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Hours since the cycle before, and how many accounts, memberships and licences it wants to remove.
type Cycle = (i64, u64, u64, u64);

/// What was really removed, when: objects, memberships and licences.
type Done = (i64, u64, u64, u64);

/// What was removed in the 24 hours up to a time.
fn window(done: &[Done], end: i64) -> (u64, u64, u64) {
    let within = done.iter().filter(|(at, ..)| *at > end - DAY && *at <= end);
    within.fold((0, 0, 0), |(o, m, l), (_, x, y, z)| (o + x, m + y, l + z))
}

fn plan(objects: u64, members: u64, licences: u64) -> Plan {
    let mut plan = Plan::new();
    for number in 0..objects {
        let action = if number % 2 == 0 {
            Action::Disable
        } else {
            Action::Delete
        };
        plan.push(Step::object(Kind::Person, number as i64, action));
        plan.push(Step::object(Kind::Person, number as i64, Action::Create));
    }
    for number in 0..members {
        plan.push(Step::membership(1, number as i64, Action::RemoveMember));
    }
    for number in 0..licences {
        plan.push(Step::licence(number as i64, 1, Action::RemoveLicence));
        plan.push(Step::licence(number as i64, 2, Action::AddLicence));
    }
    plan
}

fn guard() -> impl Strategy<Value = Guard> {
    let number = || prop::option::of(1_u32..30);
    (0.0..10.0, 0.0..15.0, 0_u32..8, number(), number(), number()).prop_map(
        |(percent, per_day_percent, minimum, limit, per_day_limit, members_limit)| Guard {
            percent,
            per_day_percent,
            minimum,
            limit,
            per_day_limit,
            members_limit,
            members_percent: percent,
            licences_percent: per_day_percent,
            licences_minimum: minimum / 2,
            ..Guard::default()
        },
    )
}

/// The largest share that may go, and never the number at which a person decides.
fn most(total: u64, percent: f64, minimum: u32, held_at: Option<u32>) -> u64 {
    let share = (total as f64 * percent / 100.0).floor() as u64;
    let most = share.max(u64::from(minimum));
    held_at.map_or(most, |number| most.min(u64::from(number) - 1))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_than_its_limit(
        guard in guard(),
        cycles in prop::collection::vec((0_i64..20, 0_u64..40, 0_u64..60, 0_u64..50), 1..30),
    ) {
        const LINKED: u64 = 300;
        const MEMBERSHIPS: u64 = 900;
        const LICENCES: u64 = 400;
        let mut now = 0;
        let mut done: Vec<Done> = Vec::new();
        let cycles: Vec<Cycle> = cycles;
        for (hours, objects, members, licences) in cycles {
            now += hours * HOUR;
            let (before, members_before, licences_before) = window(&done, now);
            let baseline = Baseline {
                in_scope: LINKED,
                memberships: MEMBERSHIPS,
                licences: LICENCES,
                removed_last_24h: before,
                members_removed_last_24h: members_before,
                licences_removed_last_24h: licences_before,
                ..Baseline::default()
            };
            let mut plan = plan(objects, members, licences);
            let gifts = |plan: &Plan| (plan.counts.of(Action::Create), plan.counts.of(Action::AddLicence));
            let given = gifts(&plan);
            if let Verdict::Held { limit, .. } = policy::judge(&guard, &plan.counts, &baseline) {
                plan = policy::hold(plan);
                prop_assert_eq!(plan.counts.removals(), 0);
                prop_assert_eq!(plan.dropped.len() as u64, objects + members + licences);
                prop_assert!(
                    limit < before + objects || limit < members_before + members || limit < licences_before + licences
                );
            }
            prop_assert_eq!(gifts(&plan), given, "only removals are held");
            let removed = plan.counts.object_removals();
            prop_assert!(removed <= most(LINKED, guard.percent, guard.minimum, guard.limit));
            let back = plan.counts.licence_removals();
            prop_assert!(back <= most(LICENCES, guard.licences_percent, guard.licences_minimum, None));
            done.push((now, removed, plan.counts.member_removals(), back));
        }
        let per_day = most(LINKED, guard.per_day_percent, guard.minimum, guard.per_day_limit);
        let members_per_day = most(
            MEMBERSHIPS,
            guard.members_percent * 2.5,
            guard.members_minimum,
            guard.members_limit.map(|limit| limit * 5 / 2),
        );
        let licences_per_day = most(LICENCES, guard.licences_percent * 2.5, guard.licences_minimum, None);
        for (end, ..) in &done {
            let (objects, members, licences) = window(&done, *end);
            prop_assert!(objects <= per_day && members <= members_per_day && licences <= licences_per_day);
        }
    }
}
