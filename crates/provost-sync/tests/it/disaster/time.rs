//! Time: a clock that is wrong, removals in thin slices, and what happens while a connection is paused.

use super::{Having, assert_healed, assert_held, decide, removals_since, town, with_mapping, writes};
use crate::world::{DAY, HOUR, World, group_rule, people_rule};
use provost_engine::plan::Action;
use provost_store::connection::{self, Condition, State};
use provost_store::directory::Object;
use provost_store::staged::Decision;
use provost_store::{recycle, retention};
use provost_sync::{Error, Options};
use serde_json::{Value, json};

/// Whoever's last day (kept in the title) is over may not sign in any more.
fn until_the_last_day() -> Value {
    let last_day = r#"IIF(DateDiff("d", Now(), CDate([title])) < 0, "False", "True")"#;
    with_mapping(
        2,
        json!({"target": "active", "expression": last_day, "kind": "boolean"}),
    )
}

/// The world's clock begins in January 2027.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_a_year_ahead_is_held_and_one_that_is_right_again_works_on() {
    let world = World::with(
        &[until_the_last_day(), group_rule()],
        json!({"interval_seconds": 3600}),
        "{}",
    )
    .await;
    for i in 0..40 {
        world
            .person(&format!("user{i}"), json!({"title": "2027-06-30"}))
            .await;
    }
    let ann = world.person("ann", json!({"title": "2027-01-17"})).await;
    world.run().await;
    let before = Having::of(&world);
    assert!(before.accounts.values().all(|enabled| *enabled));
    world.pass(365 * DAY);
    let report = world.run().await;
    assert_held(&world, &report, &before, 41, "would delete or disable 41 of 41").await;
    // The clock is put right: what waited is not wanted any more, and nobody has to wait a year for the next look.
    world.pass(-365 * DAY);
    world.run().await;
    assert_healed(&world, &before).await;
    let connection = world.connection().await;
    assert!(connection.timed <= world.now() && connection.last_run <= world.now());
    world.pass(5 * DAY);
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&1), "{report:?}");
    assert_eq!(world.held().get(&ann.label, "active"), json!(false));
}

/// One per cent an hour passes every cycle by itself; the rolling 24 hours stop it, and it does not begin anew on
/// the next day.
#[tokio::test(flavor = "multi_thread")]
async fn removals_in_thin_slices_are_stopped_by_the_rolling_day() {
    let (world, people, _) = town(300).await;
    let mut gone = 0;
    for hour in 0..72 {
        for person in people.iter().skip(12 + hour * 3).take(3) {
            world.set(person, "active", json!(false)).await;
        }
        let report = world.run().await;
        gone += report.applied.get(&Action::Disable).copied().unwrap_or(0);
        assert!(
            gone <= 15,
            "five per cent of 300 people: {gone} after {hour} hours"
        );
        world.pass(HOUR);
    }
    assert_eq!(gone, 15);
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Held, "PRV-GUARD-HELD"),
        "{}",
        connection.reason
    );
    assert!(connection.reason.contains("24 hours"), "{}", connection.reason);
    assert_eq!(removals_since(&world, 0).len(), 15);
}

async fn set_state(world: &World, state: State) {
    let (connection, now) = (world.connection().await, world.now());
    let to = Condition {
        state,
        reason: "by hand".into(),
        ..Condition::default()
    };
    world
        .write(move |tx| connection::set_state(tx, "owner", now, &connection, &to))
        .await;
}

async fn purge(world: &World, object: &Object) {
    let (now, key) = (world.now(), object.key);
    world.write(move |tx| recycle::purge(tx, "owner", now, key)).await;
}

/// Nothing is left of those people but their links. Few of them leave with the first cycle; many wait.
#[tokio::test(flavor = "multi_thread")]
async fn people_purged_while_the_connection_was_paused_are_neither_left_in_nor_removed_in_a_mass() {
    for (leavers, passes) in [(3, true), (30, false)] {
        let (world, people, _) = town(60).await;
        let before = Having::of(&world);
        set_state(&world, State::Paused).await;
        let count = writes(&world);
        for person in &people[20..20 + leavers] {
            world.delete(person).await;
        }
        for person in &people[20..20 + leavers] {
            purge(&world, person).await;
        }
        world.pass(60 * DAY);
        let now = world.now();
        world
            .write(move |tx| retention::sweep(tx, now, 10_000).map(drop))
            .await;
        let paused = world
            .engine
            .run_cycle(world.connection, &Options::default())
            .await;
        assert!(matches!(paused, Err(Error::Paused(_))), "{paused:?}");
        assert_eq!(writes(&world), count);
        set_state(&world, State::Active).await;
        let report = world.run().await;
        if passes {
            assert_eq!(
                (report.state, report.applied.get(&Action::Delete)),
                ("done", Some(&3)),
                "{report:?}"
            );
        } else {
            assert_held(&world, &report, &before, 30, "lost 30 of 60 people").await;
            decide(&world, &report.held[0].digest, Decision::Approved).await;
            let report = world.run().await;
            assert_eq!(report.applied.get(&Action::Delete), Some(&30), "{report:?}");
        }
        assert_eq!(world.held().people.len(), 60 - leavers);
        let now = Having::of(&world);
        assert_healed(&world, &now).await;
    }
}

/// A quarantine that was entered by a clock ahead of time does not last until that time comes.
#[tokio::test(flavor = "multi_thread")]
async fn retries_planned_by_a_wrong_clock_do_not_wait_for_its_time() {
    let world = World::with(&[people_rule()], json!({}), "{}").await;
    let people = world.people(3).await;
    world.run().await;
    world.pass(365 * DAY);
    let next = writes(&world) + 1;
    world.held().faults.insert(next, crate::model::Fault::Refused);
    world.set(&people[0], "title", json!("Boss")).await;
    assert_eq!(world.run().await.failed, 1);
    world.pass(-365 * DAY);
    for _ in 0..3 {
        world.run().await;
        world.pass(2 * HOUR);
    }
    assert_eq!(world.held().get("user0", "title"), json!("Boss"));
}
