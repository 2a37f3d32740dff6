//! Who is meant: assignment, nested groups, the option to leave who is out of scope, and rules that are off.

use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_engine::plan::Action;
use provost_store::directory::Object;
use provost_store::{assignment, directory};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn assigned(nested: bool) -> World {
    let preferences = json!({"assignment": "assigned", "nested": nested});
    World::with(&[people_rule(), group_rule()], preferences, GUARD_OFF).await
}

async fn assign(world: &World, object: &Object) {
    let (connection, now, object) = (world.connection().await, world.now(), object.clone());
    world
        .write(move |tx| assignment::add(tx, "owner", now, &connection, &object))
        .await;
}

async fn unassign(world: &World, object: &Object) {
    let (connection, now, key) = (world.connection().await, world.now(), object.key);
    world
        .write(move |tx| assignment::remove(tx, "owner", now, &connection, key))
        .await;
}

fn names(world: &World) -> BTreeSet<String> {
    let held = world.held();
    held.people
        .values()
        .filter(|r| r.get("active") != Some(&json!(false)))
        .map(|r| r["userName"].as_str().unwrap().to_owned())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_assignment_means_nobody() {
    let world = assigned(false).await;
    let people = world.people(3).await;
    world.group("Sales", &[&people[0]]).await;
    let report = world.run().await;
    assert_eq!((report.writes(), report.skipped), (0, 4), "{report:?}");
    assert!(world.held().writes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_assigned_comes_and_whoever_is_unassigned_is_disabled_and_comes_back() {
    let world = assigned(false).await;
    let people = world.people(4).await;
    let sales = world.group("Sales", &[&people[1], &people[2]]).await;
    world.run().await;
    assign(&world, &people[0]).await;
    assign(&world, &sales).await;
    let report = world.run().await;
    assert_eq!((report.mode, report.failed), ("incremental", 0), "{report:?}");
    assert_eq!(names(&world), set(&["user0", "user1", "user2"]));
    assert_eq!(world.held().members_of("Sales"), set(&["user1", "user2"]));
    // A membership means somebody, and its end means that they leave.
    world.join(&sales, &[&people[3]]).await;
    world.leave(&sales, &[&people[1]]).await;
    world.run().await;
    assert_eq!(names(&world), set(&["user0", "user2", "user3"]));
    assert_eq!(world.held().get("user1", "active"), json!(false));
    unassign(&world, &people[0]).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&1), "{report:?}");
    assign(&world, &people[0]).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Restore), Some(&1), "{report:?}");
    assert_eq!(world.run().await.looked, 0, "all of it is settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_assigned_through_a_group_leaves_with_the_group() {
    let world = assigned(false).await;
    let people = world.people(3).await;
    let sales = world.group("Sales", &[&people[0], &people[1]]).await;
    assign(&world, &sales).await;
    assign(&world, &people[1]).await;
    world.run().await;
    assert_eq!(names(&world), set(&["user0", "user1"]));
    world.delete(&sales).await;
    world.run().await;
    assert_eq!(names(&world), set(&["user1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_groups_count_only_by_choice_and_are_written_flat() {
    for nested in [false, true] {
        let world = assigned(nested).await;
        let people = world.people(3).await;
        let inner = world.group("Inner", &[&people[1]]).await;
        let outer = world.group("Outer", &[&people[0], &inner]).await;
        assign(&world, &outer).await;
        world.run().await;
        let both: &[&str] = if nested { &["user0", "user1"] } else { &["user0"] };
        assert_eq!(names(&world), set(both), "nested: {nested}");
        assert_eq!(world.held().members_of("Outer"), set(both), "nested: {nested}");
        assert!(
            world.held().named("Inner").is_none(),
            "a group inside is not itself meant"
        );
        // Somebody joins the group inside, and the group inside leaves.
        world.join(&inner, &[&people[2]]).await;
        world.run().await;
        let three: &[&str] = if nested {
            &["user0", "user1", "user2"]
        } else {
            &["user0"]
        };
        assert_eq!(world.held().members_of("Outer"), set(three), "nested: {nested}");
        world.leave(&outer, &[&inner]).await;
        world.run().await;
        assert_eq!(
            world.held().members_of("Outer"),
            set(&["user0"]),
            "nested: {nested}"
        );
        assert_eq!(names(&world), set(&["user0"]), "nested: {nested}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_from_all_to_assigned_and_back_holds_after_a_restart() {
    let world = World::new().await;
    let people = world.people(3).await;
    world.run().await;
    world.set_preferences(json!({"assignment": "assigned"})).await;
    assign(&world, &people[0]).await;
    world.restart().await;
    world.run().await;
    assert_eq!(names(&world), set(&["user0"]));
    world.set_preferences(json!({"assignment": "all"})).await;
    world.restart().await;
    let report = world.run().await;
    assert_eq!(report.adopted, 0, "the links have stayed");
    assert_eq!(names(&world), set(&["user0", "user1", "user2"]));
}

fn only_staff() -> Value {
    let mut rule = people_rule();
    rule["scope"] = json!({"filters": [{"name": "staff", "clauses": [
        {"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]});
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_scope_can_be_left_alone_and_says_so_only_once() {
    for skip in [true, false] {
        let preferences = json!({"skip_out_of_scope": skip});
        let world = World::with(&[only_staff()], preferences, GUARD_OFF).await;
        let ann = world.person("ann", json!({"userType": "Employee"})).await;
        world.person("bob", json!({"userType": "Guest"})).await;
        world.run().await;
        world.set(&ann, "userType", json!("Guest")).await;
        let report = world.run().await;
        assert_eq!(report.skipped, u64::from(skip), "{report:?}");
        assert_eq!(world.held().get("ann", "active"), json!(skip));
        let bob = world.engine.explain(world.owner.workspace, "bob").await.unwrap();
        assert!(
            bob[0].log.is_empty(),
            "out of scope from the first: nothing happened to tell of"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_off_is_not_evaluated_and_keeps_its_links() {
    let world = World::new().await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    let mut off = people_rule();
    off["enabled"] = json!(false);
    world.set_rule(1, off).await;
    world.set(&ann, "active", json!(false)).await;
    assert_eq!(world.run().await.writes(), 0);
    assert_eq!(world.held().get("ann", "active"), json!(true));
    world.set_rule(1, people_rule()).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&1), "{report:?}");
    let key = ann.key;
    assert!(world.read(move |tx| directory::by_key(tx, key)).await.is_some());
}
