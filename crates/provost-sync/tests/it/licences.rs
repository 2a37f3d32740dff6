//! Licences: given by a mapping and by groups, taken back, swapped, counted, and never lost or doubled.

use crate::model::Fault;
use crate::world::{GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_engine::plan::Action;
use provost_store::directory::Object;
use provost_store::group_licence::{self, Way};
use provost_store::{link_licence, product, rule};
use provost_sync::{Mode, Proposal};
use serde_json::{Value, json};

/// People whose nick name names their licences, separated by commas.
pub fn licensed_rule() -> Value {
    let mut rule = people_rule();
    let mapping = json!({"target": "assignedLicenses", "expression": "Split([nickName], \",\")"});
    rule["mappings"].as_array_mut().unwrap().push(mapping);
    rule
}

pub async fn world(rules: &[Value], preferences: Value) -> World {
    let world = World::with(rules, preferences, GUARD_OFF).await;
    let mut held = world.held();
    held.estate.own("E3", 5);
    held.estate.own("E5", 5);
    drop(held);
    world
}

async fn licensed(preferences: Value) -> World {
    world(&[licensed_rule(), group_rule()], preferences).await
}

pub fn has(world: &World, name: &str) -> Vec<String> {
    let held = world.held();
    let id = held.id(name);
    held.estate.names(&id)
}

/// What stands in the list, as product names.
async fn listed(world: &World, person: &Object) -> Vec<String> {
    let (connection, key) = (world.connection, person.key);
    world
        .read(move |tx| {
            let mut names = Vec::new();
            for stored in rule::of_connection(tx, connection)? {
                for given in link_licence::of(tx, stored.key, key)? {
                    names.push(product::get(tx, given.product)?.unwrap().product.name);
                }
            }
            Ok(names)
        })
        .await
}

#[tokio::test]
async fn a_mapping_gives_licences_after_the_account_and_a_second_cycle_writes_nothing() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "e3 -sway"})).await;
    world.person("bob", json!({})).await;
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    assert_eq!(report.applied[&Action::AddLicence], 1);
    {
        let held = world.held();
        let id = held.id("ann");
        assert_eq!(held.estate.held[&id]["sku-E3"], ["plan-SWAY"]);
        assert_eq!(
            held.writes,
            ["create person", "create person", "licences t1 +sku-E3"]
        );
    }
    assert!(has(&world, "bob").is_empty());
    let line = world.log(&ann).await.remove(0);
    assert_eq!(
        (line.action.as_str(), line.detail.as_str()),
        ("add licence", "E3")
    );
    assert_eq!(line.trace.modified[0].new, json!("E3 -SWAY"));
    world.restart().await;
    assert_eq!(world.run().await.writes(), 0, "nothing is written twice");
}

#[tokio::test]
async fn a_swap_is_one_request_and_nothing_is_taken_before_something_is_given() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.run().await;
    world.set(&ann, "nickName", json!("E5")).await;
    let report = world.run().await;
    assert_eq!(report.failed, 0, "{report:?}");
    assert_eq!(world.held().writes.last().unwrap(), "licences t1 +sku-E5 -sku-E3");
    assert_eq!(has(&world, "ann"), ["E5"]);
    assert_eq!(listed(&world, &ann).await, ["E5"]);
    world.set(&ann, "nickName", json!("E5 -EXCHANGE")).await;
    world.run().await;
    assert_eq!(world.held().estate.held["t1"]["sku-E5"], ["plan-EXCHANGE"]);
}

#[tokio::test]
async fn only_what_provost_gave_is_taken_back_and_a_licence_by_hand_stays() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.run().await;
    world
        .held()
        .estate
        .held
        .get_mut("t1")
        .unwrap()
        .insert("sku-E5".into(), Vec::new());
    world.set(&ann, "nickName", Value::Null).await;
    world.run().await;
    assert_eq!(has(&world, "ann"), ["E5"]);
    assert!(listed(&world, &ann).await.is_empty());
}

