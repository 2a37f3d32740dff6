use crate::harness::{GUARD_OFF, Hub};
use m365_sim::{Fault, FaultKind, Settings};
use provost_store::connection::{self, State};
use provost_store::doubt::Decision;
use serde_json::json;
use std::time::Duration;

/// Runs cycles until nothing fails any more; every failure waits for its own time.
async fn until_equal(hub: &Hub) {
    for _ in 0..60 {
        let report = hub.run().await;
        let key = hub.connection.key;
        let waiting = hub
            .db
            .read(move |tx| provost_store::retry::list(tx, key, 10))
            .await
            .unwrap();
        if report.failed == 0 && waiting.is_empty() && report.state == "done" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the target did not converge");
}

fn fault(method: &str, path: &str, skip: u32, kind: FaultKind) -> Fault {
    Fault {
        method: Some(method.into()),
        path: path.into(),
        skip,
        times: 1,
        kind,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_whose_answer_is_lost_is_not_repeated() {
    let hub = Hub::new().await;
    let people = hub.people(25).await;
    hub.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    hub.simulator
        .fail(fault("POST", "$batch", 0, FaultKind::LoseAnswer));
    hub.simulator
        .fail(fault("POST", "/users", 0, FaultKind::LoseAnswer));
    hub.simulator
        .fail(fault("PATCH", "/groups", 0, FaultKind::LoseAnswer));
    until_equal(&hub).await;
    hub.assert_equal().await;
    hub.assert_no_twins();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_at_any_step_the_target_converges_without_twins() {
    let kinds = [
        FaultKind::Status(500),
        FaultKind::Status(429),
        FaultKind::Status(503),
        FaultKind::Html,
        FaultKind::Drop,
        FaultKind::Truncate(40),
        FaultKind::LoseAnswer,
    ];
    for (n, kind) in (0..).zip(kinds) {
        let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
        let people = hub.people(6).await;
        let group = hub
            .group("Sales", &people.iter().take(4).collect::<Vec<_>>())
            .await;
        for skip in [n, n + 3] {
            for (method, path) in [("POST", "/"), ("PATCH", "/"), ("GET", "/users")] {
                hub.simulator.fail(fault(method, path, skip, kind.clone()));
            }
        }
        until_equal(&hub).await;
        hub.edit(&people[0], |p| p["title"] = json!("Boss")).await;
        hub.delete(&people[5]).await;
        hub.leave(&group, &[&people[1]]).await;
        until_equal(&hub).await;
        hub.assert_equal().await;
        hub.assert_no_twins();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_stops_the_connection_with_reason_and_next_step() {
    let mut settings = Settings::contoso();
    let right = settings.applications[0].client_secret.clone();
    settings.applications[0].client_secret = "another".into();
    let hub = Hub::with(settings, "{}").await;
    hub.people(3).await;
    let key = hub.connection.key;
    // The stored secret is made wrong: the seed stored the tenant's own.
    let sealing = hub.key.clone();
    hub.db
        .write(move |tx| {
            let place = provost_store::secret::Place {
                table: "connection",
                owner: key,
                field: "client_secret",
            };
            provost_store::secret::put(tx, &sealing, 2, &place, &right)
        })
        .await
        .unwrap();
    let report = hub.run().await;
    assert_eq!((report.state, report.writes()), ("failed", 0));
    let now = hub
        .db
        .read(move |tx| connection::by_key(tx, key))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((now.state, now.watermark), (State::Invalid, -1));
    assert!(
        now.reason.contains("refuses the credential") && now.reason.contains("Make a new client secret"),
        "{}",
        now.reason
    );
    assert!(!now.reason.contains("another"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_nobody_needs_any_more_is_forgotten() {
    let hub = Hub::new().await;
    let mute = hub.person("Mute", json!({"userName": "no domain here"})).await;
    hub.simulator
        .fail(fault("POST", "/users", 0, FaultKind::Status(500)));
    hub.run().await;
    let key = hub.connection.key;
    let waiting = async || {
        hub.db
            .read(move |tx| provost_store::retry::list(tx, key, 10))
            .await
            .unwrap()
    };
    assert_eq!(waiting().await.len(), 1);
    hub.delete(&mute).await;
    make_due(&hub).await;
    hub.run().await;
    assert_eq!(waiting().await, []);
}

/// As if the time of every next try had come.
async fn make_due(hub: &Hub) {
    let path = hub.folder.path().join("provost.db");
    let sql = "UPDATE retry SET next_try = 0";
    tokio::task::spawn_blocking(move || {
        rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(sql)
            .unwrap()
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_deleted_behind_our_back_come_back_by_a_decision_when_their_person_changes() {
    let hub = Hub::new().await;
    let ann = hub.person("Ann", json!({})).await;
    hub.run().await;
    let id = hub.users()["Ann@contoso.example"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    remove(&hub, &id).await;
    hub.edit(&ann, |p| p["title"] = json!("Boss")).await;
    hub.run().await;
    hub.run().await;
    // It lies in the bin with everything it had: nobody is made beside it, a person is asked.
    assert!(hub.users().is_empty());
    hub.decide_twin("Ann", &id, Decision::Restore).await;
    hub.run().await;
    let users = hub.users();
    let ann = &users["Ann@contoso.example"];
    assert_eq!((&ann["id"], &ann["jobTitle"]), (&json!(id), &json!("Boss")));
}

/// An administrator deletes a user in the tenant.
async fn remove(hub: &Hub, id: &str) {
    let base = hub.connection.settings["graph_url"].as_str().unwrap();
    let settings = Settings::contoso();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://graph.microsoft.com/.default",
        settings.applications[0].client_id, settings.applications[0].client_secret
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = client
        .post(format!("{base}/{}/oauth2/v2.0/token", settings.tenant_id))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let answer = client
        .delete(format!("{base}/v1.0/users/{id}"))
        .header("authorization", bearer)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204);
}
