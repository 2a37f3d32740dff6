use crate::harness::Hub;
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
