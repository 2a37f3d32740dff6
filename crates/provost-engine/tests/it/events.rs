//! Change events say where to look, never what to do: shuffled, repeated, late or needless ones change
//! nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use provost_engine::object::Record;
use provost_engine::plan::Action;
use provost_engine::rule::Compiled;
use serde_json::Value;

use crate::model::{Event, World, document, rules};

const OBJECTS: usize = 4;

/// Which objects changed and how, and the order in which they are looked at, with everything that went
/// wrong on the way.
type Round = (BTreeMap<usize, Option<Value>>, Vec<usize>);

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let changes =
        prop::collection::btree_map(0..OBJECTS, prop::option::weighted(0.9, document()), 0..OBJECTS);
    let round = changes.prop_flat_map(|changes| {
        let named: Vec<usize> = changes.keys().copied().collect();
        let extra = prop::collection::vec(0..OBJECTS, 0..6);
        (
            Just(changes),
            extra.prop_flat_map(move |extra| {
                let mut events: Vec<usize> = named.iter().copied().chain(extra).collect();
                events.extend(named.iter().copied());
                Just(events).prop_shuffle()
            }),
        )
    });
    prop::collection::vec(round, 1..6)
}

type Outcome = Vec<(Option<Record>, bool, Vec<Action>)>;

fn run(rule: &Compiled, rounds: &[Round], events: impl Fn(&Round) -> Vec<usize>) -> Vec<Outcome> {
    let mut worlds = vec![World::default(); OBJECTS];
    let mut outcomes = Vec::new();
    for round in rounds {
        for (object, document) in &round.0 {
            let state = document.clone().map(|document| (document, true));
            worlds[*object].happens(&Event::Directory(state));
        }
        for object in events(round) {
            worlds[object].look(rule);
        }
        outcomes.push(
            worlds
                .iter()
                .map(|world| (world.account.clone(), world.usable, world.log.clone()))
                .collect(),
        );
    }
    outcomes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn order_and_repetition_of_events_change_nothing(rounds in rounds()) {
        for rule in rules() {
            let plainly = run(&rule, &rounds, |round| round.0.keys().copied().collect());
            let wildly = run(&rule, &rounds, |round| round.1.clone());
            prop_assert_eq!(plainly, wildly);
        }
    }

    /// Events that come late, all at once at the end, lead to the same accounts as far as the rule keeps
    /// them up to date.
    #[test]
    fn late_events_lead_to_the_same_accounts(rounds in rounds()) {
        for rule in rules().into_iter().filter(|rule| rule.rule().leaver.is_empty()) {
            let everything = |_: &Round| (0..OBJECTS).collect::<Vec<_>>();
            let promptly = run(&rule, &rounds, everything);
            let mut worlds = vec![World::default(); OBJECTS];
            for (object, document) in rounds.iter().flat_map(|round| &round.0) {
                let state = document.clone().map(|document| (document, true));
                worlds[*object].happens(&Event::Directory(state));
            }
            for world in &mut worlds {
                world.look(&rule);
            }
            let kept = |account: &Option<Record>| account.as_ref().map(|record| {
                ["userName", "office"].map(|name| record.get(name).cloned())
            });
            for (world, (account, usable, _)) in worlds.iter().zip(promptly.last().expect("there is a round")) {
                // Who was never seen in scope has no account to keep.
                if let (Some(_), Some(_)) = (&world.account, account) {
                    prop_assert_eq!(world.usable, *usable);
                    prop_assert_eq!(kept(&world.account), kept(account));
                }
            }
        }
    }
}
