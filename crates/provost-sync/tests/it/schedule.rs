use crate::harness::Hub;
use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_store::connection;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_reaches_the_target_within_seconds_and_stopping_is_orderly() {
    let hub = Hub::new().await;
    let ann = hub.person("Ann", json!({})).await;
    let (stop, stopped) = watch::channel(false);
    let engine = hub.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    within(&hub, |hub| hub.users().contains_key("Ann@contoso.example")).await;
    hub.edit(&ann, |p| p["title"] = json!("Boss")).await;
    within(&hub, |hub| {
        hub.users()["Ann@contoso.example"].get("jobTitle") == Some(&json!("Boss"))
    })
    .await;
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(10), serving)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_waits_out_throttling_does_not_keep_the_process_from_ending() {
    let mut settings = m365_sim::Settings::contoso();
    settings.throttle.model = m365_sim::Model::TokenBucket;
    settings.throttle.writes = 5;
    settings.throttle.window = Duration::from_secs(3_600);
    let hub = Hub::with(settings, "{}").await;
    hub.people(60).await;
    let (stop, stopped) = watch::channel(false);
    let engine = hub.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    within(&hub, |hub| hub.simulator.counters().throttled > 0).await;
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(20), serving)
        .await
        .unwrap()
        .unwrap();
    hub.assert_no_twins();
}

/// Polls until something holds, for far longer than it should take.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_wait_for_the_interval_but_whoever_loses_access_does_not() {
    let preferences = json!({"interval_seconds": 3600});
    let world = World::with(&[people_rule(), group_rule()], preferences, GUARD_OFF).await;
    let people = world.people(2).await;
    let sales = world.group("Sales", &[&people[1]]).await;
    world.run().await;
    let (stop, stopped) = watch::channel(false);
    let engine = world.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    world.set(&people[1], "title", json!("Boss")).await;
    world.set(&people[0], "active", json!(false)).await;
    world.leave(&sales, &[&people[1]]).await;
    until("the disable", || {
        world.held().get("user0", "active") == json!(false)
    })
    .await;
    until("the end of the membership", || {
        world.held().members_of("Sales").is_empty()
    })
    .await;
    assert_eq!(world.held().get("user1", "title"), json!(null), "the rest waits");
    world.pass(3_600_000);
    until("the rest", || world.held().get("user1", "title") == json!("Boss")).await;
    stop.send(true).unwrap();
    serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_connection_runs_only_when_somebody_asks() {
    let world = World::with(&[people_rule()], json!({"mode": "manual"}), GUARD_OFF).await;
    let ann = world.person("ann", json!({})).await;
    let (stop, stopped) = watch::channel(false);
    let engine = world.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(stopped).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(world.held().writes.is_empty(), "nobody asked");
    world.run().await;
    assert!(world.held().named("ann").is_some());
    world.set(&ann, "title", json!("Boss")).await;
    let key = world.connection;
    world
        .write(move |tx| connection::want(tx, key, "reconcile"))
        .await;
    until("what was asked for", || {
        world.held().get("ann", "title") == json!("Boss")
    })
    .await;
    // The cycle ends a moment after its last write; one that is stopped before that is asked for still.
    let started = Instant::now();
    while !world.connection().await.wanted.is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "it is asked for still"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    serving.await.unwrap();
}

/// Far longer than it should take, so that a slow machine fails no test.
async fn within(hub: &Hub, arrived: impl Fn(&Hub) -> bool) {
    let started = Instant::now();
    while !arrived(hub) {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "the change did not arrive"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
