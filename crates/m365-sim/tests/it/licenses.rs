use serde_json::{Value, json};

use crate::world::{World, user_with};

const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const EXCHANGE: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";
const TEAMS: &str = "57ff2da0-773e-42df-b2af-ffb7a2317929";

fn give(sku: &str, off: &[&str]) -> Value {
    json!({"addLicenses": [{"skuId": sku, "disabledPlans": off}], "removeLicenses": []})
}

async fn located(world: &World, name: &str) -> String {
    world
        .post("/users", user_with(name, json!({"usageLocation": "NO"})))
        .await
        .id()
}

#[tokio::test]
async fn a_licence_takes_a_seat_and_makes_a_mailbox() {
    let world = World::contoso().await;
    let id = located(&world, "ada").await;
    let path = format!("/users/{id}/assignLicense");
    let answer = world.post(&path, give(E3, &[TEAMS])).await;
    assert_eq!((answer.status, &answer.body["id"]), (200, &json!(id)));
    assert_eq!(answer.body["mail"], "ada@contoso.example");
    let user = world
        .get(&format!(
            "/users/{id}?$select=assignedLicenses,licenseAssignmentStates,assignedPlans,proxyAddresses"
        ))
        .await
        .body;
    assert_eq!(
        user["assignedLicenses"],
        json!([{"skuId": E3, "disabledPlans": [TEAMS]}])
    );
    assert_eq!(user["licenseAssignmentStates"][0]["state"], "Active");
    assert_eq!(user["assignedPlans"][0]["servicePlanId"], EXCHANGE);
    assert_eq!(user["proxyAddresses"], json!(["SMTP:ada@contoso.example"]));
    let sku = world.get("/subscribedSkus").await.values()[0].clone();
    assert_eq!(
        (&sku["consumedUnits"], &sku["prepaidUnits"]["enabled"]),
        (&json!(1), &json!(250))
    );
    assert_eq!(
        world
            .get(&format!("/subscribedSkus/{}", sku["id"].as_str().unwrap()))
            .await
            .body["skuId"],
        E3
    );
    assert_eq!(world.get("/subscribedSkus/x").await.status, 404);
    let details = world.get(&format!("/users/{id}/licenseDetails")).await;
    assert_eq!(details.values()[0]["skuPartNumber"], "SPE_E3");
    assert_eq!(
        details.values()[0]["servicePlans"][1]["provisioningStatus"],
        "Disabled"
    );
    let filter = format!("/users?$filter=assignedLicenses/any(a:a/skuId eq {E3})");
    assert_eq!(world.get(&filter).await.column("id"), [id.as_str()]);
    world.post(&path, give(E3, &[])).await;
    let again = world
        .get(&format!("/users/{id}?$select=assignedLicenses"))
        .await
        .body;
    assert_eq!(
        again["assignedLicenses"][0]["disabledPlans"],
        json!([]),
        "exactly the new list"
    );
    let removed = world
        .post(&path, json!({"addLicenses": [], "removeLicenses": [E3]}))
        .await;
    assert_eq!(removed.status, 200);
    assert_eq!(world.get("/subscribedSkus").await.values()[0]["consumedUnits"], 0);
}

#[tokio::test]
async fn licences_that_cannot_be_given_are_refused() {
    let world = World::start(|settings| settings.skus[0].seats = 1).await;
    let nowhere = world.user("nowhere").await;
    let no_location = world
        .post(&format!("/users/{nowhere}/assignLicense"), give(E3, &[]))
        .await;
    assert!(
        no_location.status == 400 && no_location.message().contains("usage location"),
        "{no_location:?}"
    );
    let (ada, bob) = (located(&world, "ada").await, located(&world, "bob").await);
    let (ada, bob) = (format!("/users/{ada}"), format!("/users/{bob}"));
    for wrong in [
        give("00000000-0000-4000-8000-000000000000", &[]),
        give("6470687e-a428-4b7a-bef2-8a291ad947c9", &[]),
        give(E3, &["00000000-0000-4000-8000-000000000000"]),
        json!({"addLicenses": [], "removeLicenses": [E3]}),
        json!({"addLicenses": []}),
        json!({"removeLicenses": []}),
    ] {
        let answer = world.post(&format!("{ada}/assignLicense"), wrong.clone()).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{wrong}");
    }
    assert_eq!(
        world
            .post(&format!("{ada}/assignLicense"), give(E3, &[]))
            .await
            .status,
        200
    );
    let full = world.post(&format!("{bob}/assignLicense"), give(E3, &[])).await;
    assert!(
        full.status == 400 && full.message().contains("available licenses"),
        "{full:?}"
    );
    world.delete(&ada).await;
    assert_eq!(
        world
            .post(&format!("{bob}/assignLicense"), give(E3, &[]))
            .await
            .status,
        200,
        "a deleted user frees the seat"
    );
}
