//! Who is meant changes at one stroke: the assignment, a group that assigned many, a nested group.

use super::{Having, assert_healed, assert_held, restore, town, writes};
use crate::world::{World, group_rule, people_rule};
use provost_store::connection::Reset;
use provost_store::directory::Change;
use provost_store::directory::Object;
use provost_store::member::{self, Joining};
use provost_store::{assignment, connection};
use serde_json::json;

async fn assign(world: &World, object: &Object) {
    let (connection, now, object) = (world.connection().await, world.now(), object.clone());
    world
        .write(move |tx| assignment::add(tx, "owner", now, &connection, &object).map(drop))
        .await;
}

async fn unassign(world: &World, object: &Object) {
    let (connection, now, key) = (world.connection().await, world.now(), object.key);
    world
        .write(move |tx| assignment::remove(tx, "owner", now, &connection, key).map(drop))
        .await;
}

async fn look_at_everybody(world: &World) {
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| connection::restart(tx, "owner", now, &connection, &[Reset::Watermark]))
        .await;
}

/// A world in which a group of thirty people is assigned.
async fn assigned(nested: bool) -> (World, Vec<Object>, Object) {
    let preferences = json!({"assignment": "assigned", "nested": nested});
    let world = World::with(&[people_rule(), group_rule()], preferences, "{}").await;
    let people = world.people(40).await;
    let group = world
        .group("Sales", &people.iter().take(30).collect::<Vec<_>>())
        .await;
    (world, people, group)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_switched_on_while_nobody_is_assigned_is_held() {
    let (world, people, _) = town(60).await;
    let before = Having::of(&world);
    let count = writes(&world);
    world.set_preferences(json!({"assignment": "assigned"})).await;
    assert_eq!((world.run().await.writes(), writes(&world)), (0, count));
    look_at_everybody(&world).await;
    let report = world.run().await;
    // Sixty people, and the group, which nobody assigned either.
    assert_held(&world, &report, &before, 61, "would delete or disable 60 of 60").await;
    // One of them changes on the way: nobody slips through alone.
    world.set(&people[20], "title", json!("Boss")).await;
    world.run().await;
    before.assert_kept(&world);
    world.set_preferences(json!({"assignment": "all"})).await;
    look_at_everybody(&world).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assigned_group_that_is_emptied_is_held() {
    let (world, people, group) = assigned(false).await;
    assign(&world, &group).await;
    world.run().await;
    let before = Having::of(&world);
    assert_eq!((before.accounts.len(), before.members.len()), (30, 30));
    let members: Vec<_> = people.iter().take(30).collect();
    world.leave(&group, &members).await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 60, "would delete or disable 30 of 30").await;
    world.join(&group, &members).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assigned_group_that_is_deleted_or_unassigned_is_held() {
    for deleted in [true, false] {
        let (world, _, group) = assigned(false).await;
        assign(&world, &group).await;
        world.run().await;
        let before = Having::of(&world);
        if deleted {
            world.delete(&group).await;
        } else {
            unassign(&world, &group).await;
        }
        let report = world.run().await;
        // Thirty people, and the group itself.
        assert_held(&world, &report, &before, 31, "would delete or disable 30 of 30").await;
        if deleted {
            restore(&world, &group).await;
        }
        assign(&world, &group).await;
        world.run().await;
        assert_healed(&world, &before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nested_group_that_is_dropped_is_held() {
    let (world, _, inner) = assigned(true).await;
    let outer = world.group("Company", &[]).await;
    nest(&world, &outer, &inner, true).await;
    assign(&world, &outer).await;
    world.run().await;
    let before = Having::of(&world);
    assert_eq!(before.accounts.len(), 30, "all people of the inner group");
    nest(&world, &outer, &inner, false).await;
    let report = world.run().await;
    assert_eq!(report.state, "held", "{report:?}");
    before.assert_kept(&world);
    let connection = world.connection().await;
    assert!(
        connection.reason.contains("would delete or disable 30 of 30"),
        "{}",
        connection.reason
    );
    nest(&world, &outer, &inner, true).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

/// Puts a group into another one, or takes it out.
async fn nest(world: &World, outer: &Object, inner: &Object, joins: bool) {
    let (owner, now, outer, inner) = (world.owner, world.now(), outer.clone(), inner.clone());
    world
        .write(move |tx| {
            let change = Change {
                owner,
                actor: "test",
                now,
            };
            match joins {
                true => member::add(tx, &change, &outer, &[Joining::from(&inner)]).map(drop),
                false => member::remove(tx, &change, &outer, &[(inner.key, inner.id)]).map(drop),
            }
        })
        .await;
}
