//! References that lead in a circle.

use super::*;

fn managers(world: &World, path: &str) -> String {
    let resource = &world.resources[path];
    resource[ENTERPRISE_USER]["manager"]["value"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn two_groups_that_hold_each_other_are_created_and_then_joined() {
    let mut world = World::default();
    let results = run_in(
        &mut world,
        &[group_of("a", &["b", "p"]), group_of("b", &["a"]), person("p")],
    );
    assert_eq!(statuses(&results), ["201", "201", "201"]);
    // Only one of them has to do without the other for a moment.
    assert_eq!(
        world.calls,
        ["POST /Groups", "POST /Users", "POST /Groups", "PATCH /Groups/1"]
    );
    assert_eq!(ids(&world.resources["/Groups/1"]), ["3"]);
    assert_eq!(ids(&world.resources["/Groups/3"]), ["1", "2"]);
    // The version is that after the PATCH.
    assert_eq!(
        (&results[0]["version"], &results[1]["version"]),
        (&json!("W/\"3\""), &json!("W/\"4\""))
    );
    assert_eq!(results[1]["location"], format!("{BASE}/Groups/1"));
}

#[test]
fn people_who_manage_each_other_keep_their_other_values() {
    let mut world = World::default();
    let results = run_in(
        &mut world,
        &[person_with_manager("a", "b"), person_with_manager("b", "a")],
    );
    assert_eq!(statuses(&results), ["201", "201"]);
    assert_eq!(
        (managers(&world, "/Users/1"), managers(&world, "/Users/2")),
        ("2".into(), "1".into())
    );
    for path in ["/Users/1", "/Users/2"] {
        assert_eq!(world.resources[path][ENTERPRISE_USER]["department"], "Field");
    }
}

#[test]
fn a_resource_may_refer_to_itself() {
    let mut world = World::default();
    let results = run_in(&mut world, &[person_with_manager("a", "a")]);
    assert_eq!(statuses(&results), ["201"]);
    assert_eq!(world.calls, ["POST /Users", "PATCH /Users/1"]);
    assert_eq!(managers(&world, "/Users/1"), "1");
}

#[test]
fn a_key_with_its_urn_is_put_back_under_it() {
    let key = format!("{ENTERPRISE_USER}:manager");
    let data = json!({"userName": "a", &key: {"value": "bulkId:a"}});
    let own = json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": data});
    let mut run = Run::new(request(&[own]));
    let call = run.next().unwrap();
    assert_eq!(call.data, json!({"userName": "a"}));
    run.record(
        0,
        Answer {
            status: 201,
            id: Some("1".to_owned()),
            ..Answer::default()
        },
    );
    let call = run.next().unwrap();
    assert!(call.follows_up && call.method == Method::Patch && call.path == "/Users/1");
    let set = json!({"op": "add", "path": key, "value": {"value": "1"}});
    assert_eq!(call.data, json!({"schemas": [PATCH_OP], "Operations": [set]}));
}

#[test]
fn where_the_reference_is_required_the_other_is_created_first() {
    // The group must have members, the person need not have a manager; the circle is closed by the group.
    let mut world = World {
        required: Some("userName"),
        ..World::default()
    };
    let circle = json!({"method": "POST", "path": "/Users", "bulkId": "a",
                        "data": {"userName": "bulkId:b", "title": "x"}});
    let other = json!({"method": "POST", "path": "/Users", "bulkId": "b",
                       "data": {"userName": "b", ENTERPRISE_USER: {"manager": {"value": "bulkId:a"}}}});
    let results = run_in(&mut world, &[circle, other]);
    assert_eq!(statuses(&results), ["201", "201"]);
    assert_eq!(
        world.calls,
        ["POST /Users", "POST /Users", "POST /Users", "PATCH /Users/1"]
    );
    assert_eq!(world.resources["/Users/2"]["userName"], "1");
    assert_eq!(managers(&world, "/Users/1"), "2");
}

#[test]
fn a_circle_of_required_references_is_a_conflict() {
    let mut world = World {
        required: Some("userName"),
        ..World::default()
    };
    let of = |name: &str, other: &str| {
        json!({"method": "POST", "path": "/Users", "bulkId": name,
               "data": {"userName": format!("bulkId:{other}")}})
    };
    let operations = [
        of("a", "b"),
        of("b", "a"),
        group_of("g", &["a"]),
        of("s", "s"),
        person("p"),
    ];
    let results = run_in(&mut world, &operations);
    assert_eq!(statuses(&results), ["409", "409", "400", "409", "201"]);
    for index in [0, 1, 3] {
        assert!(
            detail(&results[index]).contains("userName is required"),
            "{}",
            detail(&results[index])
        );
        assert!(results[index]["response"].get("scimType").is_none());
        assert!(results[index].get("location").is_none());
    }
    assert_eq!(world.created, 1);
}

#[test]
fn another_fault_in_a_circle_stays_what_it_is() {
    let mut world = World {
        required: Some("userName"),
        ..World::default()
    };
    let results = run_in(&mut world, &[group_of("a", &["b"]), group_of("b", &["a"])]);
    assert_eq!(statuses(&results), ["400", "400"]);
    assert_eq!(detail(&results[0]), "userName is required");
    assert!(detail(&results[1]).starts_with("bulkId:a cannot be resolved"));
}

#[test]
fn a_resource_whose_reference_cannot_be_set_is_reported_with_its_address() {
    let mut world = World {
        refused: vec!["b".to_owned()],
        ..World::default()
    };
    let results = run_in(
        &mut world,
        &[
            group_of("a", &["b", "c"]),
            group_of("b", &["a"]),
            group_of("c", &["a"]),
        ],
    );
    assert_eq!(statuses(&results), ["409", "409", "201"]);
    assert_eq!(results[0]["location"], format!("{BASE}/Groups/1"));
    assert!(
        detail(&results[0]).contains("the resource was created"),
        "{}",
        detail(&results[0])
    );
    assert!(results[1].get("location").is_none());
    // What could be set is set.
    assert_eq!(ids(&world.resources["/Groups/1"]), ["2"]);
}

#[test]
fn a_refused_reference_is_a_conflict_and_a_busy_server_is_not() {
    for (status, expected) in [(400, "409"), (404, "409"), (429, "429"), (503, "503")] {
        let mut run = Run::new(request(&[group_of("a", &["a"])]));
        let call = run.next().unwrap();
        run.record(
            call.index,
            Answer {
                status: 201,
                id: Some("1".to_owned()),
                ..Answer::default()
            },
        );
        let call = run.next().unwrap();
        run.record(
            call.index,
            Answer {
                status,
                ..Answer::default()
            },
        );
        assert!(run.next().is_none());
        assert_eq!(run.finish()["Operations"][0]["status"], expected);
    }
}

#[test]
fn a_circle_that_fail_on_errors_cuts_is_said_to_be_cut() {
    let mut world = World {
        refused: vec!["b".to_owned()],
        ..World::default()
    };
    let body = json!({"failOnErrors": 1, "Operations": [group_of("a", &["b"]), group_of("b", &["a"])]});
    let results = world.run(Run::new(parse(body, 2).unwrap()));
    assert_eq!(statuses(&results), ["409", "409"]);
    assert!(
        detail(&results[0]).contains("the request ended early"),
        "{}",
        detail(&results[0])
    );
    assert_eq!(world.calls.len(), 2);
}
