//! Switching a connection off, and what is refused before anything is written.

use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_connect::{Kind, ReadOnly, Standing};
use provost_engine::plan::Action;
use provost_store::connection::{self, Condition, State};
use provost_store::staged::{self, Decision};
use provost_store::{cycle, lease};
use provost_sync::REST_AFTER_STOP;
use serde_json::{Value, json};
use std::sync::Arc;

/// Writes the connection's state while a cycle is under way.
async fn set_state(world: &World, state: State) {
    let (found, now) = (world.connection().await, world.now());
    let to = Condition {
        state,
        ..Condition::default()
    };
    world
        .write(move |tx| connection::set_state(tx, "owner", now, &found, &to))
        .await;
}

/// Pauses the connection in the middle of the write with this number.
fn pause_at(world: &World, number: usize) {
    let (db, key, handle) = (
        world.db.clone(),
        world.connection,
        tokio::runtime::Handle::current(),
    );
    let hook = move |n: usize| {
        if n == number {
            let db = db.clone();
            let paused = handle.spawn(async move {
                let found = db
                    .read(move |tx| connection::by_key(tx, key))
                    .await
                    .unwrap()
                    .unwrap();
                let to = Condition {
                    state: State::Paused,
                    ..Condition::default()
                };
                db.write(move |tx| connection::set_state(tx, "owner", 1, &found, &to))
                    .await
                    .unwrap();
            });
            tokio::task::block_in_place(|| handle.block_on(paused)).unwrap();
        }
    };
    world.model.on_write(Arc::new(hook));
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_means_no_further_write_whatever_is_under_way() {
    for number in [1, 3, 7, 12] {
        let world = World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await;
        let people = world.people(8).await;
        let everybody: Vec<_> = people.iter().collect();
        world.group("Staff", &everybody).await;
        world.group("Hall", &everybody).await;
        pause_at(&world, number);
        let report = world.run().await;
        assert_eq!(report.state, "stopped", "{report:?}");
        // The members of one group go in one request.
        let most = if number > 10 { 18 } else { number };
        assert!(
            world.held().writes.len() <= most,
            "{number}: {:?}",
            world.held().writes
        );
        assert_eq!(world.connection().await.state, State::Paused);
        world.model.on_write(Arc::new(|_| {}));
        set_state(&world, State::Active).await;
        assert_eq!(world.run().await.failed, 0);
        assert_eq!(
            world.held().members_of("Staff").len(),
            8,
            "the next cycle goes on"
        );
    }
}

/// Stops the running cycle in the middle of the write with this number.
fn stop_at(world: &World, number: usize) {
    let (engine, db, key) = (world.engine.clone(), world.db.clone(), world.connection);
    let handle = tokio::runtime::Handle::current();
    let hook = move |n: usize| {
        if n == number {
            let (engine, db) = (engine.clone(), db.clone());
            let stopped = handle.spawn(async move {
                let newest = db.read(move |tx| cycle::latest(tx, key, 1)).await.unwrap();
                engine.stop_cycle(newest[0].key, "Ada").await.unwrap();
                let again = engine.stop_cycle(newest[0].key, "Ada").await.unwrap_err();
                assert_eq!(again.code(), Some("PRV-CYCLE-ENDED"));
            });
            tokio::task::block_in_place(|| handle.block_on(stopped)).unwrap();
        }
    };
    world.model.on_write(Arc::new(hook));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_is_stopped_ends_within_one_write_and_the_next_goes_on() {
    for number in [1, 3, 7] {
        let world = World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await;
        let people = world.people(8).await;
        world.group("Staff", &people.iter().collect::<Vec<_>>()).await;
        stop_at(&world, number);
        let report = world.run().await;
        assert_eq!(report.state, "stopped", "{number}: {report:?}");
        let written = world.held().writes.len();
        assert!(written <= number, "{number}: {:?}", world.held().writes);
        // The connection is on and says why it rests; what was written is known.
        let found = world.connection().await;
        assert_eq!(found.state, State::Active);
        assert!(found.reason.contains("stopped by a person"), "{found:?}");
        assert_eq!(found.next_try, world.now() + REST_AFTER_STOP);
        world.model.on_write(Arc::new(|_| {}));
        assert_eq!(world.run().await.failed, 0);
        let people = world.held().people.len();
        assert_eq!((people, world.held().members_of("Staff").len()), (8, 8));
        let creates = world
            .held()
            .writes
            .iter()
            .filter(|w| *w == "create person")
            .count();
        assert_eq!(creates, 8, "nobody was made twice");
        let found = world.connection().await;
        assert_eq!((found.reason.as_str(), found.next_try), ("", 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_no_cycle_begins_by_itself_for_a_while() {
    let world = World::new().await;
    world.people(4).await;
    stop_at(&world, 1);
    world.run().await;
    world.model.on_write(Arc::new(|_| {}));
    let written = world.held().writes.len();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let engine = world.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(world.held().writes.len(), written, "it rests");
    world.pass(REST_AFTER_STOP + 1);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while world.held().people.len() < 4 {
        assert!(
            std::time::Instant::now() < until,
            "it went on: {:?}",
            world.held().writes
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stop.send(true).unwrap();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_cycle_whose_process_is_gone_is_stopped_at_once() {
    let world = World::new().await;
    let (connection, now) = (world.connection, world.now());
    let key = world
        .write(move |tx| {
            let lease = lease::take(tx, connection, "gone", now, now + 1, &|_| false)?.unwrap();
            cycle::start(tx, lease, "initial", now, -1)
        })
        .await;
    world.pass(10);
    world.engine.stop_cycle(key, "Ada").await.unwrap();
    let (found, _) = world.read(move |tx| cycle::get(tx, key)).await.unwrap();
    assert_eq!(
        (found.state.as_str(), found.finished.is_some()),
        ("stopped", true)
    );
    let unknown = world.engine.stop_cycle(987_654, "Ada").await.unwrap_err();
    assert_eq!(unknown.code(), Some("PRV-CYCLE-UNKNOWN"));
}

#[tokio::test]
async fn an_invalid_connection_runs_no_cycle() {
    let world = World::new().await;
    world.people(1).await;
    set_state(&world, State::Invalid).await;
    let options = provost_sync::Options::default();
    let refused = world
        .engine
        .run_cycle(world.connection, &options)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("PRV-CONNECTION-INVALID"));
    assert!(world.held().writes.is_empty());
}

#[tokio::test]
async fn what_the_target_would_refuse_fails_before_it_is_asked_and_others_go_on() {
    let world = World::new().await;
    world.held().refused.insert("title".into());
    let ann = world.person("ann", json!({"title": "Boss"})).await;
    world.person("bob", json!({})).await;
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.applied[&Action::Create]),
        (1, 1),
        "{report:?}"
    );
    assert_eq!(world.held().writes, ["create person"]);
    let line = world.log(&ann).await.remove(0);
    assert_eq!(
        (line.status.as_str(), line.code.as_str()),
        ("failure", "PRV-VALUE-KIND")
    );
    assert!(line.reason.contains("Correct the mapping."), "{}", line.reason);
}

#[tokio::test]
async fn accounts_of_guests_and_of_others_are_not_taken_over() {
    let world = World::new().await;
    let read_only = ReadOnly {
        code: "PRV-TARGET-SYNCED".into(),
        reason: "it is synchronised from elsewhere".into(),
    };
    let standings = [
        Standing {
            guest: true,
            ..Standing::default()
        },
        Standing {
            read_only: Some(read_only),
            ..Standing::default()
        },
    ];
    for (name, standing) in ["ann", "bob"].into_iter().zip(standings) {
        let id = world
            .held()
            .plant(Kind::Person, json!({"userName": name, "displayName": "x"}));
        world.held().standing.insert(id, standing);
    }
    let ann = world.person("ann", json!({})).await;
    let bob = world.person("bob", json!({})).await;
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.adopted, report.writes()),
        (0, 0, 0),
        "{report:?}"
    );
    assert!(world.held().writes.is_empty());
    let code = async |who| world.log(who).await.remove(0).code;
    assert_eq!(code(&ann).await, "PRV-TARGET-GUEST");
    assert_eq!(code(&bob).await, "PRV-TARGET-SYNCED");
}

#[tokio::test]
async fn an_administrators_account_is_closed_only_on_a_persons_word() {
    let world = World::new().await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    let admin = Standing {
        roles: vec!["Global Administrator".into()],
        ..Standing::default()
    };
    let id = world.held().id("ann");
    world.held().standing.insert(id, admin);
    world.set(&ann, "active", json!(false)).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(true));
    let line = world.log(&ann).await.remove(0);
    assert_eq!(
        (line.action.as_str(), line.code.as_str()),
        ("staged disable", "PRV-TARGET-PRIVILEGED")
    );
    assert_eq!(world.connection().await.state, State::Held);
    let (found, now) = (world.connection().await, world.now());
    world
        .write(move |tx| staged::decide_all(tx, "owner", now, &found, Decision::Approved))
        .await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(false));
}

#[tokio::test]
async fn a_protected_account_is_never_written() {
    let world = World::with(
        &[people_rule(), group_rule()],
        json!({"protected_accounts": ["Breakglass", "t2"]}),
        GUARD_OFF,
    )
    .await;
    let planted = world.held().plant(
        Kind::Person,
        json!({"userName": "breakglass", "displayName": "old"}),
    );
    let person = world.person("breakglass", json!({})).await;
    let bob = world.person("bob", json!({})).await;
    world.run().await;
    assert_eq!(world.held().people[&planted]["displayName"], json!("old"));
    assert_eq!(world.log(&person).await[0].code, "PRV-TARGET-PROTECTED");
    let writes = world.held().writes.len();
    assert_eq!(world.held().id("bob"), "t2");
    world.set(&bob, "active", json!(false)).await;
    world.run().await;
    world.delete(&bob).await;
    world.run().await;
    assert_eq!(world.held().writes.len(), writes);
    assert_eq!(world.held().get("bob", "active"), json!(true));
}

#[tokio::test]
async fn what_the_connection_does_not_allow_is_not_done() {
    let world = World::with(
        &[people_rule(), group_rule()],
        json!({"allowed": {"update": false, "create": true}}),
        GUARD_OFF,
    )
    .await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    world.set(&ann, "displayName", json!("Ann")).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "displayName"), json!("ann"));
    world.set(&ann, "active", json!(false)).await;
    world.run().await;
    assert_eq!(
        world.held().get("ann", "active"),
        json!(false),
        "a disable is not an update"
    );
}

