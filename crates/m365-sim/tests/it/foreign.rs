//! Objects that belong to somebody else, relations as addresses, and what no source settles about the bin.

use m365_sim::UnprovedDirectory;
use serde_json::json;

use crate::world::{World, user, user_with};

async fn with(change: impl FnOnce(&mut UnprovedDirectory)) -> World {
    World::start(|settings| {
        change(&mut settings.unproved_directory);
        settings.applications[0]
            .roles
            .push("User.DeleteRestore.All".to_owned());
    })
    .await
}

#[tokio::test]
async fn groups_that_exchange_keeps_are_read_only() {
    for bad_request in [false, true] {
        let world = with(|unproved| unproved.read_only_group_is_bad_request = bad_request).await;
        let expected = if bad_request {
            (400, "Request_BadRequest")
        } else {
            (403, "Authorization_RequestDenied")
        };
        let ada = world.user("ada").await;
        for security in [false, true] {
            let list = json!({"displayName": "All", "mailEnabled": true, "securityEnabled": security, "groupTypes": [], "mailNickname": "all"});
            let list = world.simulator.plant_group(list).unwrap();
            assert_eq!(
                world.get(&format!("/groups/{list}")).await.body["mailEnabled"],
                true
            );
            let changed = world
                .patch(&format!("/groups/{list}"), json!({"displayName": "x"}))
                .await;
            let deleted = world.delete(&format!("/groups/{list}")).await;
            for answer in [world.add(&list, &ada).await, changed, deleted] {
                assert_eq!(answer.refusal(), expected);
            }
        }
    }
}

#[tokio::test]
async fn synchronised_objects_are_changed_where_they_come_from() {
    let world = World::contoso().await;
    let synced = user_with("synced", json!({"onPremisesSyncEnabled": true}));
    let synced = world.simulator.plant_user(synced).unwrap();
    let path = format!("/users/{synced}");
    let read = world.get(&format!("{path}?$select=onPremisesSyncEnabled")).await;
    assert_eq!(read.body["onPremisesSyncEnabled"], true);
    let refused = world
        .patch(&path, json!({"city": "Oslo", "usageLocation": "NO"}))
        .await;
    assert!(
        refused.status == 400 && refused.message().contains("on premises"),
        "{refused:?}"
    );
    assert_eq!(
        world.patch(&path, json!({"usageLocation": "NO"})).await.status,
        204
    );
    let team = json!({"displayName": "Synced", "mailEnabled": false, "securityEnabled": true, "onPremisesSyncEnabled": true});
    let team = world.simulator.plant_group(team).unwrap();
    let ada = world.user("ada").await;
    assert_eq!(world.add(&team, &ada).await.status, 400);
    assert!(world.simulator.plant_user(json!([])).is_err());
}

#[tokio::test]
async fn members_and_owners_are_listed_as_addresses() {
    let world = World::contoso().await;
    let (ada, bob, team) = (
        world.user("ada").await,
        world.user("bob").await,
        world.group("team").await,
    );
    world.add(&team, &ada).await;
    world.add(&team, &bob).await;
    let owner = world.reference(&ada);
    world.post(&format!("/groups/{team}/owners/$ref"), owner).await;
    let ends = |values: &[serde_json::Value]| -> Vec<String> {
        let last = |value: &serde_json::Value| value.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        values.iter().map(last).collect()
    };
    let first = world.get(&format!("/groups/{team}/members/$ref?$top=1")).await;
    assert_eq!(ends(first.values()), [ada.as_str()]);
    let second = world.get(&first.link("next").unwrap()).await;
    assert_eq!(ends(second.values()), [bob]);
    let owners = world.get(&format!("/groups/{team}/owners/$ref")).await;
    assert_eq!(ends(owners.values()), [ada]);
}

#[tokio::test]
async fn a_name_in_the_bin_is_free_unless_the_switch_is_on() {
    for kept in [false, true] {
        let world = with(|unproved| unproved.bin_keeps_names = kept).await;
        let ada = world.user("ada").await;
        world.delete(&format!("/users/{ada}")).await;
        let bin = world.get("/directory/deletedItems/microsoft.graph.user").await;
        let name = bin.values()[0]["userPrincipalName"].as_str().unwrap().to_owned();
        assert_eq!(name == "ada@contoso.example", kept, "{name}");
        let again = world.post("/users", user("ada")).await;
        let restore = format!("/directory/deletedItems/{ada}/restore");
        let restored = world.call("POST", &restore, &[], None).await;
        if kept {
            assert!(
                again.status == 400 && again.message().contains("netId"),
                "{again:?}"
            );
            assert_eq!(restored.status, 200);
        } else {
            assert_eq!(again.status, 201);
            assert_eq!(restored.body["error"]["details"][0]["code"], "ObjectConflict");
        }
    }
}

#[tokio::test]
async fn security_groups_have_no_bin_unless_the_switch_is_on() {
    for binned in [false, true] {
        let world = with(|unproved| unproved.security_groups_in_bin = binned).await;
        let (ada, team) = (world.user("ada").await, world.group("team").await);
        world.add(&team, &ada).await;
        assert_eq!(world.delete(&format!("/groups/{team}")).await.status, 204);
        let restore = format!("/directory/deletedItems/{team}/restore");
        let restored = world.call("POST", &restore, &[], None).await;
        assert_eq!(restored.status, if binned { 200 } else { 404 });
        if binned {
            let members = world.get(&format!("/groups/{team}/members")).await;
            assert_eq!(members.column("id"), [ada.as_str()], "with its members");
        }
    }
}

#[tokio::test]
async fn a_new_user_gets_its_manager_at_once_unless_the_switch_is_on() {
    for refused in [false, true] {
        let world = with(|unproved| unproved.manager_bind_refused = refused).await;
        let boss = world.user("boss").await;
        let bound = json!({"manager@odata.bind": world.reference(&boss)["@odata.id"]});
        let answer = world.post("/users", user_with("ada", bound)).await;
        assert_eq!(answer.status, if refused { 400 } else { 201 });
    }
}

#[tokio::test]
async fn addresses_and_hire_dates_may_be_out_of_reach() {
    for refused in [false, true] {
        let world = with(|unproved| {
            unproved.mail_kept = refused;
            unproved.hire_date_refused = refused;
        })
        .await;
        let mail = json!({"mail": "ada@contoso.example"});
        let ada = world.post("/users", user_with("ada", mail)).await.id();
        let path = format!("/users/{ada}");
        let cleared = world.patch(&path, json!({"mail": null})).await;
        assert_eq!(cleared.status, if refused { 400 } else { 204 });
        let hired = json!({"employeeHireDate": "2026-02-01T00:00:00Z"});
        assert_eq!(
            world.patch(&path, hired).await.status,
            if refused { 403 } else { 204 }
        );
    }
}
