use serde_json::{Value, json};

use crate::world::{World, group, merged, unified, without};

const UPSERT: &[(&str, &str)] = &[("Prefer", "create-if-missing")];

#[tokio::test]
async fn security_and_microsoft_365_groups_can_be_made() {
    let world = World::contoso().await;
    let security = world.post("/groups", group("team")).await;
    assert_eq!(
        (
            security.status,
            &security.body["groupTypes"],
            &security.body["mail"]
        ),
        (201, &json!([]), &Value::Null)
    );
    let office = world
        .post(
            "/groups",
            merged(unified("crew"), json!({"description": "The crew"})),
        )
        .await;
    assert_eq!(office.body["mail"], "crew@contoso.onmicrosoft.com");
    assert_eq!(
        office.body["proxyAddresses"],
        json!(["SMTP:crew@contoso.onmicrosoft.com"])
    );
    let twin = world.post("/groups", group("team")).await;
    assert_eq!(
        twin.status, 201,
        "POST is not idempotent and names are not unique"
    );
    assert_ne!(twin.id(), security.id());
    let path = format!("/groups/{}", office.id());
    assert_eq!(world.get(&path).await.body["description"], "The crew");
    assert_eq!(
        world
            .get(&format!("{path}?$select=id,description"))
            .await
            .body
            .as_object()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(world.get("/groups").await.values().len(), 3);
    assert_eq!(
        world
            .get("/groups?$filter=displayName eq 'team'")
            .await
            .values()
            .len(),
        2
    );
    assert_eq!(
        world
            .get("/groups?$filter=groupTypes/any(c:c eq 'Unified')")
            .await
            .values()
            .len(),
        1
    );
    assert_eq!(
        world
            .get("/groups?$filter=mailEnabled eq false and securityEnabled eq true")
            .await
            .values()
            .len(),
        2
    );
    assert_eq!(world.advanced("/groups/$count").await.body, json!(3));
}

#[tokio::test]
async fn groups_that_graph_cannot_write_are_refused() {
    let world = World::contoso().await;
    for name in ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] {
        let missing = world.wrong("POST", "/groups", without(group("team"), name)).await;
        assert!(
            missing.status == 400 && missing.message().contains(name),
            "{name}: {missing:?}"
        );
    }
    let wrong = [
        json!({"mailEnabled": true}),
        json!({"securityEnabled": false}),
        json!({"groupTypes": ["Unified"]}),
        json!({"groupTypes": ["Distribution"]}),
        json!({"groupTypes": ["DynamicMembership"]}),
        json!({"mailNickname": "a b"}),
        json!({"mailNickname": "ä"}),
        json!({"displayName": "x".repeat(257)}),
        json!({"visibility": "Secret"}),
        json!({"hideFromAddressLists": true}),
        json!({"mail": "x@contoso.example"}),
        json!({"unknown": 1}),
    ];
    for change in wrong {
        let answer = world
            .wrong("POST", "/groups", merged(group("team"), change.clone()))
            .await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{change}");
    }
    let role = world
        .post(
            "/groups",
            merged(group("admins"), json!({"isAssignableToRole": true})),
        )
        .await;
    assert_eq!(role.refusal(), (403, "Authorization_RequestDenied"));
    assert!(world.simulator.groups().is_empty());
    world.post("/groups", unified("crew")).await;
    let twin = world.post("/groups", unified("CREW")).await;
    assert_eq!(twin.body["error"]["details"][0]["target"], "mailNickname");
    assert_eq!(
        world.post("/groups", group("crew")).await.status,
        201,
        "security groups may share it"
    );
}

