//! The audit log.

use serde_json::{Value, json};

use crate::group_licenses::{E3, add};
use crate::world::{World, user_with};

const DAY: i64 = 24 * 60 * 60 * 1_000;
const LOG: &str = "/auditLogs/directoryAudits";

async fn world() -> World {
    World::start(|settings| {
        let more = ["AuditLog.Read.All", "User.DeleteRestore.All"];
        settings.applications[0].roles.extend(more.map(str::to_owned));
        settings.token_lifetime_s = 100 * 24 * 60 * 60;
    })
    .await
}

#[tokio::test]
async fn every_write_leaves_an_entry() {
    let world = world().await;
    let ada = world
        .post("/users", user_with("ada", json!({"usageLocation": "NO"})))
        .await
        .id();
    let boss = world.user("boss").await;
    let team = world.group("team").await;
    world.add(&team, &ada).await;
    let manager = Some(world.reference(&boss));
    world
        .call("PUT", &format!("/users/{ada}/manager/$ref"), &[], manager)
        .await;
    world
        .patch(&format!("/users/{ada}"), json!({"city": "Oslo"}))
        .await;
    world
        .post(&format!("/users/{ada}/assignLicense"), add(&[E3]))
        .await;
    let revoke = format!("/users/{ada}/revokeSignInSessions");
    world.call("POST", &revoke, &[], None).await;
    world
        .patch(&format!("/users/{ada}"), json!({"accountEnabled": false}))
        .await;
    world.delete(&format!("/groups/{team}/members/{ada}/$ref")).await;
    world.delete(&format!("/users/{ada}")).await;
    world
        .call(
            "POST",
            &format!("/directory/deletedItems/{ada}/restore"),
            &[],
            None,
        )
        .await;
    world.delete(&format!("/users/{ada}")).await;
    world.delete(&format!("/directory/deletedItems/{ada}")).await;
    let log = world.get(&format!("{LOG}?$orderby=activityDateTime")).await;
    assert_eq!(
        log.column("activityDisplayName"),
        [
            "Add user",
            "Add user",
            "Add group",
            "Add member to group",
            "Set user manager",
            "Update user",
            "Change user license",
            "Update user",
            "Update StsRefreshTokenValidFrom Timestamp",
            "Disable account",
            "Remove member from group",
            "Delete user",
            "Restore user",
            "Delete user",
            "Hard Delete user",
        ]
    );
    let update = &log.values()[5];
    assert_eq!(
        update["initiatedBy"]["app"]["appId"],
        m365_sim::Settings::CONTOSO_CLIENT_ID
    );
    assert_eq!(
        update["targetResources"][0]["userPrincipalName"],
        "ada@contoso.example"
    );
    assert_eq!(
        update["targetResources"][0]["modifiedProperties"],
        json!([{"displayName": "city", "oldValue": null, "newValue": "\"Oslo\""}])
    );
    let one = world
        .get(&format!("{LOG}/{}", update["id"].as_str().unwrap()))
        .await;
    assert_eq!(&one.body["activityDateTime"], &update["activityDateTime"]);
    assert_eq!(world.get(&format!("{LOG}/x")).await.status, 404);
    assert!(!log.body.to_string().contains("Passw0rd"));
}

#[tokio::test]
async fn refused_writes_and_reads_leave_none() {
    let world = world().await;
    world.wrong("POST", "/users", json!({"displayName": "x"})).await;
    world.get("/users").await;
    assert!(world.get(LOG).await.values().is_empty());
    let denied = World::contoso().await;
    assert_eq!(denied.get(LOG).await.status, 403);
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let world = world().await;
    let mut ids = Vec::new();
    for name in ["ada", "bob", "eve"] {
        ids.push(world.user(name).await);
        world.advance(60_000);
    }
    world.group("team").await;
    let found = |filter: &str| {
        let path = format!("{LOG}?$filter={filter}");
        let world = &world;
        async move { world.get(&path).await }
    };
    let since = found("activityDateTime ge 2026-01-05T09:02:00Z").await;
    assert_eq!(since.column("activityDisplayName"), ["Add group", "Add user"]);
    let named = found("activityDisplayName eq 'Add user'").await;
    assert_eq!(named.values().len(), 3);
    let starting = found("startswith(activityDisplayName,'Add g')").await;
    assert_eq!(starting.values().len(), 1);
    let about = found(&format!("targetResources/any(t:t/id eq '{}')", ids[1])).await;
    assert_eq!(about.values()[0]["targetResources"][0]["id"], json!(ids[1]));
    let client = m365_sim::Settings::CONTOSO_CLIENT_ID;
    let own = found(&format!(
        "initiatedBy/app/appId eq '{client}' and category eq 'GroupManagement'"
    ))
    .await;
    assert_eq!(own.values().len(), 1);
    for wrong in [
        "$filter=resultReason eq 'x'",
        "$orderby=category",
        "$top=0",
        "$skiptoken=x",
    ] {
        assert_eq!(world.get(&format!("{LOG}?{wrong}")).await.status, 400, "{wrong}");
    }
    let mut all: Vec<Value> = Vec::new();
    let mut next = Some(format!("{LOG}?$top=3&$select=id,activityDisplayName"));
    while let Some(path) = next {
        let page = world.get(&path).await;
        all.extend(page.values().to_vec());
        next = page.link("next");
    }
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn entries_come_late_and_do_not_stay() {
    for (week, days) in [(false, 30), (true, 7)] {
        let world = world().await;
        world.simulator.change(|settings| {
            settings.audit_delay_ms = 120_000;
            settings.unproved_directory.audits_for_a_week = week;
        });
        world.user("ada").await;
        world.advance(119_999);
        assert!(world.get(LOG).await.values().is_empty());
        world.advance(1);
        assert_eq!(world.get(LOG).await.values().len(), 1);
        world.advance(days * DAY - 120_001);
        assert_eq!(world.get(LOG).await.values().len(), 1);
        world.advance(1);
        assert!(world.get(LOG).await.values().is_empty());
    }
}

#[tokio::test]
async fn the_service_itself_acts_for_groups() {
    let world = world().await;
    let ada = world.user("ada").await;
    let team = world.group("team").await;
    world.add(&team, &ada).await;
    world
        .post(&format!("/groups/{team}/assignLicense"), add(&[E3]))
        .await;
    let filter = format!("{LOG}?$filter=activityDisplayName eq 'Change user license'");
    let entry = world.get(&filter).await.values()[0].clone();
    assert_eq!(entry["initiatedBy"]["app"]["appId"], Value::Null);
    assert_eq!(entry["targetResources"][0]["id"], json!(ada));
}
