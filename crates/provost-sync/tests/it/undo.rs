use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_store::connection::State;
use provost_store::{cycle, protection, staged};
use provost_sync::{Error, Undone};
use serde_json::json;

async fn newest(world: &World) -> i64 {
    let key = world.connection;
    world.read(move |tx| cycle::latest(tx, key, 1)).await[0].key
}

async fn undo(world: &World, cycle: i64) -> Undone {
    let engine = world.engine.clone();
    tokio::spawn(async move { engine.undo(cycle, "Ada").await })
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_memberships_come_back_and_the_next_cycle_asks() {
    let mut rule = people_rule();
    rule["leaver"] = json!([{"target": "title", "constant": "Left"}]);
    let world = World::with(&[rule, group_rule()], json!({}), GUARD_OFF).await;
    let mut people = world.people(4).await;
    people.push(world.person("chief", json!({"title": "Chief"})).await);
    let sales = world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    world.run().await;
    world.set(&people[0], "active", json!(false)).await;
    world.set(&people[4], "active", json!(false)).await;
    world.leave(&sales, &[&people[1], &people[2]]).await;
    world.delete(&people[3]).await;
    world.run().await;
    let mistaken = newest(&world).await;
    assert_eq!(world.held().get("chief", "title"), "Left");

    let undone = undo(&world, mistaken).await;
    assert_eq!(
        (undone.enabled, undone.members, undone.failed),
        (2, 2, 0),
        "{undone:?}"
    );
    let left: Vec<_> = undone.lines.iter().filter(|l| l.outcome == "left").collect();
    assert!(
        left.iter().any(|l| l.label == "user3" && l.action == "delete"),
        "{undone:?}"
    );
    {
        let held = world.held();
        assert_eq!(
            (held.get("user0", "active"), held.get("chief", "active")),
            (json!(true), json!(true))
        );
        assert_eq!(
            held.get("chief", "title"),
            "Chief",
            "what the leaver's mapping wrote is taken back"
        );
        let members = held.members_of("Sales");
        assert!(
            members.contains("user1") && members.contains("user2"),
            "{members:?}"
        );
    }
    // Nothing has changed in the directory: the next cycle wants the same again, and asks.
    let writes = world.held().writes.len();
    let report = world.run().await;
    assert_eq!(
        (report.state, world.held().writes.len()),
        ("held", writes),
        "{report:?}"
    );
    assert_eq!(world.connection().await.state, State::Held);
    let key = world.connection;
    let waiting = world.read(move |tx| staged::list(tx, key, 100)).await;
    assert_eq!(waiting.len(), 4, "{waiting:?}");
    let workspace = world.owner.workspace;
    let protected = world
        .read(move |tx| protection::list(tx, workspace, Some(key), 0, 100))
        .await;
    assert!(protected.iter().all(|p| p.reason.contains(&mistaken.to_string())) && protected.len() == 4);
    // A second undo finds everything done.
    let again = undo(&world, mistaken).await;
    assert_eq!((again.enabled, again.members), (0, 0), "{again:?}");
    // Once the directory is right again, nothing waits any more.
    world.set(&people[0], "active", json!(true)).await;
    world.set(&people[4], "active", json!(true)).await;
    world.join(&sales, &[&people[1], &people[2]]).await;
    world.run().await;
    assert_eq!(world.connection().await.state, State::Active);
    assert_eq!(world.held().get("user0", "active"), json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_took_nothing_away_cannot_be_undone() {
    let world = World::new().await;
    world.people(1).await;
    world.run().await;
    for cycle in [newest(&world).await, 424_242] {
        let refused = world.engine.undo(cycle, "Ada").await.unwrap_err();
        assert!(
            matches!(
                refused,
                Error::Refused {
                    code: "PRV-UNDO-NOTHING",
                    ..
                }
            ),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_refuses_is_named_and_stops_nobody_else() {
    let world = World::new().await;
    let people = world.people(3).await;
    world.run().await;
    for person in &people {
        world.set(person, "active", json!(false)).await;
    }
    world.run().await;
    let mistaken = newest(&world).await;
    let next = world.held().writes.len() + 1;
    world.held().faults.insert(next, crate::model::Fault::Refused);
    let undone = undo(&world, mistaken).await;
    assert_eq!((undone.enabled, undone.failed), (2, 1), "{undone:?}");
    assert!(
        undone
            .lines
            .iter()
            .any(|l| l.outcome == "failed" && l.message.contains("the test wants it"))
    );
    let again = undo(&world, mistaken).await;
    assert_eq!((again.enabled, again.failed), (1, 0), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_later_cycle_did_is_left_to_the_undo_of_that_one() {
    let world = World::new().await;
    let people = world.people(1).await;
    world.run().await;
    let mut disables = Vec::new();
    for _ in 0..2 {
        world.pass(crate::world::HOUR);
        world.set(&people[0], "active", json!(false)).await;
        world.run().await;
        disables.push(newest(&world).await);
        if disables.len() == 1 {
            world.set(&people[0], "active", json!(true)).await;
            world.run().await;
        }
    }
    let first = undo(&world, disables[0]).await;
    assert_eq!((first.enabled, first.left), (0, 1), "{first:?}");
    assert_eq!(world.held().get("user0", "active"), json!(false));
    assert_eq!(undo(&world, disables[1]).await.enabled, 1);
}
