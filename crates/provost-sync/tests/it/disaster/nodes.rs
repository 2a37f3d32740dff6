//! Machines: two nodes at once, a lease that is stolen, a process that is killed, a database that is restored from a
//! backup.

use super::{Having, assert_healed, raw, removals_since, town, writes};
use crate::world::{DAY, World, group_rule, people_rule};
use provost_connect::{Target, http};
use provost_engine::plan::Action;
use provost_store::connection::State;
use provost_store::secret::Key;
use provost_store::{Db, Error as StoreError, Location, link, unowned};
use provost_sync::{Engine, Error, Node, Options};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Another process over the same database file (or a copy of it) and the same target.
fn process(world: &World, file: &Path) -> (Db, Engine) {
    let db = Db::open(&Location::Sqlite(file.to_owned()), 2).unwrap();
    let key = Arc::new(Key::open(&world.folder.path().join("provost.key")).unwrap());
    let (target, time) = (world.model.clone(), world.clock.clone());
    let engine = Engine::new(db.clone(), key, http::Factory::new(), Node::alone())
        .with_opener(Arc::new(move |_, _| Ok(target.clone() as Arc<dyn Target>)))
        .with_clock(Arc::new(move || time.load(Ordering::Relaxed)));
    (db, engine)
}

fn file(world: &World) -> std::path::PathBuf {
    world.folder.path().join("provost.db")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_lease_fences_the_loser_and_the_thief_doubles_nobody() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    let people = world.people(200).await;
    world
        .group("Everybody", &people.iter().take(12).collect::<Vec<_>>())
        .await;
    let path = file(&world);
    world.model.on_write(Arc::new(move |number| {
        if number == 70 {
            let raw = rusqlite::Connection::open(&path).unwrap();
            raw.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            raw.execute(
                "UPDATE lease SET epoch = epoch + 1, holder = 'thief', expires = 0",
                [],
            )
            .unwrap();
        }
    }));
    let lost = world
        .engine
        .run_cycle(world.connection, &Options::default())
        .await;
    assert!(
        matches!(
            lost,
            Err(Error::Store(StoreError::LeaseLost { held: 1, current: 2 }))
        ),
        "{lost:?}"
    );
    let key = super::rule_key(&world, "People").await;
    let linked = world.read(move |tx| link::count(tx, key)).await;
    assert!(
        linked > 0 && linked < 70,
        "recorded is what was committed before the theft: {linked}"
    );
    assert!(writes(&world) < 200, "and it ended there");
    // The thief finishes; what the loser made without a record is found, not made twice.
    let (_db, thief) = process(&world, &file(&world));
    let report = thief
        .run_cycle(world.connection, &Options::default())
        .await
        .unwrap();
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    let made = Having::of(&world);
    assert_eq!((made.accounts.len(), made.groups.len()), (200, 1));
    assert_eq!(world.held().members_of("Everybody").len(), 12);
    assert_eq!(removals_since(&world, 0), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_at_once_do_it_once() {
    let world = World::with(&[people_rule()], json!({}), "{}").await;
    world.people(150).await;
    let (_db, other) = process(&world, &file(&world));
    let (one, two) = (Options::default(), Options::default());
    let (first, second) = tokio::join!(
        world.engine.run_cycle(world.connection, &one),
        other.run_cycle(world.connection, &two)
    );
    let refused = [&first, &second]
        .iter()
        .filter(|r| matches!(r, Err(Error::Running)))
        .count();
    let done = [&first, &second]
        .iter()
        .filter(|r| r.as_ref().is_ok_and(|r| r.state == "done"))
        .count();
    assert_eq!((refused + done, done >= 1), (2, true), "{first:?} {second:?}");
    assert_eq!((Having::of(&world).accounts.len(), writes(&world)), (150, 150));
}

/// Eighteen leave, and the process dies at the tenth. The next one finishes; and three more are too many for this
/// day, although this process has removed few.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_removals_does_not_reset_the_guard() {
    let guard = r#"{"percent": 10, "per_day_percent": 10, "limit": null}"#;
    let world = World::with(&[people_rule()], json!({}), guard).await;
    let people = world.people(200).await;
    world.run().await;
    for person in &people[..18] {
        world.set(person, "active", json!(false)).await;
    }
    let death = writes(&world) + 10;
    world.model.on_write(Arc::new(move |number| {
        assert_ne!(number, death, "the process dies here")
    }));
    let (engine, key) = (world.engine.clone(), world.connection);
    let killed = tokio::spawn(async move { engine.run_cycle(key, &Options::default()).await }).await;
    assert!(killed.unwrap_err().is_panic());
    let disabled = |world: &World| Having::of(world).accounts.values().filter(|on| !**on).count();
    assert_eq!(disabled(&world), 10);
    let (_db, next) = process(&world, &file(&world));
    let early = next.run_cycle(key, &Options::default()).await;
    assert!(
        matches!(early, Err(Error::Running)),
        "the dead one's lease runs out first: {early:?}"
    );
    world.pass(60_000);
    let report = next.run_cycle(key, &Options::default()).await.unwrap();
    assert_eq!(
        (report.state, report.failed, disabled(&world)),
        ("done", 0, 18),
        "{report:?}"
    );
    for person in &people[18..21] {
        world.set(person, "active", json!(false)).await;
    }
    let (_db, third) = process(&world, &file(&world));
    let report = third.run_cycle(key, &Options::default()).await.unwrap();
    assert_eq!((report.state, disabled(&world)), ("held", 18), "{report:?}");
    assert!(
        report.held[0].sentence.contains("after 18 in the last 24 hours"),
        "{report:?}"
    );
}

/// The database is put back to an older copy; the target has gone on. Nobody is made twice, nobody loses anything,
/// and whoever came after the copy is found again when the source sends them again.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_of_the_database_doubles_and_removes_nothing() {
    let (world, people, group) = town(60).await;
    let copy = world.folder.path().join("copy.db");
    let (from, to) = (file(&world), copy.clone());
    tokio::task::spawn_blocking(move || {
        let raw = rusqlite::Connection::open(from).unwrap();
        raw.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
    })
    .await
    .unwrap();
    for i in 0..5 {
        world.person(&format!("new{i}"), json!({})).await;
    }
    world.delete(&people[59]).await;
    world.join(&group, &[&people[30]]).await;
    world.run().await;
    let before = Having::of(&world);
    assert_eq!(before.accounts.len(), 64);
    world.pass(DAY);
    // From here on the hub works with the copy.
    let (db, engine) = process(&world, &copy);
    let world = World { db, engine, ..world };
    let count = writes(&world);
    assert_eq!(world.run().await.writes(), 0);
    let report = world.reconcile().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    // What it does not know of is listed and left; what the copy says of a member is restored by it, one by one.
    let connection = world.connection;
    let strangers = world
        .read(move |tx| unowned::list(tx, connection, None, None, 100))
        .await;
    assert_eq!(strangers.len(), 5);
    assert!(
        removals_since(&world, count).len() <= 1,
        "{:?}",
        removals_since(&world, count)
    );
    let now = Having::of(&world);
    assert!(
        before
            .accounts
            .keys()
            .all(|id| now.accounts.get(id) == Some(&true))
    );
    // The source sends everybody again.
    for i in 0..5 {
        world.person(&format!("new{i}"), json!({})).await;
    }
    let report = world.run().await;
    assert_eq!(
        (report.adopted, report.applied.get(&Action::Create)),
        (5, None),
        "{report:?}"
    );
    assert_eq!(
        world.held().people.len(),
        65,
        "the five once, and the one who is back"
    );
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
}

/// Only a part was restored, or by hand: the connection believes to have seen changes that are not there yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_ahead_of_the_change_log_misses_nothing() {
    let (world, people, _) = town(40).await;
    let before = Having::of(&world);
    assert_eq!(raw(&world, "UPDATE connection SET watermark = 1000000").await, 1);
    world.person("joiner", json!({})).await;
    world.set(&people[3], "title", json!("Boss")).await;
    let report = world.run().await;
    assert_eq!(
        (
            report.mode,
            report.applied.get(&Action::Create),
            report.applied.get(&Action::Update)
        ),
        ("initial", Some(&1), Some(&1)),
        "{report:?}"
    );
    before.assert_kept(&world);
    let connection = world.connection().await;
    assert!(connection.watermark < 1_000_000);
    assert_eq!(connection.state, State::Active);
    assert_healed(&world, &before).await;
}