#[tokio::test]
async fn the_preference_mapped_and_cleared_takes_everything_that_is_directly_there() {
    let world = licensed(json!({"remove_licences_when_empty": true})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.run().await;
    {
        let mut held = world.held();
        held.estate.own("POWER", 9);
        held.estate
            .held
            .get_mut("t1")
            .unwrap()
            .insert("sku-E5".into(), Vec::new());
        held.estate
            .brought
            .entry("t1".into())
            .or_default()
            .insert("sku-POWER".into());
    }
    world.set(&ann, "title", json!("Boss")).await;
    world.run().await;
    assert_eq!(
        has(&world, "ann"),
        ["E3", "E5"],
        "while a licence is mapped, others are left alone"
    );
    world.set(&ann, "nickName", Value::Null).await;
    world.pass(HOUR);
    let report = world.run().await;
    assert_eq!(report.applied[&Action::RemoveLicence], 2, "{report:?}");
    assert!(has(&world, "ann").is_empty());
    assert!(
        world.held().estate.brought["t1"].contains("sku-POWER"),
        "what a group brings stays"
    );
}

#[tokio::test]
async fn the_preference_without_a_mapping_takes_back_or_leaves() {
    for on in [false, true] {
        let preferences = json!({"remove_licences_when_empty": on});
        let world = licensed(preferences).await;
        world.person("ann", json!({"nickName": "E3"})).await;
        world.run().await;
        world
            .held()
            .estate
            .held
            .get_mut("t1")
            .unwrap()
            .insert("sku-E5".into(), Vec::new());
        world.set_rule(1, people_rule()).await;
        world.pass(HOUR);
        let report = world.run().await;
        assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
        let left = if on { vec![] } else { vec!["E3", "E5"] };
        assert_eq!(has(&world, "ann"), left, "preference {on}");
        assert_eq!(world.run().await.writes(), 0);
    }
}

#[tokio::test]
async fn without_a_seat_the_account_is_made_and_the_licence_follows() {
    let world = licensed(json!({})).await;
    world.held().estate.own("E3", 1);
    for name in ["ann", "bob", "cid"] {
        world.person(name, json!({"nickName": "E3"})).await;
    }
    let plan = world
        .engine
        .make_plan(world.connection, None, &Proposal::default(), "owner", false, None)
        .await
        .unwrap();
    assert_eq!(
        (plan.seats[0].free, plan.seats[0].needed, plan.seats[0].short),
        (1, 3, 2)
    );
    assert!(
        plan.warnings[0].starts_with("PRV-SEATS-SHORT: the plan needs 3 seats of E3"),
        "{:?}",
        plan.warnings
    );
    let report = world.run().await;
    assert_eq!(
        (
            report.applied[&Action::Create],
            report.applied[&Action::AddLicence]
        ),
        (3, 1)
    );
    assert_eq!(report.failed, 2);
    let connection = world.connection;
    let retries = world
        .read(move |tx| provost_store::retry::list(tx, connection, 10))
        .await;
    assert!(
        retries
            .iter()
            .all(|one| one.code == "PRV-LICENCE-SEATS" && one.member != 0),
        "{retries:?}"
    );
    world.held().estate.own("E3", 3);
    world.pass(2 * HOUR);
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.applied[&Action::AddLicence]),
        (0, 2),
        "{report:?}"
    );
    assert_eq!(has(&world, "cid"), ["E3"]);
}

#[tokio::test]
async fn a_product_that_is_not_owned_fails_the_person_and_nobody_else() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E9"})).await;
    let bob = world.person("bob", json!({"nickName": "E3"})).await;
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.applied[&Action::AddLicence]),
        (1, 1),
        "{report:?}"
    );
    let line = world.log(&ann).await.remove(0);
    assert_eq!(
        (line.status.as_str(), line.code.as_str()),
        ("failure", "PRV-LICENCE-UNKNOWN")
    );
    assert!(line.reason.contains("\"E9\""), "{}", line.reason);
    assert_eq!(listed(&world, &bob).await, ["E3"]);
}

#[tokio::test]
async fn nobody_gets_a_licence_without_a_usage_location() {
    let mut people = licensed_rule();
    let mapping = json!({"target": "usageLocation", "direct": "locale"});
    people["mappings"].as_array_mut().unwrap().push(mapping);
    let world = world(&[people, group_rule()], json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.applied[&Action::Create]),
        (1, 1),
        "{report:?}"
    );
    assert_eq!(world.log(&ann).await[0].code, "PRV-LICENCE-LOCATION");
    assert!(has(&world, "ann").is_empty());
    world.set(&ann, "locale", json!("BE")).await;
    world.run().await;
    assert_eq!(has(&world, "ann"), ["E3"]);
}

