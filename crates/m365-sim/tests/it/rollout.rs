//! Staged rollout.

use serde_json::{Value, json};

use crate::world::{World, group, merged, without};

const POLICIES: &str = "/policies/featureRolloutPolicies";

async fn world() -> World {
    World::start(|settings| {
        let more = ["Directory.ReadWrite.All", "Policy.ReadWrite.FeatureRollout"];
        settings.applications[0].roles.extend(more.map(str::to_owned));
    })
    .await
}

fn policy(feature: &str) -> Value {
    json!({"displayName": "Cloud sign-in", "description": "first", "feature": feature, "isEnabled": true})
}

async fn made(world: &World) -> String {
    let answer = world.post(POLICIES, policy("passwordHashSync")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    format!("{POLICIES}/{}", answer.id())
}

async fn put(world: &World, path: &str, id: &str) -> u16 {
    let body = world.reference(id);
    world.post(&format!("{path}/appliesTo/$ref"), body).await.status
}

#[tokio::test]
async fn a_policy_is_made_changed_and_removed() {
    let world = world().await;
    let path = made(&world).await;
    let twin = world.post(POLICIES, policy("passwordHashSync")).await;
    assert_eq!(
        twin.body["error"]["details"][0]["target"], "feature",
        "one of a feature"
    );
    assert_eq!(world.post(POLICIES, policy("seamlessSso")).await.status, 201);
    assert_eq!(world.get(POLICIES).await.values().len(), 2);
    let change = json!({"isEnabled": false, "description": null});
    assert_eq!(world.patch(&path, change).await.status, 204);
    let read = world.get(&path).await.body;
    assert_eq!(
        (&read["isEnabled"], &read["description"], &read["feature"]),
        (&json!(false), &Value::Null, &json!("passwordHashSync"))
    );
    for wrong in [
        json!({"feature": "seamlessSso"}),
        json!({"isAppliedToOrganization": true}),
        json!({"displayName": ""}),
    ] {
        assert_eq!(world.patch(&path, wrong.clone()).await.status, 400, "{wrong}");
    }
    let nameless = without(policy("emailAsAlternateId"), "displayName");
    assert_eq!(world.post(POLICIES, nameless).await.status, 400);
    assert_eq!(world.delete(&path).await.status, 204);
    for gone in [world.get(&path).await, world.delete(&path).await] {
        assert_eq!(gone.status, 404);
    }
    let denied = World::contoso().await;
    assert_eq!(denied.get(POLICIES).await.status, 403);
}

#[tokio::test]
async fn groups_come_and_go() {
    let world = world().await;
    let path = made(&world).await;
    let team = world.group("team").await;
    assert_eq!(put(&world, &path, &team).await, 204);
    assert_eq!(put(&world, &path, &team).await, 400, "once");
    let groups = world.get(&format!("{path}/appliesTo")).await;
    assert_eq!(groups.column("id"), [team.as_str()]);
    let addresses = world.get(&format!("{path}/appliesTo/$ref")).await;
    let address = addresses.values()[0].as_str().unwrap();
    assert!(
        address.ends_with(&format!("/directoryObjects/{team}")),
        "{address}"
    );
    let expanded = world.get(&format!("{path}?$expand=appliesTo")).await;
    assert_eq!(expanded.body["appliesTo"][0]["id"], json!(team));
    let link = format!("{path}/appliesTo/{team}/$ref");
    assert_eq!(world.delete(&link).await.status, 204);
    assert_eq!(world.delete(&link).await.status, 404);
    put(&world, &path, &team).await;
    world.delete(&format!("/groups/{team}")).await;
    assert!(world.get(&format!("{path}/appliesTo")).await.values().is_empty());
}

#[tokio::test]
async fn only_small_plain_groups_are_taken_and_ten_of_them() {
    let world = world().await;
    let path = made(&world).await;
    let (ada, outer, inner) = (
        world.user("ada").await,
        world.group("outer").await,
        world.group("inner").await,
    );
    world.add(&outer, &inner).await;
    let dynamic = merged(
        group("dynamic"),
        json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -eq \"Oslo\"", "membershipRuleProcessingState": "On"}),
    );
    let dynamic = world.post("/groups", dynamic).await.id();
    let big = world.group("big").await;
    for number in 0..201 {
        let member = world.user(&format!("member{number}")).await;
        world.add(&big, &member).await;
    }
    for wrong in [&ada, &outer, &dynamic, &big] {
        assert_eq!(put(&world, &path, wrong).await, 400);
    }
    for number in 0..10 {
        let one = world.group(&format!("one{number}")).await;
        assert_eq!(put(&world, &path, &one).await, 204);
    }
    assert_eq!(put(&world, &path, &inner).await, 400, "the eleventh");
}