#[tokio::test]
async fn a_group_is_made_once_by_its_unique_name() {
    let world = World::contoso().await;
    let path = "/groups(uniqueName='provost-1')";
    let patch = |headers: &'static [(&'static str, &'static str)], body: Value| {
        world.call("PATCH", path, headers, Some(body))
    };
    assert_eq!(
        patch(&[], group("team")).await.refusal(),
        (404, "Request_ResourceNotFound")
    );
    let made = patch(UPSERT, group("team")).await;
    assert_eq!(
        (made.status, &made.body["uniqueName"]),
        (201, &json!("provost-1"))
    );
    let again = patch(UPSERT, merged(group("team"), json!({"displayName": "Team"}))).await;
    assert_eq!((again.status, &again.body), (204, &Value::Null));
    assert_eq!(world.get(path).await.body["displayName"], "Team");
    assert_eq!(world.simulator.groups().len(), 1);
    assert_eq!(
        world
            .get("/groups?$filter=uniqueName eq 'provost-1'")
            .await
            .column("id"),
        [made.id()]
    );
    let renamed = world
        .patch(
            &format!("/groups/{}", made.id()),
            json!({"uniqueName": "provost-2"}),
        )
        .await;
    assert_eq!(renamed.status, 400, "immutable once set");
    assert_eq!(
        patch(UPSERT, merged(group("x"), json!({"uniqueName": "other"})))
            .await
            .status,
        400
    );
    assert_eq!(
        world
            .post("/groups", merged(group("x"), json!({"uniqueName": "provost-1"})))
            .await
            .body["error"]["details"][0]["target"],
        "uniqueName"
    );
    assert_eq!(
        world
            .wrong_with(
                "PATCH",
                "/groups(uniqueName='n')",
                UPSERT,
                Some(json!({"displayName": "n"}))
            )
            .await
            .status,
        400
    );
    assert_eq!(
        world
            .outside("PATCH", "/groups(mail='x')", UPSERT, Some(group("x")))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn an_upsert_sees_what_reads_do_not_see_yet() {
    let world = World::start(|settings| settings.read_delay_ms = 5_000).await;
    let path = "/groups(uniqueName='provost-1')";
    assert_eq!(
        world
            .call("PATCH", path, UPSERT, Some(group("team")))
            .await
            .status,
        201
    );
    assert_eq!(world.get(path).await.status, 404);
    assert_eq!(
        world
            .call("PATCH", path, UPSERT, Some(group("team")))
            .await
            .status,
        204
    );
    assert_eq!(world.simulator.groups().len(), 1);
}

#[tokio::test]
async fn a_patch_of_a_group_keeps_what_cannot_change() {
    let world = World::contoso().await;
    let id = world.group("team").await;
    let path = format!("/groups/{id}");
    assert_eq!(
        world
            .patch(
                &path,
                json!({"displayName": "Team", "description": "d", "hideFromAddressLists": true})
            )
            .await
            .status,
        204
    );
    assert_eq!(
        world
            .patch(&path, json!({"description": null, "mailEnabled": false}))
            .await
            .status,
        204
    );
    let after = world.get(&path).await.body;
    assert_eq!(
        (&after["displayName"], &after["description"]),
        (&json!("Team"), &Value::Null)
    );
    for wrong in [
        json!({"mailEnabled": true}),
        json!({"groupTypes": ["Unified"]}),
        json!({"securityEnabled": false}),
        json!({"visibility": "HiddenMembership"}),
        json!({"displayName": null}),
        json!({"createdDateTime": "2026-01-01T00:00:00Z"}),
    ] {
        assert_eq!(world.patch(&path, wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(
        world
            .patch(
                "/groups/00000000-0000-4000-8000-000000000000",
                json!({"displayName": "x"})
            )
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn microsoft_365_groups_go_into_the_bin_and_security_groups_are_gone() {
    let world = World::contoso().await;
    let (security, office) = (
        world.group("team").await,
        world.post("/groups", unified("crew")).await.id(),
    );
    for id in [&security, &office] {
        assert_eq!(world.delete(&format!("/groups/{id}")).await.status, 204);
        assert_eq!(world.get(&format!("/groups/{id}")).await.status, 404);
        assert_eq!(world.delete(&format!("/groups/{id}")).await.status, 404);
    }
    assert_eq!(
        world
            .get("/directory/deletedItems/microsoft.graph.group")
            .await
            .column("id"),
        [office]
    );
}

#[tokio::test]
async fn members_and_owners_can_be_bound_at_creation_up_to_twenty() {
    let world = World::contoso().await;
    let mut ids = Vec::new();
    for n in 0..21 {
        ids.push(world.user(&format!("u{n}")).await);
    }
    let with = |name: &str, members: &[String], owners: &[String]| {
        merged(
            unified(name),
            json!({"members@odata.bind": world.references(members), "owners@odata.bind": world.references(owners)}),
        )
    };
    let too_many = world.post("/groups", with("a", &ids[..20], &ids[..1])).await;
    assert_eq!(too_many.refusal(), (400, "Request_BadRequest"));
    let twice = world
        .post("/groups", with("a", &[ids[0].clone(), ids[0].clone()], &[]))
        .await;
    assert_eq!(twice.status, 400);
    let missing = world
        .post(
            "/groups",
            with("a", &["00000000-0000-4000-8000-000000000000".to_owned()], &[]),
        )
        .await;
    assert_eq!(missing.status, 404);
    assert!(world.simulator.groups().is_empty(), "nothing half-made");
    let made = world.post("/groups", with("a", &ids[..19], &ids[..1])).await.id();
    assert_eq!(world.simulator.members(&made).len(), 19);
    assert_eq!(
        world.get(&format!("/groups/{made}/owners")).await.column("id"),
        [ids[0].as_str()]
    );
}
