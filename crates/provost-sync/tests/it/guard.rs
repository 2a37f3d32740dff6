use crate::harness::Hub;
use provost_engine::plan::Action;
use provost_store::connection::{self, State};
use provost_store::staged::{self, Decision};
use serde_json::json;

async fn state(hub: &Hub) -> connection::Connection {
    let key = hub.connection.key;
    hub.db
        .read(move |tx| connection::by_key(tx, key))
        .await
        .unwrap()
        .unwrap()
}

async fn decide(hub: &Hub, digest: &str, decision: Decision) -> u64 {
    let (connection, digest) = (hub.connection.clone(), digest.to_owned());
    hub.db
        .write(move |tx| staged::decide(tx, "owner", 5, &connection, &digest, decision))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_of_a_third_is_held_and_everything_else_goes_on() {
    let hub = Hub::new().await;
    let people = hub.people(60).await;
    hub.run().await;
    for person in &people[..18] {
        hub.delete(person).await;
    }
    hub.person("Joiner", json!({})).await;
    let report = hub.run().await;
    assert_eq!(report.state, "held", "{report:?}");
    assert_eq!(
        (
            report.held[0].steps,
            report.applied.get(&Action::Delete),
            report.applied[&Action::Create]
        ),
        (18, None, 1)
    );
    assert_eq!(hub.users().len(), 61, "nobody was removed, the joiner is there");
    let now = state(&hub).await;
    assert_eq!(now.state, State::Held);
    assert!(now.reason.contains("18 of 60"), "{}", now.reason);
    // One of the held people does not slip through alone in a later cycle.
    hub.edit(&people[30], |p| p["title"] = json!("Boss")).await;
    hub.run().await;
    assert_eq!(hub.users().len(), 61);
    // Approved by a person, exactly these go.
    assert_eq!(decide(&hub, "another plan", Decision::Approved).await, 0);
    assert_eq!(decide(&hub, &report.held[0].digest, Decision::Approved).await, 18);
    let report = hub.run().await;
    assert_eq!(
        (report.state, report.applied[&Action::Delete]),
        ("done", 18),
        "{report:?}"
    );
    assert_eq!(state(&hub).await.state, State::Active);
    hub.assert_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_removals_stay_and_the_connection_is_active_again() {
    let hub = Hub::new().await;
    let people = hub.people(40).await;
    hub.run().await;
    for person in &people[..20] {
        hub.edit(person, |p| p["active"] = json!(false)).await;
    }
    let report = hub.run().await;
    decide(&hub, &report.held[0].digest, Decision::Rejected).await;
    let again = hub.run().await;
    assert_eq!(
        (
            again.writes(),
            hub.users()["user0@contoso.example"]["accountEnabled"].clone()
        ),
        (0, json!(true))
    );
    // People who come back need no removal any more.
    for person in &people[..20] {
        hub.edit(person, |p| p["active"] = json!(true)).await;
    }
    hub.run().await;
    let key = hub.connection.key;
    assert!(
        hub.db
            .read(move |tx| staged::list(tx, key, 100))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(state(&hub).await.state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn emptying_a_group_of_ten_is_held() {
    let hub = Hub::new().await;
    let people = hub.people(12).await;
    let group = hub.group("Everybody", &people.iter().collect::<Vec<_>>()).await;
    hub.run().await;
    hub.leave(&group, &people.iter().collect::<Vec<_>>()).await;
    let report = hub.run().await;
    assert_eq!(
        (report.state, hub.groups()["Everybody"].len()),
        ("held", 12),
        "{report:?}"
    );
    decide(&hub, &report.held[0].digest, Decision::Approved).await;
    hub.run().await;
    hub.assert_equal().await;
}
