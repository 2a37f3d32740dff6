use serde_json::{Value, json};

use crate::world::{World, unified, user, user_with};

const DAY: i64 = 24 * 60 * 60 * 1_000;

async fn world() -> World {
    World::start(|settings| {
        settings.token_lifetime_s = 100 * 24 * 60 * 60;
        settings.applications[0]
            .roles
            .push("User.DeleteRestore.All".to_owned());
    })
    .await
}

#[tokio::test]
async fn a_deleted_user_is_in_the_bin_and_its_name_is_free() {
    let world = world().await;
    let (ada, team) = (world.user("ada").await, world.group("team").await);
    world.add(&team, &ada).await;
    assert_eq!(world.delete(&format!("/users/{ada}")).await.status, 204);
    assert_eq!(world.delete(&format!("/users/{ada}")).await.status, 404);
    assert_eq!(world.get("/users/ada@contoso.example").await.status, 404);
    assert!(
        world
            .get(&format!("/groups/{team}/members"))
            .await
            .values()
            .is_empty(),
        "hidden while in the bin"
    );
    let bin = world
        .get("/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime")
        .await;
    let name = format!("{}ada@contoso.example", ada.replace('-', ""));
    assert_eq!(bin.column("userPrincipalName"), [name]);
    assert_eq!(bin.column("deletedDateTime"), ["2026-01-05T09:00:00Z"]);
    let item = format!("/directory/deletedItems/{ada}");
    assert_eq!(world.get(&item).await.body["id"], ada);
    assert_eq!(
        world
            .call("POST", &format!("{item}/restore"), &[], None)
            .await
            .body["userPrincipalName"],
        "ada@contoso.example"
    );
    assert_eq!(
        world.get(&format!("/groups/{team}/members")).await.column("id"),
        [ada.as_str()],
        "its memberships come back"
    );
    assert_eq!(world.get(&item).await.status, 404);
}

#[tokio::test]
async fn a_restore_fails_while_another_has_the_name() {
    let world = world().await;
    let first = world
        .post("/users", user_with("ada", json!({"mail": "a@contoso.example"})))
        .await
        .id();
    world.delete(&format!("/users/{first}")).await;
    let second = world
        .post("/users", user_with("ada", json!({"mail": "a@contoso.example"})))
        .await
        .id();
    let restore = format!("/directory/deletedItems/{first}/restore");
    let conflict = world.call("POST", &restore, &[], None).await;
    assert_eq!(
        conflict.body["error"]["details"][0]["target"],
        "userPrincipalName"
    );
    world
        .patch(
            &format!("/users/{second}"),
            json!({"userPrincipalName": "other@contoso.example"}),
        )
        .await;
    let conflict = world.call("POST", &restore, &[], None).await;
    assert_eq!(conflict.body["error"]["details"][0]["target"], "proxyAddresses");
    assert_eq!(
        world
            .post(&restore, json!({"autoReconcileProxyConflict": true}))
            .await
            .status,
        200
    );
    let addresses = world.get(&format!("/users/{first}?$select=proxyAddresses")).await;
    assert_eq!(addresses.body["proxyAddresses"], json!([]));
}

#[tokio::test]
async fn a_purge_is_for_good_and_needs_its_own_permission() {
    let world = world().await;
    let (ada, team) = (world.user("ada").await, world.group("team").await);
    world.add(&team, &ada).await;
    world.delete(&format!("/users/{ada}")).await;
    let item = format!("/directory/deletedItems/{ada}");
    assert_eq!(world.delete(&item).await.status, 204);
    assert_eq!(world.delete(&item).await.status, 404);
    assert_eq!(
        world
            .call("POST", &format!("{item}/restore"), &[], None)
            .await
            .status,
        404
    );
    let crew = world.post("/groups", unified("crew")).await.id();
    world.delete(&format!("/groups/{crew}")).await;
    let denied = world.delete(&format!("/directory/deletedItems/{crew}")).await;
    assert_eq!(
        denied.refusal(),
        (403, "Authorization_RequestDenied"),
        "no application may"
    );
    let restored = world
        .call(
            "POST",
            &format!("/directory/deletedItems/{crew}/restore"),
            &[],
            None,
        )
        .await;
    assert_eq!(
        (restored.status, &restored.body["@odata.type"]),
        (200, &json!("#microsoft.graph.group"))
    );
    let plain = World::contoso().await;
    let ada = plain.user("ada").await;
    plain.delete(&format!("/users/{ada}")).await;
    assert_eq!(
        plain
            .delete(&format!("/directory/deletedItems/{ada}"))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn after_thirty_days_the_bin_is_emptied() {
    let world = world().await;
    let ada = world.user("ada").await;
    world.delete(&format!("/users/{ada}")).await;
    world.advance(30 * DAY - 1);
    assert_eq!(
        world
            .get("/directory/deletedItems/microsoft.graph.user")
            .await
            .values()
            .len(),
        1
    );
    world.advance(1);
    assert!(
        world
            .get("/directory/deletedItems/microsoft.graph.user")
            .await
            .values()
            .is_empty()
    );
    assert_eq!(
        world.get(&format!("/directory/deletedItems/{ada}")).await.status,
        404
    );
}

#[tokio::test]
async fn the_state_page_shows_everything() {
    let world = world().await;
    let (ada, boss, team) = (
        world.user("ada").await,
        world.user("boss").await,
        world.group("team").await,
    );
    world.add(&team, &ada).await;
    world
        .call(
            "PUT",
            &format!("/users/{ada}/manager/$ref"),
            &[],
            Some(world.reference(&boss)),
        )
        .await;
    let gone = world.post("/users", user("gone")).await.id();
    world.delete(&format!("/users/{gone}")).await;
    let text = world
        .http
        .get(format!("{}/_sim/state", world.url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(state["users"].as_array().unwrap().len(), 2);
    assert_eq!(state["users"][0]["manager"], boss);
    assert_eq!(state["groups"][0]["members"], json!([ada]));
    assert_eq!(state["deleted"][0]["id"], gone);
    assert_eq!(state["counters"]["usersCreated"], 3);
    assert_eq!(state["creations"].as_array().unwrap().len(), 3);
    assert_eq!(json!(world.simulator.users()), state["users"]);
    assert_eq!(json!(world.simulator.groups()), state["groups"]);
    assert!(!text.contains("Passw0rd"));
}
