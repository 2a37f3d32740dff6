//! Products, seats and plans, and what no source settles about them.

use serde_json::{Value, json};

use crate::group_licenses::{CALLS, E3, E5, F3, PHONE, add, located, remove};
use crate::world::{World, user_with};

const TEAMS: &str = "57ff2da0-773e-42df-b2af-ffb7a2317929";
const SHAREPOINT: &str = "5dbe027f-2339-4123-9542-606e4d348a72";
const OFFICE_WEB: &str = "e95bec33-7c88-4a70-8e19-b10bd9d0c014";

fn without_plans(sku: &str, off: &[&str]) -> Value {
    json!({"addLicenses": [{"skuId": sku, "disabledPlans": off}], "removeLicenses": []})
}

async fn product(world: &World, sku: &str) -> Value {
    let all = world.get("/subscribedSkus").await;
    let found = all.values().iter().find(|one| one["skuId"] == sku);
    found.unwrap().clone()
}

#[tokio::test]
async fn the_sample_tenant_has_something_of_everything() {
    let world = World::contoso().await;
    let all = world.get("/subscribedSkus").await;
    let parts = all.column("skuPartNumber");
    assert_eq!(
        parts,
        [
            "SPE_E3",
            "FLOW_FREE",
            "SPE_E5",
            "SPE_F1",
            "MCOEV",
            "MCOMEETADV",
            "WINDOWS_STORE"
        ]
    );
    let company = product(&world, "6470687e-a428-4b7a-bef2-8a291ad947c9").await;
    assert_eq!(company["appliesTo"], "Company");
    let world = World::start(|settings| {
        settings.skus[0].seats = 0;
        settings.skus[0].warning = 5;
        settings.skus[2].seats = 0;
        settings.skus[2].suspended = 5;
    })
    .await;
    let (ended, suspended) = (product(&world, E3).await, product(&world, E5).await);
    assert_eq!(
        (&ended["capabilityStatus"], &ended["prepaidUnits"]["warning"]),
        (&json!("Warning"), &json!(5))
    );
    assert_eq!(suspended["capabilityStatus"], "Suspended");
    assert_eq!(suspended["prepaidUnits"]["suspended"], 5);
}

#[tokio::test]
async fn plans_that_clash_or_lack_another_are_refused_at_once() {
    let world = World::contoso().await;
    let ada = located(&world, "ada").await;
    let path = format!("/users/{ada}/assignLicense");
    let alone = world.post(&path, add(&[PHONE])).await;
    assert_eq!(alone.refusal(), (400, "Request_BadRequest"));
    assert!(alone.message().contains("depends on"), "{alone:?}");
    let half = world.post(&path, without_plans(E3, &[SHAREPOINT])).await;
    assert!(half.message().contains(OFFICE_WEB), "{half:?}");
    let both_off = without_plans(E3, &[SHAREPOINT, OFFICE_WEB]);
    assert_eq!(world.post(&path, both_off).await.status, 200);
    assert_eq!(world.post(&path, add(&[PHONE])).await.status, 200);
    let clash = world.post(&path, add(&[F3])).await;
    assert!(
        clash.status == 400 && clash.message().contains("mutually exclusive"),
        "{clash:?}"
    );
    let needed = world.post(&path, remove(&[E3])).await;
    assert!(
        needed.status == 400 && needed.message().contains("depends on"),
        "{needed:?}"
    );
    let swap = json!({"addLicenses": [{"skuId": E5}], "removeLicenses": [E3]});
    assert_eq!(world.post(&path, swap).await.status, 200, "one call swaps");
    assert_eq!(product(&world, E3).await["consumedUnits"], 0);
    assert_eq!(product(&world, E5).await["consumedUnits"], 1);
    let cuba = user_with("cuba", json!({"usageLocation": "CU"}));
    let cuba = world.post("/users", cuba).await.id();
    let refused = world
        .post(&format!("/users/{cuba}/assignLicense"), add(&[E3, CALLS]))
        .await;
    assert!(
        refused.status == 400 && refused.message().contains("prohibited in the usage location"),
        "{refused:?}"
    );
    assert_eq!(product(&world, E3).await["consumedUnits"], 0, "all of it or none");
}

#[tokio::test]
async fn seats_in_their_grace_period_count_unless_the_switch_is_on() {
    for lost in [false, true] {
        let world = World::start(|settings| {
            settings.skus[0].seats = 0;
            settings.skus[0].warning = 1;
            settings.unproved_directory.warning_seats_lost = lost;
        })
        .await;
        let ada = located(&world, "ada").await;
        let answer = world
            .post(&format!("/users/{ada}/assignLicense"), add(&[E3]))
            .await;
        assert_eq!(answer.status, if lost { 400 } else { 200 });
    }
}

