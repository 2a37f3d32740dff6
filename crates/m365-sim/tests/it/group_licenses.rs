//! Licences that groups give to their members.

use m365_sim::{Plan, Sku};
use serde_json::{Value, json};

use crate::world::{World, group, merged, user_with};

pub const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
pub const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
pub const F3: &str = "66b55226-6b4f-492c-910c-a3b7a3c9d993";
pub const PHONE: &str = "e43b5b99-8dfb-405f-9987-dc307f34bcbd";
pub const CALLS: &str = "0c266dff-15dd-4b49-8397-2bb16070ed52";
const TEAMS: &str = "57ff2da0-773e-42df-b2af-ffb7a2317929";

pub fn add(skus: &[&str]) -> Value {
    let list: Vec<Value> = skus.iter().map(|sku| json!({"skuId": sku})).collect();
    json!({"addLicenses": list, "removeLicenses": []})
}

pub fn remove(skus: &[&str]) -> Value {
    json!({"addLicenses": [], "removeLicenses": skus})
}

pub async fn located(world: &World, name: &str) -> String {
    let body = user_with(name, json!({"usageLocation": "NO"}));
    world.post("/users", body).await.id()
}

/// Every way in which a user has a licence: product, group, state and error.
async fn states(world: &World, user: &str) -> Vec<(String, String, String, String)> {
    let path = format!("/users/{user}?$select=licenseAssignmentStates");
    let body = world.get(&path).await.body;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = body["licenseAssignmentStates"].as_array().unwrap().iter();
    all.map(|one| {
        (
            text(&one["skuId"]),
            text(&one["assignedByGroup"]),
            text(&one["state"]),
            text(&one["error"]),
        )
    })
    .collect()
}

async fn error(world: &World, user: &str) -> String {
    states(world, user).await.remove(0).3
}

async fn consumed(world: &World, sku: &str) -> i64 {
    let all = world.get("/subscribedSkus").await;
    let found = all.values().iter().find(|one| one["skuId"] == sku).unwrap();
    found["consumedUnits"].as_i64().unwrap()
}

async fn processing(world: &World, group: &str) -> Value {
    let path = format!("/groups/{group}?$select=licenseProcessingState");
    world.get(&path).await.body["licenseProcessingState"]["state"].clone()
}

/// A security group with one member.
async fn team_of(world: &World, user: &str) -> String {
    let team = world.group("team").await;
    world.add(&team, user).await;
    team
}

async fn assign(world: &World, group: &str, body: Value) {
    let answer = world.post(&format!("/groups/{group}/assignLicense"), body).await;
    assert_eq!((answer.status, &answer.body["id"]), (202, &json!(group)));
}

#[tokio::test]
async fn licences_of_a_group_reach_its_members_in_good_time() {
    let world = World::start(|settings| settings.license_processing_ms = 10_000).await;
    let ada = located(&world, "ada").await;
    let team = team_of(&world, &ada).await;
    assert_eq!(processing(&world, &team).await, Value::Null);
    assign(
        &world,
        &team,
        json!({"addLicenses": [{"skuId": E3, "disabledPlans": [TEAMS]}], "removeLicenses": []}),
    )
    .await;
    assert_eq!(processing(&world, &team).await, "QueuedForProcessing");
    world.advance(5_000);
    assert_eq!(processing(&world, &team).await, "ProcessingInProgress");
    assert!(states(&world, &ada).await.is_empty());
    world.advance(5_000);
    assert_eq!(processing(&world, &team).await, "ProcessingComplete");
    let active = (
        E3.to_owned(),
        team.clone(),
        "Active".to_owned(),
        "None".to_owned(),
    );
    assert_eq!(states(&world, &ada).await, [active]);
    let user = world
        .get(&format!("/users/{ada}?$select=assignedLicenses,mail"))
        .await
        .body;
    assert_eq!(
        user["assignedLicenses"],
        json!([{"skuId": E3, "disabledPlans": [TEAMS]}])
    );
    assert_eq!(user["mail"], "ada@contoso.example");
    let own = world
        .get(&format!("/groups/{team}?$select=assignedLicenses"))
        .await;
    assert_eq!(own.body["assignedLicenses"][0]["skuId"], E3);
    assert_eq!(
        consumed(&world, E3).await,
        1,
        "a group takes no seat, its members do"
    );
}

