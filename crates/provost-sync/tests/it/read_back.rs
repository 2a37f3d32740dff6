//! Reading a target by its changes: the same findings as a reconcile, without listing it whole.

use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_connect::Kind;
use provost_store::drift::{self, Asked};
use provost_store::{read_mark, unowned};
use provost_sync::{Error, Options, ReadBack};
use serde_json::json;
use std::time::Duration;

async fn world() -> World {
    let world = World::new().await;
    world.held().tells_changes = true;
    world
}

async fn read(world: &World) -> ReadBack {
    world
        .engine
        .read_changes(world.connection, &Options::default())
        .await
        .unwrap()
}

fn reads(world: &World, text: &str) -> usize {
    world
        .held()
        .reads
        .iter()
        .filter(|read| read.starts_with(text))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_provost_wrote_itself_is_no_news() {
    let world = world().await;
    let people = world.people(20).await;
    let group = world.group("Sales", &[&people[0], &people[1]]).await;
    world.run().await;
    let first = read(&world).await;
    assert_eq!(
        (first.changed, first.drift, first.complete),
        (21, 0, true),
        "{first:?}"
    );
    world.set(&people[3], "title", json!("Boss")).await;
    world.join(&group, &[&people[4]]).await;
    world.run().await;
    world.held().reads.clear();
    let second = read(&world).await;
    assert_eq!((second.changed, second.drift), (1, 0), "{second:?}");
    let asked = world.held().reads.clone();
    assert_eq!(
        asked.len(),
        2,
        "one question for each kind, and no other: {asked:?}"
    );
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_found_and_repaired_by_the_next_cycle() {
    let world = world().await;
    let people = world.people(4).await;
    world.group("Sales", &[&people[0], &people[1]]).await;
    world.set(&people[0], "title", json!("Boss")).await;
    world.run().await;
    read(&world).await;
    {
        let mut held = world.held();
        held.tamper("user0", "title", json!("Clerk"));
        let (group, gone, extra) = (held.id("Sales"), held.id("user1"), held.id("user3"));
        held.plant(Kind::Person, json!({"userName": "stranger"}));
        let members = held.members.get_mut(&group).unwrap();
        members.remove(&gone);
        members.insert(extra);
    }
    let found = read(&world).await;
    assert_eq!((found.changed, found.drift), (2, 3), "{found:?}");
    assert_eq!(reads(&world, "list"), 0, "nothing is listed");
    let connection = world.connection;
    assert_eq!(
        world
            .read(move |tx| unowned::counts(tx, connection))
            .await
            .values()
            .sum::<i64>(),
        1
    );
    let report = world.run().await;
    assert_eq!(report.writes(), 3, "{report:?}");
    assert_eq!(world.held().get("user0", "title"), json!("Boss"));
    assert_eq!(
        world.held().members_of("Sales").into_iter().collect::<Vec<_>>(),
        ["user0", "user1"]
    );
    assert_eq!(read(&world).await.drift, 0);
    let asked = Asked {
        connection,
        ..Asked::default()
    };
    assert!(!world.read(move |tx| drift::list(tx, &asked, 10)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_vanishes_and_many_at_once_do_not() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    world.held().tells_changes = true;
    world.people(60).await;
    world.run().await;
    read(&world).await;
    world.held().lose("user7");
    let found = read(&world).await;
    assert_eq!(
        (found.removed, found.drift, found.complete),
        (1, 1, true),
        "{found:?}"
    );
    world.run().await;
    assert!(world.held().named("user7").is_some(), "it is made again");
    (10..50).for_each(|i| world.held().lose(&format!("user{i}")));
    let writes = world.held().writes.len();
    let found = read(&world).await;
    assert!(!found.complete && !found.trouble.is_empty(), "{found:?}");
    assert_eq!(world.connection().await.wanted, "reconcile");
    let report = world.run().await;
    assert_eq!(
        (report.state, world.held().writes.len()),
        ("failed", writes),
        "{report:?}"
    );
    assert_eq!(world.held().people.len(), 20, "nobody is made again by the dozen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_not_true_removes_nothing() {
    let world = world().await;
    world.people(3).await;
    world.run().await;
    read(&world).await;
    // It goes and comes back between two questions: named as gone, and there all the same.
    let (id, record) = {
        let mut held = world.held();
        let id = held.id("user1");
        let record = held.people.remove(&id).unwrap();
        (id, record)
    };
    let model = world.model.clone();
    model.on_question(std::sync::Arc::new({
        let model = world.model.clone();
        move || {
            model
                .world()
                .people
                .entry(id.clone())
                .or_insert_with(|| record.clone());
        }
    }));
    let found = read(&world).await;
    assert_eq!((found.removed, found.drift), (1, 0), "{found:?}");
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_ends_early_is_repeated_from_its_place() {
    let world = world().await;
    world.people(3).await;
    world.run().await;
    read(&world).await;
    world.held().tamper("user1", "title", json!("Clerk"));
    world.held().broken_list = Some(0);
    let found = read(&world).await;
    assert!(
        !found.complete && found.trouble.contains("PRV-RECONCILE-INCOMPLETE"),
        "{found:?}"
    );
    world.held().broken_list = None;
    assert_eq!(read(&world).await.drift, 1, "nothing was missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_place_asks_for_a_reconcile() {
    let world = world().await;
    world.people(3).await;
    world.run().await;
    read(&world).await;
    world.held().lost_place = true;
    let found = read(&world).await;
    assert!(found.restarted, "{found:?}");
    let connection = world.connection;
    assert_eq!(world.connection().await.wanted, "reconcile");
    assert_eq!(world.read(move |tx| read_mark::taken(tx, connection)).await, None);
    assert_eq!(world.run().await.mode, "reconcile");
    let found = read(&world).await;
    assert!(
        found.complete && !found.restarted && found.changed == 3,
        "it begins anew: {found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_tell_is_not_asked() {
    let world = World::new().await;
    let result = world
        .engine
        .read_changes(world.connection, &Options::default())
        .await;
    let Err(Error::Refused { code, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(code, "PRV-CHANGES-UNSUPPORTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_read_as_often_as_the_connection_wants() {
    let preferences = json!({"read_changes_minutes": 15, "reconcile_hours": 0});
    let world = World::with(&[people_rule(), group_rule()], preferences, GUARD_OFF).await;
    world.held().tells_changes = true;
    world.people(3).await;
    world.run().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let engine = world.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    let until = async |done: &dyn Fn() -> bool| {
        for _ in 0..600 {
            if done() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it did not happen: {:?}", world.held().reads);
    };
    until(&|| reads(&world, "changes group") == 1).await;
    world.held().tamper("user1", "title", json!("Clerk"));
    world.pass(16 * 60_000);
    until(&|| reads(&world, "changes group") == 2).await;
    until(&|| world.held().get("user1", "title").is_null()).await;
    stop.send(true).unwrap();
    serving.await.unwrap();
    assert_eq!(reads(&world, "list"), 0);
}