#[tokio::test]
async fn what_the_provider_wrote_stands_in_the_log() {
    let world = World::new().await;
    let ann = world.person("ann", json!({})).await;
    world.held().estate.receipts.insert(ann.id.to_string(), 201);
    world.run().await;
    let line = world.log(&ann).await.remove(0);
    assert_eq!(
        (line.trace.receipts.len(), line.trace.receipts[0].status),
        (1, 201)
    );
}

#[tokio::test]
async fn generated_and_sealed_passwords_are_sent_once_and_stand_nowhere() {
    let mut people = people_rule();
    let mappings = people["mappings"].as_array_mut().unwrap();
    mappings.push(json!({"target": "password", "generated": true, "apply": "on_create"}));
    let world = World::with(&[people, group_rule()], json!({}), GUARD_OFF).await;
    let (ann, bob) = (
        world.person("ann", json!({})).await,
        world.person("bob", json!({})).await,
    );
    let plan = |save| {
        let proposal = provost_sync::Proposal::default();
        let engine = world.engine.clone();
        let connection = world.connection;
        async move {
            engine
                .make_plan(connection, None, &proposal, "owner", save, None)
                .await
                .unwrap()
        }
    };
    let (one, other) = (plan(true).await, plan(false).await);
    assert_eq!(one.digest, other.digest, "a plan does not change with chance");
    world.run().await;
    let (first, second) = {
        let held = world.held();
        let password = |name| held.get(name, "password").as_str().unwrap().to_owned();
        (password("ann"), password("bob"))
    };
    assert_eq!((first.chars().count(), first != second), (24, true));
    for object in [&ann, &bob] {
        for line in world.log(object).await {
            let text = format!("{line:?}");
            assert!(!text.contains(&first) && !text.contains(&second), "{text}");
        }
    }
    let writes = world.held().writes.len();
    world.set(&ann, "title", json!("Boss")).await;
    world.run().await;
    assert_eq!(world.held().writes.len(), writes + 1);
    assert_eq!(
        world.held().get("ann", "password"),
        Value::from(first),
        "it is written on create only"
    );
}