#[tokio::test]
async fn the_bin_frees_seats_unless_the_switch_is_on() {
    for kept in [false, true] {
        let world = World::start(|settings| {
            settings.unproved_directory.bin_keeps_seats = kept;
            settings.applications[0]
                .roles
                .push("User.DeleteRestore.All".to_owned());
        })
        .await;
        let ada = located(&world, "ada").await;
        world
            .post(&format!("/users/{ada}/assignLicense"), add(&[E3]))
            .await;
        world.delete(&format!("/users/{ada}")).await;
        assert_eq!(product(&world, E3).await["consumedUnits"], i64::from(kept));
        let restore = format!("/directory/deletedItems/{ada}/restore");
        world.call("POST", &restore, &[], None).await;
        assert_eq!(product(&world, E3).await["consumedUnits"], 1);
        world.delete(&format!("/users/{ada}")).await;
        world.delete(&format!("/directory/deletedItems/{ada}")).await;
        assert_eq!(product(&world, E3).await["consumedUnits"], 0, "gone for good");
    }
}

#[tokio::test]
async fn disabled_plans_are_replaced_unless_the_switch_is_on() {
    for adds in [false, true] {
        let world =
            World::start(|settings| settings.unproved_directory.resend_adds_disabled_plans = adds).await;
        let ada = located(&world, "ada").await;
        let path = format!("/users/{ada}/assignLicense");
        world.post(&path, without_plans(E3, &[TEAMS])).await;
        world.post(&path, without_plans(E3, &[OFFICE_WEB])).await;
        let user = world.get(&format!("/users/{ada}?$select=assignedLicenses")).await;
        let expected = if adds {
            json!([OFFICE_WEB, TEAMS])
        } else {
            json!([OFFICE_WEB])
        };
        assert_eq!(user.body["assignedLicenses"][0]["disabledPlans"], expected);
    }
}

#[tokio::test]
async fn taking_an_inherited_licence_is_ignored_by_the_switch() {
    let world = World::start(|settings| settings.unproved_directory.inherited_removal_ignored = true).await;
    let ada = located(&world, "ada").await;
    let team = world.group("team").await;
    world.add(&team, &ada).await;
    world
        .post(&format!("/groups/{team}/assignLicense"), add(&[E3]))
        .await;
    let path = format!("/users/{ada}/assignLicense");
    assert_eq!(world.post(&path, remove(&[E3])).await.status, 200);
    assert_eq!(product(&world, E3).await["consumedUnits"], 1, "nothing happened");
    assert_eq!(
        world.post(&path, remove(&[F3])).await.status,
        400,
        "not there at all"
    );
}

#[tokio::test]
async fn a_location_that_was_just_set_may_not_be_known_yet() {
    let world = World::start(|settings| settings.location_lag_ms = 5_000).await;
    let ada = located(&world, "ada").await;
    let path = format!("/users/{ada}/assignLicense");
    let early = world.post(&path, add(&[E3])).await;
    assert!(
        early.status == 400 && early.message().contains("usage location"),
        "{early:?}"
    );
    world.advance(5_000);
    assert_eq!(world.post(&path, add(&[E3])).await.status, 200);
    assert_eq!(world.simulator.seats_taken(E3), 1);
}

/// The same numbers every time, in no order that anybody thought of.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[tokio::test]
async fn seats_taken_are_always_the_users_who_have_the_product() {
    const SKUS: [&str; 4] = [E3, E5, F3, PHONE];
    let world = World::start(|settings| {
        for sku in &mut settings.skus {
            sku.seats = 3;
        }
    })
    .await;
    let (mut users, mut teams) = (Vec::new(), Vec::new());
    for number in 0..6 {
        users.push(located(&world, &format!("user{number}")).await);
    }
    for number in 0..3 {
        teams.push(world.group(&format!("team{number}")).await);
    }
    let (mut numbers, mut done) = (Numbers(365), 0);
    for step in 0..400 {
        let (user, team) = (&users[numbers.below(6)], &teams[numbers.below(3)]);
        let sku = SKUS[numbers.below(4)];
        let deleted = format!("/directory/deletedItems/{user}/restore");
        let answer = match numbers.below(8) {
            0 => {
                world
                    .post(&format!("/users/{user}/assignLicense"), add(&[sku]))
                    .await
            }
            1 => {
                world
                    .post(&format!("/users/{user}/assignLicense"), remove(&[sku]))
                    .await
            }
            2 => {
                world
                    .post(&format!("/groups/{team}/assignLicense"), add(&[sku]))
                    .await
            }
            3 => {
                world
                    .post(&format!("/groups/{team}/assignLicense"), remove(&[sku]))
                    .await
            }
            4 => world.add(team, user).await,
            5 => world.delete(&format!("/groups/{team}/members/{user}/$ref")).await,
            6 => world.delete(&format!("/users/{user}")).await,
            _ => world.call("POST", &deleted, &[], None).await,
        };
        done += u32::from(answer.status < 300);
        for sku in SKUS {
            let has = |user: &&Value| {
                let mut all = user["assignedLicenses"].as_array().unwrap().iter();
                all.any(|license| license["skuId"] == sku)
            };
            let holders = world.simulator.users().iter().filter(has).count();
            let taken = usize::try_from(world.simulator.seats_taken(sku)).unwrap();
            assert_eq!(taken, holders, "step {step}");
        }
    }
    assert!(done > 100, "only {done} of the steps did anything");
}
