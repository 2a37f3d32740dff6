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