#[tokio::test]
async fn a_lost_answer_and_a_kill_neither_lose_nor_double_a_licence() {
    // The answer is lost, and before the next try the person is not to have it any more.
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.held().faults.insert(2, Fault::Lost);
    world.run().await;
    assert_eq!(has(&world, "ann"), ["E3"], "it was given, but nobody heard of it");
    world.set(&ann, "nickName", Value::Null).await;
    world.run().await;
    assert!(has(&world, "ann").is_empty(), "it is taken back all the same");
    assert!(listed(&world, &ann).await.is_empty());
    // The answer is lost, and the wish stands: it is given again, which changes nothing.
    world.set(&ann, "nickName", json!("E3")).await;
    let next = world.held().writes.len() + 1;
    world.held().faults.insert(next, Fault::Lost);
    world.run().await;
    world.pass(2 * HOUR);
    world.run().await;
    assert_eq!(
        (has(&world, "ann"), listed(&world, &ann).await),
        (vec!["E3".to_owned()], vec!["E3".to_owned()])
    );
    // A removal whose answer is lost is asked for again.
    world.set(&ann, "nickName", Value::Null).await;
    let next = world.held().writes.len() + 1;
    world.held().faults.insert(next, Fault::Lost);
    world.run().await;
    world.pass(2 * HOUR);
    world.run().await;
    assert!(listed(&world, &ann).await.is_empty());
    assert_eq!(world.run().await.writes(), 0);
}

async fn bring(world: &World, group: &Object, way: Way) -> i64 {
    let (connection, group, now) = (world.connection().await, group.clone(), world.now());
    world
        .write(move |tx| {
            // What an administrator chooses from is the list that was read.
            let owned = product::Product {
                sku: "sku-E3".to_owned(),
                name: "E3".to_owned(),
                enabled: 5,
                assignable: true,
                ..product::Product::default()
            };
            product::put_all(tx, connection.key, now, &[owned])?;
            let key = product::by_name(tx, connection.key, "E3")?.unwrap().key;
            let new = group_licence::New {
                group: &group,
                product: key,
                disabled_plans: &[],
                way,
            };
            group_licence::add(tx, "owner", now, &connection, &new)?;
            Ok(group_licence::list(tx, connection.key, 0, 10)?.pop().unwrap().key)
        })
        .await
}

#[tokio::test]
async fn a_group_brings_its_members_a_licence_and_takes_it_with_it() {
    let world = world(&[people_rule(), group_rule()], json!({})).await;
    let (ann, bob) = (
        world.person("ann", json!({})).await,
        world.person("bob", json!({})).await,
    );
    let staff = world.group("Staff", &[&ann]).await;
    world.run().await;
    let key = bring(&world, &staff, Way::Member).await;
    world.run().await;
    assert_eq!(has(&world, "ann"), ["E3"]);
    world.join(&staff, &[&bob]).await;
    world.leave(&staff, &[&ann]).await;
    world.run().await;
    assert_eq!(
        (has(&world, "ann").len(), has(&world, "bob")),
        (0, vec!["E3".to_owned()])
    );
    let connection = world.connection().await;
    let now = world.now();
    world
        .write(move |tx| group_licence::remove(tx, "owner", now, &connection, key))
        .await;
    world.run().await;
    assert!(
        has(&world, "bob").is_empty(),
        "although no mapping gives licences"
    );
    assert!(listed(&world, &bob).await.is_empty());
}

#[tokio::test]
async fn a_group_of_the_target_gets_the_licence_itself_once_it_is_there() {
    let world = world(&[people_rule(), group_rule()], json!({})).await;
    let ann = world.person("ann", json!({})).await;
    let staff = world.group("Staff", &[&ann]).await;
    let key = bring(&world, &staff, Way::Group).await;
    world.run().await;
    let id = world.held().id("Staff");
    assert!(world.held().estate.of_groups[&id].contains("sku-E3"));
    assert!(
        has(&world, "ann").is_empty(),
        "the target gives it to the members"
    );
    let connection = world.connection().await;
    let now = world.now();
    world
        .write(move |tx| group_licence::remove(tx, "owner", now, &connection, key))
        .await;
    world.run().await;
    assert!(world.held().estate.of_groups[&id].is_empty());
}

#[tokio::test]
async fn a_reconcile_gives_again_what_somebody_took_and_leaves_what_somebody_gave() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.run().await;
    {
        let mut held = world.held();
        held.estate.held.get_mut("t1").unwrap().clear();
        held.estate
            .held
            .get_mut("t1")
            .unwrap()
            .insert("sku-E5".into(), Vec::new());
    }
    let report = world.reconcile().await;
    assert_eq!(
        (report.drift, report.applied[&Action::AddLicence]),
        (1, 1),
        "{report:?}"
    );
    assert_eq!(has(&world, "ann"), ["E3", "E5"]);
    assert_eq!(listed(&world, &ann).await, ["E3"]);
    assert_eq!(world.reconcile().await.drift, 0);
}

