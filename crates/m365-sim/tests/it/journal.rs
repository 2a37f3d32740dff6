use std::path::Path;

use m365_sim::{Settings, Simulator};
use serde_json::json;

use crate::world::{World, merged, unified, user_with};

async fn world(path: &Path) -> World {
    let path = path.to_owned();
    World::start(move |settings| {
        settings.journal = Some(path);
        settings.applications[0]
            .roles
            .push("User.DeleteRestore.All".to_owned());
    })
    .await
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let before = world(&path).await;
    let ada = before
        .post(
            "/users",
            user_with("ada", json!({"usageLocation": "NO", "city": "Oslo"})),
        )
        .await
        .id();
    let (boss, gone, purged) = (
        before.user("boss").await,
        before.user("gone").await,
        before.user("purged").await,
    );
    let crew = before
        .post(
            "/groups",
            merged(
                unified("crew"),
                json!({"members@odata.bind": before.references(&[ada.clone(), boss.clone()])}),
            ),
        )
        .await
        .id();
    before
        .call(
            "PUT",
            &format!("/users/{ada}/manager/$ref"),
            &[],
            Some(before.reference(&boss)),
        )
        .await;
    before
        .patch(
            &format!("/users/{ada}"),
            json!({"city": null, "jobTitle": "Countess"}),
        )
        .await;
    let license =
        json!({"addLicenses": [{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965"}], "removeLicenses": []});
    before.post(&format!("/users/{ada}/assignLicense"), license).await;
    before
        .delete(&format!("/groups/{crew}/members/{boss}/$ref"))
        .await;
    let delta = before.get("/users/delta").await.link("delta").unwrap();
    for id in [&gone, &purged] {
        before.delete(&format!("/users/{id}")).await;
    }
    before.delete(&format!("/directory/deletedItems/{purged}")).await;
    let (users, groups, creations) = (
        before.simulator.users(),
        before.simulator.groups(),
        before.simulator.creations(),
    );
    let address = before.url.clone();
    drop(before);

    let after = world(&path).await;
    assert_eq!(
        (after.simulator.users(), after.simulator.groups()),
        (users, groups)
    );
    assert_eq!(after.simulator.creations(), creations);
    assert_eq!(creations.len(), 4);
    assert_eq!(after.simulator.members(&crew), [ada.as_str()]);
    assert_eq!(after.get(&format!("/users/{ada}/manager")).await.body["id"], boss);
    assert_eq!(
        after
            .get("/users?$filter=userPrincipalName eq 'ada@contoso.example'")
            .await
            .column("id"),
        [ada.as_str()]
    );
    assert_eq!(after.get("/subscribedSkus").await.values()[0]["consumedUnits"], 1);
    assert_eq!(
        after
            .get("/directory/deletedItems/microsoft.graph.user")
            .await
            .column("id"),
        [gone.as_str()]
    );
    let changes = after.get(&delta.replace(&address, &after.url)).await;
    assert_eq!(changes.column("id"), [gone, purged], "delta links go on working");
    assert_eq!(
        after.post("/users", user_with("ada", json!({}))).await.status,
        400,
        "names are still taken"
    );
    assert_ne!(after.user("new").await, ada);
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_at_that_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let running = world(&path).await;
    for n in 0..20 {
        running.user(&format!("u{n}")).await;
        // A second simulator on a copy of the file is what a kill at this moment would leave.
        let copy = folder.path().join("copy");
        std::fs::copy(&path, &copy).unwrap();
        let revived = Simulator::new(Settings {
            journal: Some(copy),
            ..Settings::contoso()
        })
        .unwrap();
        assert_eq!(revived.creations().len(), n + 1);
    }
}

#[tokio::test]
async fn a_file_cut_anywhere_loses_at_most_its_last_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let running = world(&path).await;
    for n in 0..3 {
        running.user(&format!("u{n}")).await;
    }
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        let cut = folder.path().join("cut");
        std::fs::write(&cut, &whole[..length]).unwrap();
        let revived = Simulator::new(Settings {
            journal: Some(cut),
            ..Settings::contoso()
        })
        .unwrap();
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(
            revived.creations().len(),
            lines.saturating_sub(1),
            "cut at {length}"
        );
    }
}

#[test]
fn the_journal_of_another_tenant_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Some(folder.path().join("tenant.journal"));
    Simulator::new(Settings {
        journal: journal.clone(),
        ..Settings::contoso()
    })
    .unwrap();
    let other = Settings {
        journal,
        tenant_id: "00000000-0000-4000-8000-000000000000".to_owned(),
        ..Settings::contoso()
    };
    assert!(
        Simulator::new(other)
            .unwrap_err()
            .to_string()
            .contains("belongs to tenant")
    );
}
