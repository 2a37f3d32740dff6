//! G0-16: removing a provider never destroys who was assigned.

use super::{NAME, Stage, code, confirmed, of, people_rule};
use provost_store::connection::Connection;
use provost_store::directory::Object;
use provost_store::microsoft_365::{self as m365, Mode};
use provost_store::{assignment, connection};
use provost_sync::setup::Confirm;
use provost_sync::{Error, Options};
use serde_json::json;

async fn assign(stage: &Stage, connection: &Connection, objects: &[&Object]) {
    let (c, objects) = (
        connection.clone(),
        objects.iter().copied().cloned().collect::<Vec<_>>(),
    );
    let write = move |tx: &mut provost_store::Tx| {
        for object in &objects {
            assignment::add(tx, "sam", 7, &c, object)?;
        }
        Ok::<_, provost_store::Error>(())
    };
    stage.hub.db.write(write).await.unwrap();
}

/// What the removal asks to be confirmed.
async fn question(stage: &Stage) -> (String, String, Vec<String>) {
    let engine = &stage.hub.engine;
    let none = Confirm::default();
    match engine
        .remove_provider(stage.workspace(), NAME, &none, "sam")
        .await
    {
        Err(Error::Confirm {
            code,
            sentence,
            digest,
            list,
            ..
        }) => {
            assert_eq!(code, "PRV-PROVIDER-REMOVE");
            (digest, sentence, list)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_16_who_was_assigned_is_kept_and_comes_back_with_the_next_provider() {
    let stage = Stage::new().await;
    stage.add().await;
    stage.set_mode(Mode::ProvisioningOnly, "a test").await.unwrap();
    let c = stage.provision().await;
    let engine = &stage.hub.engine;
    let ann = stage.hub.person("ann", json!({})).await;
    let bob = stage.hub.person("bob", json!({})).await;
    let sales = stage.hub.group("Sales", &[&bob]).await;
    assign(&stage, &c, &[&ann, &sales]).await;
    let key = c.key;
    let save = |confirm: Confirm| async move {
        engine
            .save_rules(key, vec![people_rule()], "owner", &confirm)
            .await
    };
    confirmed(save).await.unwrap();
    let report = engine.run_cycle(c.key, &Options::default()).await.unwrap();
    assert_eq!(report.writes(), 2, "{report:?}");

    let result = engine
        .remove_provider(stage.workspace(), NAME, &Confirm::default(), "sam")
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-IN-USE");
    stage.assert_told("remove", "PRV-CONNECTION-IN-USE").await;
    let name = people_rule().name;
    engine
        .switch_rule(c.key, &name, false, "owner", &Confirm::default())
        .await
        .unwrap();

    let (digest, sentence, list) = question(&stage).await;
    assert!(
        sentence.contains("2 links") && sentence.contains("2 direct assignments are kept"),
        "{sentence}"
    );
    assert!(sentence.contains(&format!("\"{name}\"")), "{sentence}");
    assert_eq!(list, ["ann", "Sales"]);
    // Somebody comes in after the question was read: it is asked anew.
    let cem = stage.hub.person("cem", json!({})).await;
    assign(&stage, &c, &[&cem]).await;
    let old = of(digest);
    let result = engine.remove_provider(stage.workspace(), NAME, &old, "sam").await;
    assert_eq!(code(result), "PRV-PROVIDER-REMOVE");
    let (digest, _, list) = question(&stage).await;
    assert_eq!(list.len(), 3);
    engine
        .remove_provider(stage.workspace(), NAME, &of(digest), "sam")
        .await
        .unwrap();
    assert_eq!(stage.providers().await, 0);
    let key = c.key;
    assert_eq!(
        stage
            .hub
            .db
            .read(move |tx| connection::by_key(tx, key))
            .await
            .unwrap(),
        None
    );
    assert_eq!(stage.hub.simulator.users().len(), 2, "the accounts stay");
    assert_eq!(
        engine.credential_expiry(key).await.unwrap_err().to_string(),
        format!("there is no connection with the key {key}")
    );

    // Added again, they are offered, and come back through the lock only.
    stage.add().await;
    let offered = engine
        .detached_assignments(stage.workspace(), NAME, 0, 100)
        .await
        .unwrap();
    let names: Vec<&str> = offered.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(names, ["ann", "Sales", "cem"]);
    assert!(offered.iter().all(|one| one.actor == "sam" && one.assigned == 7));
    let result = engine
        .reattach_assignments(stage.workspace(), NAME, None, "sam")
        .await;
    assert_eq!(code(result), "PRV-PROVIDER-ORDER");
    stage.assert_told("reattach", "PRV-PROVIDER-ORDER").await;
    let c = stage.provision().await;
    let result = engine
        .reattach_assignments(stage.workspace(), NAME, None, "sam")
        .await;
    assert_eq!(code(result), "PRV-PROVIDER-NOT-ASSIGNABLE");
    stage.assert_told("reattach", "PRV-PROVIDER-NOT-ASSIGNABLE").await;
    stage.set_mode(Mode::ProvisioningOnly, "a test").await.unwrap();
    let some = Some(vec![ann.id, bob.id]);
    assert_eq!(
        engine
            .reattach_assignments(stage.workspace(), NAME, some, "sam")
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        engine
            .reattach_assignments(stage.workspace(), NAME, None, "sam")
            .await
            .unwrap(),
        2
    );
    let key = c.key;
    let assigned = stage
        .hub
        .db
        .read(move |tx| assignment::set(tx, key))
        .await
        .unwrap();
    assert_eq!(assigned, [ann.key, sales.key, cem.key]);
    let w = stage.workspace();
    let left = stage
        .hub
        .db
        .read(move |tx| m365::detached_count(tx, w, "contoso.example"))
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_16_the_connection_does_not_go_by_its_own_door() {
    let stage = Stage::new().await;
    stage.add().await;
    stage.set_mode(Mode::ProvisioningOnly, "a test").await.unwrap();
    let c = stage.provision().await;
    let ann = stage.hub.person("ann", json!({})).await;
    assign(&stage, &c, &[&ann]).await;
    let engine = &stage.hub.engine;
    let error = engine.drop_connection(c.key, "sam").await.unwrap_err();
    assert_eq!(error.code(), Some("PRV-PROVIDER-OWNS"));
    assert!(error.to_string().contains("\"Contoso 365\""), "{error}");
    let (action, _) = stage.refused().await;
    assert_eq!(action, "connection.remove.refused");
    assert_eq!(
        engine.credential_expiry(c.key).await.unwrap(),
        Some(1_900_000_000_000),
        "nothing was begun"
    );
    let key = c.key;
    assert_eq!(
        stage
            .hub
            .db
            .read(move |tx| assignment::set(tx, key))
            .await
            .unwrap(),
        [ann.key]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_connection_goes_with_a_word_and_a_federated_one_does_not() {
    let stage = Stage::new().await;
    stage.add().await;
    let engine = &stage.hub.engine;
    let (digest, sentence, list) = question(&stage).await;
    assert!(
        sentence.contains("no connection yet") && sentence.contains("Nobody is assigned"),
        "{sentence}"
    );
    assert!(list.is_empty());
    engine
        .remove_provider(stage.workspace(), NAME, &of(digest), "sam")
        .await
        .unwrap();
    assert_eq!(stage.providers().await, 0);
    stage.add().await;
    stage.federate().await;
    let result = engine
        .remove_provider(stage.workspace(), NAME, &Confirm::default(), "sam")
        .await;
    assert_eq!(code(result), "PRV-PROVIDER-FEDERATED");
    stage.assert_told("remove", "PRV-PROVIDER-FEDERATED").await;
    assert_eq!(stage.providers().await, 1);
}