#[tokio::test]
async fn the_guard_holds_many_licences_and_an_approved_plan_takes_them() {
    let guard = r#"{"licences_minimum": 2}"#;
    let world = World::with(&[licensed_rule(), group_rule()], json!({}), guard).await;
    world.held().estate.own("E3", 9);
    let mut people = Vec::new();
    for i in 0..4 {
        people.push(world.person(&format!("user{i}"), json!({"nickName": "E3"})).await);
    }
    world.run().await;
    for one in &people {
        world.set(one, "nickName", Value::Null).await;
    }
    let report = world.run().await;
    assert_eq!((report.state, report.held[0].steps), ("held", 4), "{report:?}");
    assert_eq!(has(&world, "user0"), ["E3"]);
    assert!(
        report.held[0].sentence.contains("4 of 4 licences"),
        "{}",
        report.held[0].sentence
    );
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| {
            let decision = provost_store::staged::Decision::Approved;
            provost_store::staged::decide_all(tx, "owner", now, &connection, decision)
        })
        .await;
    let report = world.run().await;
    assert_eq!(report.applied[&Action::RemoveLicence], 4, "{report:?}");
}

#[tokio::test]
async fn a_stored_plan_names_the_product_and_an_undo_gives_it_back() {
    let world = licensed(json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3 -SWAY"})).await;
    world.run().await;
    world.set(&ann, "nickName", Value::Null).await;
    let plan = world
        .engine
        .make_plan(world.connection, None, &Proposal::default(), "owner", true, None)
        .await
        .unwrap();
    let (space, id) = (world.owner.workspace, plan.id.unwrap());
    let steps = world
        .read(move |tx| {
            let kept = provost_store::plan::get(tx, space, id)?.unwrap();
            provost_store::plan::steps(tx, kept.key, -1, 10)
        })
        .await;
    let change = &steps[0].1.changes[0];
    assert_eq!(
        (change.before.clone(), change.after.clone()),
        (json!("E3 -SWAY"), Value::Null)
    );
    let options = provost_sync::Options::default();
    world
        .engine
        .apply_plan(space, id, "owner", &options)
        .await
        .unwrap();
    assert!(has(&world, "ann").is_empty());
    let connection = world.connection;
    let cycle = world
        .read(move |tx| provost_store::cycle::latest(tx, connection, 1))
        .await[0]
        .key;
    let undone = world.engine.undo(cycle, "owner").await.unwrap();
    assert_eq!((undone.licences, undone.failed), (1, 0), "{undone:?}");
    assert_eq!(world.held().estate.held["t1"]["sku-E3"], ["plan-SWAY"]);
}

#[tokio::test]
async fn disabled_people_keep_their_licences_unless_the_connection_says_otherwise() {
    for strips in [false, true] {
        let world = licensed(json!({"leaver": {"licences": strips, "groups": strips}})).await;
        let ann = world.person("ann", json!({"nickName": "E3"})).await;
        world.group("Staff", &[&ann]).await;
        world.run().await;
        world.set(&ann, "active", json!(false)).await;
        world.run().await;
        assert_eq!(has(&world, "ann").is_empty(), strips);
        assert_eq!(world.held().members_of("Staff").is_empty(), strips);
        assert_eq!(world.run().await.writes(), 0);
        world.set(&ann, "active", json!(true)).await;
        world.run().await;
        assert_eq!(
            (has(&world, "ann").len(), world.held().members_of("Staff").len()),
            (1, 1),
            "both are back"
        );
    }
}

#[tokio::test]
async fn a_licence_by_hand_is_no_obstacle_and_counts_no_seat_twice() {
    let world = licensed(json!({})).await;
    world.held().estate.own("E3", 1);
    let id = world
        .held()
        .plant(provost_connect::Kind::Person, json!({"userName": "ann"}));
    world
        .held()
        .estate
        .held
        .entry(id)
        .or_default()
        .insert("sku-E3".into(), Vec::new());
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    let options = provost_sync::Options {
        mode: Some(Mode::Initial),
        ..provost_sync::Options::default()
    };
    let report = world.engine.run_cycle(world.connection, &options).await.unwrap();
    assert_eq!((report.failed, report.adopted), (0, 1), "{report:?}");
    assert_eq!(listed(&world, &ann).await, ["E3"]);
}
