//! Whatever is removed when, the guard's limits hold in every cycle and in any 24 hours.

use proptest::prelude::*;
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Step};
use provost_engine::policy::{self, Baseline, Guard, Verdict};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Hours since the cycle before, and how many accounts and memberships it wants to remove.
type Cycle = (i64, u64, u64);

fn plan(objects: u64, members: u64) -> Plan {
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
        cycles in prop::collection::vec((0_i64..20, 0_u64..40, 0_u64..60), 1..30),
    ) {
        const LINKED: u64 = 300;
        const MEMBERSHIPS: u64 = 900;
        let mut now = 0;
        // What was really removed, when: objects and memberships.
        let mut done: Vec<(i64, u64, u64)> = Vec::new();
        let cycles: Vec<Cycle> = cycles;
        for (hours, objects, members) in cycles {
            now += hours * HOUR;
            let window = done.iter().filter(|(at, _, _)| *at > now - DAY);
            let (before, members_before) = window.fold((0, 0), |(o, m), (_, x, y)| (o + x, m + y));
            let baseline = Baseline {
                in_scope: LINKED,
                memberships: MEMBERSHIPS,
                removed_last_24h: before,
                members_removed_last_24h: members_before,
                ..Baseline::default()
            };
            let mut plan = plan(objects, members);
            let creates = plan.counts.of(Action::Create);
            if let Verdict::Held { limit, .. } = policy::judge(&guard, &plan.counts, &baseline) {
                plan = policy::hold(plan);
                prop_assert_eq!(plan.counts.object_removals() + plan.counts.member_removals(), 0);
                prop_assert_eq!(plan.dropped.len() as u64, objects + members);
                prop_assert!(limit < before + objects || limit < members_before + members);
            }
            prop_assert_eq!(plan.counts.of(Action::Create), creates, "only removals are held");
            let removed = plan.counts.object_removals();
            prop_assert!(removed <= most(LINKED, guard.percent, guard.minimum, guard.limit));
            done.push((now, removed, plan.counts.member_removals()));
        }
        let per_day = most(LINKED, guard.per_day_percent, guard.minimum, guard.per_day_limit);
        let members_per_day = most(
            MEMBERSHIPS,
            guard.members_percent * 2.5,
            guard.members_minimum,
            guard.members_limit.map(|limit| limit * 5 / 2),
        );
        for (end, _, _) in &done {
            let window = done.iter().filter(|(at, _, _)| *at > end - DAY && at <= end);
            let (objects, members) = window.fold((0, 0), |(o, m), (_, x, y)| (o + x, m + y));
            prop_assert!(objects <= per_day && members <= members_per_day);
        }
    }
}