#[tokio::test]
async fn joining_and_leaving_gives_and_takes() {
    let world = World::contoso().await;
    let (ada, bob) = (located(&world, "ada").await, located(&world, "bob").await);
    let team = team_of(&world, &ada).await;
    assign(&world, &team, add(&[E3])).await;
    world.add(&team, &bob).await;
    assert_eq!(states(&world, &bob).await.len(), 1);
    assert_eq!(consumed(&world, E3).await, 2);
    world.delete(&format!("/groups/{team}/members/{ada}/$ref")).await;
    assert!(states(&world, &ada).await.is_empty());
    assert_eq!(consumed(&world, E3).await, 1);
    assert_eq!(
        world.delete(&format!("/groups/{team}")).await.refusal(),
        (400, "Request_BadRequest"),
        "licences come off before a group goes"
    );
    assign(&world, &team, remove(&[E3])).await;
    assert!(states(&world, &bob).await.is_empty());
    let path = format!("/groups/{team}/assignLicense");
    assert_eq!(
        world.post(&path, remove(&[E3])).await.status,
        400,
        "it has it not"
    );
    assert_eq!(world.delete(&format!("/groups/{team}")).await.status, 204);
    assert_eq!(consumed(&world, E3).await, 0);
}

#[tokio::test]
async fn direct_and_inherited_licences_are_one_seat_and_two_states() {
    let world = World::contoso().await;
    let ada = located(&world, "ada").await;
    let team = team_of(&world, &ada).await;
    let path = format!("/users/{ada}/assignLicense");
    let direct = json!({"addLicenses": [{"skuId": E3, "disabledPlans": [TEAMS]}], "removeLicenses": []});
    world.post(&path, direct).await;
    assign(&world, &team, add(&[E3])).await;
    assert_eq!(states(&world, &ada).await.len(), 2);
    assert_eq!(consumed(&world, E3).await, 1);
    let user = world.get(&format!("/users/{ada}?$select=assignedLicenses")).await;
    assert_eq!(
        user.body["assignedLicenses"],
        json!([{"skuId": E3, "disabledPlans": []}]),
        "a plan is on when either way has it on"
    );
    assert_eq!(
        world.post(&path, remove(&[E3])).await.status,
        200,
        "the direct one"
    );
    let inherited = world.post(&path, remove(&[E3])).await;
    assert_eq!(inherited.refusal(), (400, "Request_BadRequest"));
    assert!(inherited.message().contains("inherited"), "{inherited:?}");
    assert_eq!(consumed(&world, E3).await, 1);
}

#[tokio::test]
async fn no_seat_is_an_error_until_one_is_free_and_somebody_asks_again() {
    let world = World::start(|settings| settings.skus[0].seats = 1).await;
    let (ada, bob) = (located(&world, "ada").await, located(&world, "bob").await);
    let team = team_of(&world, &ada).await;
    world.add(&team, &bob).await;
    assign(&world, &team, add(&[E3])).await;
    assert_eq!(error(&world, &ada).await, "None");
    assert_eq!(error(&world, &bob).await, "CountViolation");
    assert_eq!(consumed(&world, E3).await, 1);
    let failed = world
        .get(&format!("/groups/{team}/membersWithLicenseErrors"))
        .await;
    assert_eq!(failed.column("id"), [bob.as_str()]);
    let filter = "/groups?$filter=hasMembersWithLicenseErrors eq true&$select=id,hasMembersWithLicenseErrors";
    let groups = world.get(filter).await;
    assert_eq!(groups.column("id"), [team.as_str()]);
    assert_eq!(
        groups.values()[0]["hasMembersWithLicenseErrors"],
        Value::Null,
        "never told, only found by"
    );
    world.delete(&format!("/users/{ada}")).await;
    assert_eq!(
        error(&world, &bob).await,
        "CountViolation",
        "nobody has asked again"
    );
    let path = format!("/users/{bob}/reprocessLicenseAssignment");
    let answer = world.call("POST", &path, &[], None).await;
    assert_eq!((answer.status, &answer.body["id"]), (200, &json!(bob)));
    assert_eq!(error(&world, &bob).await, "None");
    assert!(world.get(filter).await.values().is_empty());
}

