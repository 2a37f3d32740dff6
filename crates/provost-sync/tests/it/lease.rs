use crate::harness::Hub;
use provost_store::connection::{self, Condition, State};
use provost_store::lease;
use provost_sync::{Error, Node, Options};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_never_run_one_connection_together() {
    let hub = Hub::new().await;
    hub.people(30).await;
    let other = Node::open(&hub.folder.path().join("nodes")).unwrap();
    let (key, holder) = (hub.connection.key, other.id().to_owned());
    let taken = hub
        .db
        .write(move |tx| lease::take(tx, key, &holder, now(), now() + 60_000, &|_| false))
        .await
        .unwrap();
    assert!(taken.is_some());
    assert!(matches!(
        hub.engine.run_cycle(key, &Options::default()).await,
        Err(Error::Running)
    ));
    // Its process ends without giving the lease back: nobody waits for it.
    drop(other);
    assert_eq!(hub.run().await.state, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_lost_its_lease_writes_no_outcome() {
    let hub = Hub::new().await;
    hub.people(200).await;
    let (engine, key) = (hub.engine.clone(), hub.connection.key);
    let (started, mut seen) = tokio::sync::watch::channel(None);
    let options = Options {
        progress: Some(std::sync::Arc::new(move |p| {
            started.send_replace(Some(p.phase));
        })),
        ..Options::default()
    };
    let cycle = tokio::spawn(async move { engine.run_cycle(key, &options).await });
    seen.wait_for(|phase| *phase == Some(provost_sync::Phase::People))
        .await
        .unwrap();
    let thief = Uuid::now_v7().to_string();
    hub.db
        .write(move |tx| lease::take(tx, key, &thief, now(), now() + 60_000, &|_| true))
        .await
        .unwrap();
    let result = cycle.await.unwrap();
    assert!(
        matches!(
            result,
            Err(Error::Store(provost_store::Error::LeaseLost {
                held: 1,
                current: 2
            }))
        ),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pauses_during_a_cycle_has_the_last_word() {
    let hub = Hub::new().await;
    hub.people(200).await;
    let (engine, connection) = (hub.engine.clone(), hub.connection.clone());
    let (started, mut seen) = tokio::sync::watch::channel(None);
    let options = Options {
        progress: Some(std::sync::Arc::new(move |p| {
            started.send_replace(Some(p.phase));
        })),
        ..Options::default()
    };
    let key = connection.key;
    let cycle = tokio::spawn(async move { engine.run_cycle(key, &options).await });
    seen.wait_for(|phase| *phase == Some(provost_sync::Phase::People))
        .await
        .unwrap();
    let paused = Condition {
        state: State::Paused,
        reason: "paused by hand".into(),
        failures: 0,
        ..Condition::default()
    };
    hub.db
        .write(move |tx| connection::set_state(tx, "owner", now(), &connection, &paused))
        .await
        .unwrap();
    assert_eq!(cycle.await.unwrap().unwrap().state, "stopped");
    let after = hub
        .db
        .read(move |tx| connection::by_key(tx, key))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (after.state, after.reason.as_str()),
        (State::Paused, "paused by hand")
    );
    assert!(matches!(
        hub.engine.run_cycle(key, &Options::default()).await,
        Err(Error::Paused(_))
    ));
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
