//! A cycle ends in the middle, by a kill or because the target refuses everything: what followed from a step that was
//! carried out is not forgotten, and what was made for somebody who is gone by now does not stay behind.

use crate::licences::{has, licensed_rule, world};
use crate::model::{Fault, KEY};
use crate::world::{HOUR, World, group_rule};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::directory::Object;
use serde_json::json;

/// The next write but `skip` others fails in this way.
fn fail(world: &World, skip: usize, fault: Fault) {
    let mut held = world.held();
    let number = held.writes.len() + 1 + skip;
    held.faults.insert(number, fault);
}

async fn licensed() -> World {
    world(&[licensed_rule(), group_rule()], json!({})).await
}

#[tokio::test]
async fn what_follows_a_create_that_was_tried_again_is_not_forgotten() {
    let world = licensed().await;
    world.run().await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    world.group("Sales", &[&ann]).await;
    fail(&world, 0, Fault::Refused);
    world.run().await;
    // The account is made at last, and then nothing works any more.
    world.pass(2 * HOUR);
    fail(&world, 1, Fault::Locked);
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Create)),
        ("failed", Some(&1))
    );
    assert!(has(&world, "ann").is_empty());
    world.run().await;
    assert_eq!(has(&world, "ann"), ["E3"]);
    let members: Vec<usize> = world
        .held()
        .members
        .values()
        .map(|members| members.len())
        .collect();
    assert_eq!(members, [1]);
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test]
async fn what_follows_a_group_that_was_tried_again_is_not_forgotten() {
    let world = licensed().await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    world.group("Sales", &[&ann]).await;
    fail(&world, 0, Fault::Refused);
    world.run().await;
    world.pass(2 * HOUR);
    fail(&world, 1, Fault::Locked);
    assert_eq!(world.run().await.state, "failed");
    // Also the next try of the membership does not come: the group is looked at as a whole.
    world.run().await;
    let members: Vec<usize> = world
        .held()
        .members
        .values()
        .map(|members| members.len())
        .collect();
    assert_eq!(members, [1]);
}

/// A create that fails, and has made its object all the same; nobody hears of that.
async fn made_unheard(world: &World, object: &Object) {
    fail(world, 0, Fault::Refused);
    assert_eq!(world.run().await.failed, 1);
    let record = [
        (KEY.to_owned(), json!(object.id.to_string())),
        ("active".to_owned(), json!(true)),
    ];
    let mut held = world.held();
    match object.kind {
        Kind::Person => held.people.insert("unheard".to_owned(), record.into()),
        Kind::Group => held.groups.insert("unheard".to_owned(), record.into()),
    };
}

#[tokio::test]
async fn what_a_lost_create_has_made_goes_with_its_person_and_its_group() {
    let world = licensed().await;
    world.run().await;
    let ann = world.person("ann", json!({})).await;
    made_unheard(&world, &ann).await;
    world.delete(&ann).await;
    world.pass(2 * HOUR);
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Delete), Some(&1), "{report:?}");
    assert!(world.held().people.is_empty());
    let sales = world.group("Sales", &[]).await;
    made_unheard(&world, &sales).await;
    world.delete(&sales).await;
    world.pass(2 * HOUR);
    world.run().await;
    assert!(world.held().groups.is_empty());
    assert_eq!(world.run().await.writes(), 0);
}

/// A request outlives the process that sent it: the target may carry it out after the next cycle has looked.
#[tokio::test]
async fn what_arrives_after_the_next_cycle_has_looked_is_found_all_the_same() {
    let world = licensed().await;
    world.run().await;
    let sales = world.group("Sales", &[]).await;
    fail(&world, 0, Fault::Locked);
    assert_eq!(world.run().await.state, "failed");
    world.delete(&sales).await;
    world.run().await;
    let record = [(KEY.to_owned(), json!(sales.id.to_string()))];
    world.held().groups.insert("late".to_owned(), record.into());
    world.pass(HOUR);
    world.run().await;
    assert!(world.held().groups.is_empty());
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test]
async fn what_a_lost_create_has_made_for_somebody_who_is_disabled_is_disabled() {
    let world = licensed().await;
    world.run().await;
    let ann = world.person("ann", json!({})).await;
    made_unheard(&world, &ann).await;
    world.set(&ann, "active", json!(false)).await;
    world.pass(2 * HOUR);
    world.run().await;
    assert_eq!(world.held().people["unheard"]["active"], json!(false));
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test]
async fn a_member_whose_addition_was_lost_is_taken_out_when_nobody_wants_it_any_more() {
    let world = licensed().await;
    let ann = world.person("ann", json!({})).await;
    let sales = world.group("Sales", &[]).await;
    world.run().await;
    world.join(&sales, &[&ann]).await;
    fail(&world, 0, Fault::Lost);
    world.run().await;
    let members = || -> usize { world.held().members.values().map(|members| members.len()).sum() };
    assert_eq!(members(), 1, "it was added, but nobody heard of it");
    world.leave(&sales, &[&ann]).await;
    world.pass(2 * HOUR);
    world.run().await;
    assert_eq!(members(), 0);
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test]
async fn an_account_that_was_there_before_stays_when_its_person_was_never_linked() {
    let world = licensed().await;
    world.run().await;
    world
        .held()
        .people
        .insert("theirs".into(), [("userName".to_owned(), json!("ann"))].into());
    let ann = world.person("ann", json!({})).await;
    world.delete(&ann).await;
    assert_eq!(world.run().await.writes(), 0);
    assert!(world.held().people.contains_key("theirs"));
}