#[tokio::test]
async fn services_that_clash_need_each_other_or_are_prohibited_are_errors() {
    let world = World::contoso().await;
    let ada = located(&world, "ada").await;
    world
        .post(&format!("/users/{ada}/assignLicense"), add(&[F3]))
        .await;
    let team = team_of(&world, &ada).await;
    assign(&world, &team, add(&[E3])).await;
    assert_eq!(states(&world, &ada).await[1].3, "MutuallyExclusiveViolation");

    let bob = located(&world, "bob").await;
    world
        .post(&format!("/users/{bob}/assignLicense"), add(&[E3]))
        .await;
    let phones = world.group("phones").await;
    world.add(&phones, &bob).await;
    assign(&world, &phones, add(&[PHONE])).await;
    assert_eq!(
        states(&world, &bob).await[1].3,
        "DependencyViolation",
        "what an add-on needs has to come from the same group"
    );
    assign(&world, &phones, add(&[E3])).await;
    let now: Vec<String> = states(&world, &bob)
        .await
        .into_iter()
        .map(|state| state.3)
        .collect();
    assert_eq!(now, ["None", "None", "None"]);

    let eve = user_with("eve", json!({"usageLocation": "CU"}));
    let eve = world.post("/users", eve).await.id();
    let callers = world.group("callers").await;
    world.add(&callers, &eve).await;
    assign(&world, &callers, add(&[E3, CALLS])).await;
    let failed: Vec<(String, String)> = states(&world, &eve)
        .await
        .into_iter()
        .map(|state| (state.0, state.3))
        .collect();
    let expected = [(E3, "Other"), (CALLS, "ProhibitedInUsageLocationViolation")];
    assert_eq!(
        failed,
        expected.map(|(sku, error)| (sku.to_owned(), error.to_owned())),
        "one that fails holds back the others"
    );
}

#[tokio::test]
async fn members_without_a_location_are_where_the_tenant_is() {
    let world = World::contoso().await;
    let ada = world.user("ada").await;
    let team = team_of(&world, &ada).await;
    assign(&world, &team, add(&[E3, CALLS])).await;
    assert_eq!(error(&world, &ada).await, "None");
    world
        .simulator
        .change(|settings| settings.country = "KP".to_owned());
    let bob = world.user("bob").await;
    world.add(&team, &bob).await;
    assert_eq!(
        states(&world, &bob).await[1].3,
        "ProhibitedInUsageLocationViolation"
    );
}

#[tokio::test]
async fn an_address_that_somebody_has_is_an_error() {
    let world = World::contoso().await;
    let body = user_with("other", json!({"mail": "ada@contoso.example"}));
    world.post("/users", body).await;
    let ada = located(&world, "ada").await;
    let team = team_of(&world, &ada).await;
    assign(&world, &team, add(&[E3])).await;
    assert_eq!(error(&world, &ada).await, "UniquenessViolation");
}

#[tokio::test]
async fn members_of_groups_within_inherit_by_the_switch_only() {
    for nested in [false, true] {
        let world =
            World::start(|settings| settings.unproved_directory.nested_members_inherit = nested).await;
        let ada = located(&world, "ada").await;
        let (outer, inner) = (world.group("outer").await, world.group("inner").await);
        world.add(&outer, &inner).await;
        assign(&world, &outer, add(&[E3])).await;
        world.add(&inner, &ada).await;
        assert_eq!(states(&world, &ada).await.len(), usize::from(nested));
    }
}

#[tokio::test]
async fn only_security_groups_and_real_products_are_accepted() {
    let world = World::start(|settings| {
        let plan = Plan::new("00000000-0000-4000-8000-00000000a0a1", "SOMETHING");
        settings
            .skus
            .push(Sku::new("00000000-0000-4000-8000-00000000a0a0", "COMPANY", 1, vec![plan]).for_company());
    })
    .await;
    let mail = merged(
        group("mail"),
        json!({"groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false}),
    );
    let mail = world.post("/groups", mail).await.id();
    let team = world.group("team").await;
    let path = |id: &str| format!("/groups/{id}/assignLicense");
    assert_eq!(world.post(&path(&mail), add(&[E3])).await.status, 400);
    for sku in [
        "00000000-0000-4000-8000-00000000a0a0",
        "00000000-0000-4000-8000-000000000000",
    ] {
        assert_eq!(
            world.post(&path(&team), add(&[sku])).await.refusal(),
            (400, "Request_BadRequest")
        );
    }
    assert_eq!(
        world.post(&path(&team), json!({"addLicenses": []})).await.status,
        400
    );
    let nobody = "/groups/00000000-0000-4000-8000-000000000000/membersWithLicenseErrors";
    assert_eq!(world.get(nobody).await.status, 404);
}

#[tokio::test]
async fn what_waits_is_carried_out_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let start = || {
        let path = path.clone();
        World::start(move |settings| {
            settings.journal = Some(path);
            settings.license_processing_ms = 10_000;
        })
    };
    let before = start().await;
    let ada = located(&before, "ada").await;
    let team = team_of(&before, &ada).await;
    assign(&before, &team, add(&[E3])).await;
    drop(before);
    let after = start().await;
    assert!(states(&after, &ada).await.is_empty());
    after.advance(10_000);
    assert_eq!(error(&after, &ada).await, "None");
    assert_eq!(consumed(&after, E3).await, 1);
}
