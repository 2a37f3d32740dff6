//! Laws over random requests.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::validate::tests::any_json;

const MOST: usize = 24;

/// Groups that hold each other, by position: `members[i]` are those in group `i`.
fn groups() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
    (1..MOST).prop_flat_map(|count| {
        let members = prop::collection::btree_set(0..count, 0..4);
        prop::collection::vec(members, count)
    })
}

/// The same, but nobody leads back: a group holds only those that come later in a random order.
fn without_circles() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
    let ranked = groups().prop_flat_map(|groups| {
        let order: Vec<usize> = (0..groups.len()).collect();
        (Just(groups), Just(order).prop_shuffle())
    });
    ranked.prop_map(|(mut groups, rank)| {
        for (index, members) in groups.iter_mut().enumerate() {
            members.retain(|&member| rank[member] > rank[index]);
        }
        groups
    })
}

fn operations(groups: &[BTreeSet<usize>]) -> Vec<Value> {
    let name = |index: usize| format!("g{index}");
    let operation = |(index, members): (usize, &BTreeSet<usize>)| {
        let members: Vec<String> = members.iter().map(|&member| name(member)).collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        group_of(&name(index), &members)
    };
    groups.iter().enumerate().map(operation).collect()
}

/// Whether everybody is in every group that was asked for. The ids are those of the results.
fn is_as_asked(world: &World, results: &[Value], groups: &[BTreeSet<usize>]) -> bool {
    let path = |index: usize| {
        let location = results[index]["location"].as_str().unwrap();
        location.strip_prefix(BASE).unwrap().to_owned()
    };
    let id = |index: usize| path(index).rsplit('/').next().unwrap().to_owned();
    groups.iter().enumerate().all(|(index, members)| {
        let expected: BTreeSet<String> = members.iter().map(|&member| id(member)).collect();
        let found = ids(&world.resources[&path(index)]);
        found.len() == members.len() && found.into_iter().collect::<BTreeSet<_>>() == expected
    })
}

proptest! {
    #[test]
    fn without_circles_each_call_comes_after_what_it_needs(groups in without_circles()) {
        let mut world = World::default();
        // The server refuses to hear of somebody who does not exist yet.
        let results = run_in(&mut world, &operations(&groups));
        prop_assert!(results.iter().all(|result| result["status"] == "201"));
        prop_assert_eq!(world.calls.len(), groups.len());
        prop_assert!(is_as_asked(&world, &results, &groups));
    }

    #[test]
    fn with_circles_everything_is_created_once_and_every_reference_is_set(groups in groups()) {
        let mut world = World::default();
        let results = run_in(&mut world, &operations(&groups));
        prop_assert!(results.iter().all(|result| result["status"] == "201"));
        let posts = world.calls.iter().filter(|call| call.starts_with("POST")).count();
        prop_assert_eq!(posts, groups.len());
        prop_assert!(world.calls.len() <= 2 * groups.len());
        prop_assert!(is_as_asked(&world, &results, &groups));
    }

    #[test]
    fn fail_on_errors_counts_exactly(
        groups in without_circles(),
        refused in prop::collection::btree_set(0..MOST, 0..6),
        limit in 1..6usize,
    ) {
        let refused: Vec<String> = refused.iter().map(|index| format!("g{index}")).collect();
        let all = operations(&groups);
        let errors = |results: &[Value]| results.iter().filter(|result| result["status"] != "201").count();
        let mut world = World { refused: refused.clone(), ..World::default() };
        let total = errors(&run_in(&mut world, &all));
        let mut world = World { refused, ..World::default() };
        let body = json!({"failOnErrors": limit, "Operations": all});
        let results = world.run(Run::new(parse(body, MOST).unwrap()));
        prop_assert_eq!(errors(&results), total.min(limit));
        prop_assert_eq!(results.len() == groups.len(), total < limit || results.len() == groups.len());
        if total < limit {
            prop_assert_eq!(results.len(), groups.len());
        }
        // What has no result was never sent.
        prop_assert_eq!(world.created + errors(&results), results.len());
    }

    #[test]
    fn failures_in_circles_never_pass_for_success(
        groups in groups(),
        refused in prop::collection::btree_set(0..MOST, 1..4),
    ) {
        let mut world = World {
            refused: refused.iter().map(|index| format!("g{index}")).collect(),
            ..World::default()
        };
        let results = run_in(&mut world, &operations(&groups));
        prop_assert_eq!(results.len(), groups.len());
        for (index, members) in groups.iter().enumerate() {
            if results[index]["status"] == "201" {
                prop_assert!(!refused.contains(&index));
                let path = results[index]["location"].as_str().unwrap().strip_prefix(BASE).unwrap();
                prop_assert_eq!(ids(&world.resources[path]).len(), members.len());
            }
        }
    }

    #[test]
    fn no_body_ends_in_a_panic_or_without_an_end(
        parts in prop::collection::vec((
            prop::sample::select(vec!["POST", "PUT", "PATCH", "DELETE", "GET", ""]),
            prop::sample::select(vec!["/Users", "/Groups/bulkId:a", "/Users/bulkId:b", "//", "/Bulk"]),
            prop::option::of(prop::sample::select(vec!["a", "b", "c"])),
            any_json(),
        ), 1..8),
        status in prop::sample::select(vec![200, 201, 400, 500]),
    ) {
        let operations: Vec<Value> = parts.into_iter().map(|(method, path, id, mut data)| {
            if let Some(data) = data.as_object_mut() {
                data.insert("members".to_owned(), json!([{"value": "bulkId:a"}, {"value": "bulkId:b"}]));
            }
            json!({"method": method, "path": path, "bulkId": id, "data": data})
        }).collect();
        let count = operations.len();
        let mut run = Run::new(request(&operations));
        let mut calls = 0;
        while let Some(call) = run.next() {
            calls += 1;
            prop_assert!(calls <= 3 * count);
            run.record(call.index, Answer { status, id: Some(calls.to_string()), ..Answer::default() });
        }
        let response = run.finish();
        prop_assert_eq!(response["Operations"].as_array().unwrap().len(), count);
    }

    #[test]
    fn no_value_is_refused_with_a_panic(body in any_json()) {
        if let Ok(request) = parse(body, 8) {
            let _ = Run::new(request).finish();
        }
    }
}
