//! The target does not answer, or not as it should: its credentials are revoked, it is down for a day, it fails at
//! everything, it asks to slow down for hours.

use super::moody::Moody;
use super::{Having, assert_healed, town, waiting, writes};
use crate::world::{DAY, HOUR, World};
use provost_connect::Error;
use provost_engine::plan::Action;
use provost_store::connection::{Connection, State};
use provost_store::directory::Object;
use serde_json::json;
use std::time::Duration;

/// Runs what the schedule would run.
async fn run_if_due(world: &World) -> Option<Connection> {
    let connection = world.connection().await;
    if connection.state == State::Quarantine && connection.next_try > world.now() {
        return None;
    }
    world.run().await;
    Some(world.connection().await)
}

/// Twenty-five movers, three leavers and a joiner.
async fn busy_day(world: &World, people: &[Object]) {
    for person in &people[10..35] {
        world.set(person, "title", json!("Boss")).await;
    }
    for person in &people[36..39] {
        world.delete(person).await;
    }
    world.person("joiner", json!({})).await;
}

/// All of the busy day arrived, and nothing else.
fn assert_arrived(world: &World, before: &Having) {
    let held = world.held();
    assert!((10..35).all(|i| held.get(&format!("user{i}"), "title") == json!("Boss")));
    assert!((36..39).all(|i| held.named(&format!("user{i}")).is_none()));
    assert!(held.named("joiner").is_some());
    assert_eq!(held.people.len(), before.accounts.len() - 3 + 1, "nobody twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_credential_makes_the_connection_invalid_at_once_after_one_attempt() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let (before, count) = (Having::of(&world), writes(&world));
    moody.set(Some(Error::Credential {
        host: "app.contoso.example".into(),
        reason: "the token was revoked".into(),
        cause: None,
    }));
    busy_day(&world, &people).await;
    let report = world.run().await;
    assert_eq!((report.state, report.writes()), ("failed", 0), "{report:?}");
    assert_eq!(moody.calls(), 1, "nobody knocks at a locked door again and again");
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Invalid, "PRV-CONNECT-CREDENTIAL"),
        "{}",
        connection.reason
    );
    assert!(
        connection.reason.contains("the token was revoked"),
        "{}",
        connection.reason
    );
    assert!(
        connection.reason.contains("Enter a valid credential"),
        "{}",
        connection.reason
    );
    assert!(
        connection.next_try >= world.now() + HOUR,
        "it is left alone for hours"
    );
    assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
    moody.set(None);
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    assert_arrived(&world, &before);
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
    assert_eq!(waiting(&world).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_fail_at_a_reconcile_heal_when_they_are_back() {
    let (mut world, ..) = town(30).await;
    let moody = Moody::between(&mut world);
    let before = Having::of(&world);
    moody.set(Some(Error::Credential {
        host: "app.contoso.example".into(),
        reason: "the token was revoked".into(),
        cause: None,
    }));
    let report = world.reconcile().await;
    assert_eq!((report.state, moody.calls()), ("failed", 1), "{report:?}");
    assert_eq!(world.connection().await.state, State::Invalid);
    moody.set(None);
    world.pass(DAY);
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_for_a_day_gets_everything_once_it_is_up() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let (before, count) = (Having::of(&world), writes(&world));
    moody.set(Some(Error::Unreachable {
        host: "app.contoso.example".into(),
        reason: "connection refused".into(),
    }));
    busy_day(&world, &people).await;
    for _ in 0..24 {
        if let Some(connection) = run_if_due(&world).await {
            assert_eq!(connection.state, State::Quarantine, "{}", connection.reason);
            assert!(
                connection.reason.contains("connection refused"),
                "{}",
                connection.reason
            );
        }
        world.pass(HOUR);
    }
    assert!(moody.calls() < 24 * 40, "{} calls", moody.calls());
    assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
    moody.set(None);
    for _ in 0..3 {
        run_if_due(&world).await;
        world.pass(DAY);
    }
    assert_arrived(&world, &before);
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_fails_at_everything_is_tried_later_and_doubles_nothing() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let (before, count) = (Having::of(&world), writes(&world));
    moody.set(Some(Error::Unavailable {
        host: "app.contoso.example".into(),
        operation: "a write".into(),
        status: 500,
        reason: "internal error".into(),
        after: None,
    }));
    busy_day(&world, &people).await;
    for _ in 0..24 {
        run_if_due(&world).await;
        world.pass(HOUR);
    }
    assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
    let codes = waiting(&world).await;
    assert!(codes.contains("PRV-CONNECT-UNAVAILABLE"), "{codes:?}");
    assert!(
        moody.calls() < 24 * 60,
        "each object waits longer and longer: {} calls",
        moody.calls()
    );
    moody.set(None);
    for _ in 0..3 {
        world.pass(DAY);
        run_if_due(&world).await;
    }
    assert_arrived(&world, &before);
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
    assert_eq!(waiting(&world).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_asks_to_slow_down_for_hours_is_left_alone_for_hours() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let (before, count) = (Having::of(&world), writes(&world));
    moody.set(Some(Error::Throttled {
        host: "app.contoso.example".into(),
        after: Some(Duration::from_secs(3_600)),
    }));
    busy_day(&world, &people).await;
    world.run().await;
    let calls = moody.calls();
    world.pass(HOUR / 2);
    let report = world.run().await;
    assert_eq!(
        (report.looked, moody.calls()),
        (0, calls),
        "it is not asked before its time"
    );
    assert_eq!(waiting(&world).await, ["PRV-CONNECT-THROTTLED".to_owned()].into());
    for _ in 0..6 {
        world.pass(HOUR);
        world.run().await;
    }
    assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
    moody.set(None);
    world.pass(2 * HOUR);
    let report = world.run().await;
    assert_eq!(
        (report.state, report.failed, report.applied.get(&Action::Delete)),
        ("done", 0, Some(&3))
    );
    assert_arrived(&world, &before);
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
}
