//! In which order operations are carried out, and where `failOnErrors` ends that.

use super::*;

#[test]
fn operations_keep_their_order_and_only_wait() {
    let mut world = World::default();
    world.resources.insert("/Users/old".to_owned(), json!({}));
    let results = run_in(
        &mut world,
        &[
            group_of("g", &["b"]),
            json!({"method": "DELETE", "path": "/Users/old"}),
            person("a"),
            person("b"),
            person("c"),
        ],
    );
    assert_eq!(
        world.calls,
        [
            "DELETE /Users/old",
            "POST /Users",
            "POST /Users",
            "POST /Groups",
            "POST /Users"
        ]
    );
    let names: Vec<_> = results.iter().map(|result| result["bulkId"].as_str()).collect();
    assert_eq!(names, [Some("g"), None, Some("a"), Some("b"), Some("c")]);
}

#[test]
fn of_two_changes_to_one_resource_the_later_one_lasts() {
    let mut world = World::default();
    world
        .resources
        .insert("/Users/1".to_owned(), json!({"userName": "a"}));
    let with_manager = json!({"method": "PUT", "path": "/Users/1",
        "data": {"userName": "first", "manager": {"value": "bulkId:m"}}});
    let without = json!({"method": "PUT", "path": "/users/1", "data": {"userName": "second"}});
    let results = run_in(&mut world, &[with_manager, without, person("m")]);
    assert_eq!(statuses(&results), ["200", "200", "201"]);
    assert_eq!(world.resources["/Users/1"]["userName"], "second");
}

#[test]
fn a_chain_of_a_thousand_is_followed_to_its_end() {
    let operations: Vec<Value> = (0..1000)
        .map(|n| match n {
            999 => person("999"),
            _ => group_of(&n.to_string(), &[&(n + 1).to_string()]),
        })
        .collect();
    let mut world = World::default();
    let results = run_in(&mut world, &operations);
    assert!(results.iter().all(|result| result["status"] == "201"));
    assert_eq!((results.len(), world.calls.len()), (1000, 1000));
    assert_eq!(results[0]["location"], format!("{BASE}/Groups/1000"));
    assert_eq!(world.calls[0], "POST /Users");
}

/// Work that grows with the square of the length would make this test take many minutes.
#[test]
fn a_chain_may_be_as_long_as_the_limits_allow() {
    let count = 20_000;
    let operations: Vec<Value> = (0..count)
        .map(|n| group_of(&n.to_string(), &[&((n + 1) % count).to_string()]))
        .collect();
    let mut run = Run::new(request(&operations));
    let (mut posts, mut patches) = (0, 0);
    while let Some(call) = run.next() {
        *(if call.follows_up { &mut patches } else { &mut posts }) += 1;
        run.record(
            call.index,
            Answer {
                status: 201,
                id: call.bulk_id,
                ..Answer::default()
            },
        );
    }
    // All but the last are created before what they refer to.
    assert_eq!((posts, patches), (count, count - 1));
    let response = run.finish();
    assert_eq!(response["Operations"].as_array().unwrap().len(), count);
}

#[test]
fn fail_on_errors_ends_the_run_at_exactly_that_error() {
    let bad = |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name});
    let operations = [person("a"), bad("b"), person("c"), bad("d"), person("e")];
    for (limit, expected) in [
        (json!(1), vec!["201", "400"]),
        (json!(2), vec!["201", "400", "201", "400"]),
        (json!(3), vec!["201", "400", "201", "400", "201"]),
        (Value::Null, vec!["201", "400", "201", "400", "201"]),
    ] {
        let body = json!({"failOnErrors": limit, "Operations": operations});
        let mut run = Run::new(parse(body, 5).unwrap());
        let mut world = World::default();
        while let Some(call) = run.next() {
            run.record(call.index, world.carry_out(&call));
        }
        let failed = expected.iter().filter(|status| **status == "400").count();
        assert_eq!(run.errors(), failed as u64, "{limit}");
        assert_eq!(
            statuses(run.finish()["Operations"].as_array().unwrap()),
            expected,
            "{limit}"
        );
    }
}

#[test]
fn what_was_not_reached_has_no_result() {
    let mut world = World {
        refused: vec!["u".to_owned()],
        ..World::default()
    };
    let body = json!({"failOnErrors": 1, "Operations":
        [group_of("g", &["u"]), person("a"), person("u"), person("b")]});
    let results = world.run(Run::new(parse(body, 4).unwrap()));
    assert_eq!(statuses(&results), ["201", "409"]);
    assert_eq!(
        (&results[0]["bulkId"], &results[1]["bulkId"]),
        (&json!("a"), &json!("u"))
    );
    assert_eq!(world.calls.len(), 2);
}
