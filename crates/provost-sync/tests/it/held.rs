//! What waits for a person: protected people, rules that ask for approval, a source that shrank; and grace periods.

use crate::world::{DAY, GUARD_OFF, World, group_rule, people_rule};
use provost_engine::plan::{Action, Why};
use provost_store::connection::State;
use provost_store::directory::Object;
use provost_store::staged::{self, Decision};
use provost_store::{link, protection};
use provost_sync::Report;
use serde_json::{Value, json};

async fn decide(world: &World, digest: &str, decision: Decision) -> u64 {
    let (connection, now, digest) = (world.connection().await, world.now(), digest.to_owned());
    world
        .write(move |tx| staged::decide(tx, "owner", now, &connection, &digest, decision))
        .await
}

async fn protect(world: &World, object: &Object) {
    let (connection, now, object) = (world.connection().await, world.now(), object.clone());
    world
        .write(move |tx| {
            protection::add(tx, "owner", now, Some(&connection), &object, "board member").map(drop)
        })
        .await;
}

fn why(report: &Report) -> Vec<(Why, u64)> {
    report.held.iter().map(|h| (h.why, h.steps)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_people_are_held_one_by_one_while_others_go() {
    let world = World::new().await;
    let people = world.people(5).await;
    protect(&world, &people[0]).await;
    protect(&world, &people[1]).await;
    world.run().await;
    for person in &people[..3] {
        world.set(person, "active", json!(false)).await;
    }
    let report = world.run().await;
    assert_eq!(
        why(&report),
        [(Why::Protected, 1), (Why::Protected, 1)],
        "{report:?}"
    );
    assert_eq!(report.applied.get(&Action::Disable), Some(&1));
    assert_eq!(world.connection().await.state, State::Held);
    assert_eq!(
        decide(&world, &report.held[0].digest, Decision::Approved).await,
        1,
        "one, not both"
    );
    assert_eq!(
        decide(&world, &report.held[1].digest, Decision::Rejected).await,
        1
    );
    world.run().await;
    assert_eq!(world.held().get("user0", "active"), json!(false));
    assert_eq!(world.held().get("user1", "active"), json!(true));
    assert_eq!(world.connection().await.state, State::Active);
    let log = world.log(&people[1]).await;
    assert_eq!(
        (log[0].action.as_str(), log[0].code.as_str()),
        ("staged disable", "PRV-STAGED")
    );
    assert_eq!(
        log.iter().filter(|l| l.code == "PRV-STAGED").count(),
        1,
        "told once"
    );
}

fn approved(what: &str) -> Value {
    let mut rule = people_rule();
    rule["approval"] = json!(what);
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_ask_for_approval_of_removals() {
    let world = World::with(&[approved("removals")], json!({}), GUARD_OFF).await;
    let people = world.people(3).await;
    assert_eq!(world.run().await.applied[&Action::Create], 3);
    world.set(&people[0], "active", json!(false)).await;
    world.set(&people[1], "title", json!("Boss")).await;
    let report = world.run().await;
    assert_eq!(
        (why(&report), report.applied.get(&Action::Update)),
        (vec![(Why::Approval, 1)], Some(&1))
    );
    assert_eq!(world.held().get("user0", "active"), json!(true));
    decide(&world, &report.held[0].digest, Decision::Approved).await;
    assert_eq!(world.run().await.applied.get(&Action::Disable), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_ask_for_approval_of_everything() {
    let world = World::with(&[approved("always"), group_rule()], json!({}), GUARD_OFF).await;
    let people = world.people(2).await;
    world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    let report = world.run().await;
    assert_eq!(
        (report.state, why(&report)),
        ("held", vec![(Why::Approval, 2)]),
        "{report:?}"
    );
    assert!(world.held().people.is_empty() && world.held().members_of("Sales").is_empty());
    decide(&world, &report.held[0].digest, Decision::Approved).await;
    let report = world.run().await;
    assert_eq!(
        (
            report.applied[&Action::Create],
            report.applied[&Action::AddMember]
        ),
        (2, 2),
        "{report:?}"
    );
    // Somebody who is not wanted any more does not wait any longer.
    world.set(&people[0], "title", json!("Boss")).await;
    world.run().await;
    world.set(&people[0], "title", Value::Null).await;
    let report = world.run().await;
    assert_eq!((report.state, report.writes()), ("done", 0), "{report:?}");
    assert_eq!(world.connection().await.state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_lost_a_third_of_its_people_removes_nobody() {
    let guard = r#"{"percent": 100, "per_day_percent": 100, "limit": null}"#;
    let world = World::with(&[people_rule()], json!({}), guard).await;
    let people = world.people(90).await;
    world.run().await;
    for person in &people[..30] {
        world.delete(person).await;
    }
    let report = world.run().await;
    assert_eq!(
        (report.state, why(&report)),
        ("held", vec![(Why::Held, 30)]),
        "{report:?}"
    );
    assert_eq!(world.held().people.len(), 90);
    // Nobody has decided yet: one more that leaves does not slip through.
    world.delete(&people[40]).await;
    assert_eq!(world.run().await.state, "held");
    assert_eq!(world.held().people.len(), 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_when_its_grace_period_is_over_and_not_before() {
    let mut rule = people_rule();
    rule["delete_after_days"] = json!(30);
    let world = World::with(&[rule], json!({}), GUARD_OFF).await;
    let people = world.people(3).await;
    world.run().await;
    world.delete(&people[0]).await;
    world.delete(&people[1]).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&2), "{report:?}");
    world.pass(29 * DAY);
    assert_eq!(world.run().await.writes(), 0);
    assert_eq!(world.held().people.len(), 3);
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Delete), Some(&2), "{report:?}");
    assert_eq!(world.held().people.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_within_the_grace_period_keeps_the_account() {
    let mut rule = people_rule();
    rule["delete_after_days"] = json!(30);
    rule["remove"] = json!("delete");
    rule["scope"] = json!({"filters": [{"name": "staff", "clauses": [
        {"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]});
    let world = World::with(&[rule], json!({}), GUARD_OFF).await;
    let ann = world.person("ann", json!({"userType": "Employee"})).await;
    world.run().await;
    let key = ann.key;
    let id = world.held().id("ann");
    world.set(&ann, "userType", json!("Guest")).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(false));
    world.pass(20 * DAY);
    world.set(&ann, "userType", json!("Employee")).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(true));
    // Leaving again begins a new period.
    world.set(&ann, "userType", json!("Guest")).await;
    world.run().await;
    world.pass(15 * DAY);
    assert_eq!(world.run().await.writes(), 0);
    assert_eq!(world.held().id("ann"), id);
    world.pass(15 * DAY);
    assert_eq!(world.run().await.applied.get(&Action::Delete), Some(&1));
    let links = world.read(move |tx| link::of_object(tx, key)).await;
    assert!(links.is_empty(), "{links:?}");
}
