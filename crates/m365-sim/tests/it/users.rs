use serde_json::{Value, json};

use crate::world::{World, user, user_with};

#[tokio::test]
async fn a_create_answers_the_default_properties_and_nothing_else() {
    let world = World::contoso().await;
    let body = user_with(
        "ada",
        json!({"givenName": "Ada", "department": "Engines", "@odata.type": "#microsoft.graph.user"}),
    );
    let answer = world.post("/users", body).await;
    assert_eq!(answer.status, 201);
    let mut names: Vec<&str> = answer
        .body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.retain(|name| !name.starts_with('@'));
    let default = [
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ];
    assert_eq!(names, default);
    assert_eq!(answer.body["givenName"], "Ada");
    assert_eq!(answer.body["surname"], Value::Null);
    assert_eq!(answer.body["businessPhones"], json!([]));
    assert!(answer.header("location").unwrap().ends_with(&answer.id()));
    assert_eq!(world.simulator.creations(), ["ada@contoso.example"]);
}

#[tokio::test]
async fn users_are_found_by_id_and_by_name_in_every_spelling() {
    let world = World::contoso().await;
    let id = world.user("ada").await;
    for key in [
        format!("/users/{id}"),
        format!("/users/{}", id.to_uppercase()),
        "/users/ada@contoso.example".to_owned(),
        "/users/ADA@Contoso.Example".to_owned(),
        "/users('ada@contoso.example')".to_owned(),
        "/users(userPrincipalName='ada@contoso.example')".to_owned(),
    ] {
        assert_eq!(world.get(&key).await.body["id"], id, "{key}");
    }
    let selected = world
        .get(&format!(
            "/users/{id}?$select=accountEnabled,department,mailNickname,createdDateTime"
        ))
        .await;
    assert_eq!(selected.body["accountEnabled"], true);
    assert_eq!(selected.body["department"], Value::Null);
    assert_eq!(selected.body["mailNickname"], "ada");
    assert_eq!(selected.body["createdDateTime"], "2026-01-05T09:00:00Z");
    assert!(selected.body.get("displayName").is_none());
    let profile = world
        .get(&format!("/users/{id}?$select=passwordProfile,identities"))
        .await;
    assert_eq!(
        profile.body["passwordProfile"]["password"],
        Value::Null,
        "a password is never read back"
    );
    assert_eq!(
        profile.body["identities"][0]["issuerAssignedId"],
        "ada@contoso.example"
    );
    for unknown in [
        "/users/nobody@contoso.example",
        "/users/00000000-0000-4000-8000-000000000000",
        "/users(userPrincipalName='x')",
    ] {
        assert_eq!(
            world.get(unknown).await.refusal(),
            (404, "Request_ResourceNotFound"),
            "{unknown}"
        );
    }
    assert_eq!(world.get("/users(mail='x')").await.refusal(), (400, "BadRequest"));
    let group = world.group("team").await;
    assert_eq!(
        world.get(&format!("/users/{group}")).await.status,
        404,
        "a group is no user"
    );
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let world = World::contoso().await;
    let id = world.post("/users", user_with("ada", json!({
        "department": "Engines", "city": "Oslo", "businessPhones": ["+47 1"],
        "onPremisesExtensionAttributes": {"extensionAttribute1": "one", "extensionAttribute2": "two"},
    }))).await.id();
    let path = format!("/users/{id}");
    let change = json!({
        "department": null, "displayName": "Ada B.", "accountEnabled": false, "businessPhones": [],
        "onPremisesExtensionAttributes": {"extensionAttribute2": null, "extensionAttribute3": "three"},
    });
    let answer = world.patch(&path, change).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    let select = "department,city,displayName,accountEnabled,businessPhones,onPremisesExtensionAttributes";
    let after = world.get(&format!("{path}?$select={select}")).await.body;
    assert_eq!(
        (&after["department"], &after["city"]),
        (&Value::Null, &json!("Oslo"))
    );
    assert_eq!(
        (&after["displayName"], &after["accountEnabled"]),
        (&json!("Ada B."), &json!(false))
    );
    assert_eq!(after["businessPhones"], json!([]));
    let attributes = &after["onPremisesExtensionAttributes"];
    assert_eq!(attributes["extensionAttribute1"], "one");
    assert_eq!(
        (
            &attributes["extensionAttribute2"],
            &attributes["extensionAttribute3"]
        ),
        (&Value::Null, &json!("three"))
    );
    let updates = world.simulator.counters().updates;
    assert_eq!(
        world.patch(&path, json!({"displayName": "Ada B."})).await.status,
        204
    );
    assert_eq!(
        world.simulator.counters().updates,
        updates,
        "nothing changed, nothing written"
    );
    for wrong in [
        json!({"displayName": null}),
        json!({"id": "x"}),
        json!({"usageLocation": null}),
        json!({"jobTitle": ""}),
    ] {
        assert_eq!(
            world.wrong("PATCH", &path, wrong.clone()).await.status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(
        world
            .patch("/users/nobody@contoso.example", json!({"city": "x"}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn managers_are_set_read_and_taken_away() {
    let world = World::contoso().await;
    let (ada, boss, team) = (
        world.user("ada").await,
        world.user("boss").await,
        world.group("team").await,
    );
    let path = format!("/users/{ada}/manager");
    assert_eq!(
        world.get(&path).await.refusal(),
        (404, "Request_ResourceNotFound")
    );
    let put = |target: Value| {
        world.call(
            "PUT",
            "/users/ada@contoso.example/manager/$ref",
            &[],
            Some(target),
        )
    };
    let by_users = json!({"@odata.id": format!("{}/v1.0/users/{boss}", world.url)});
    assert_eq!(put(by_users).await.status, 204);
    assert_eq!(
        put(world.reference(&boss)).await.status,
        204,
        "once more changes nothing"
    );
    let manager = world.get(&path).await;
    assert_eq!(
        (&manager.body["id"], &manager.body["@odata.type"]),
        (&json!(boss), &json!("#microsoft.graph.user"))
    );
    assert!(
        world
            .get(&format!("{path}/$ref"))
            .await
            .body
            .as_str()
            .unwrap()
            .ends_with(&boss)
    );
    assert_eq!(
        world
            .get(&format!("/users/{boss}/directReports"))
            .await
            .column("id"),
        [ada.as_str()]
    );
    let expanded = world
        .get("/users?$expand=manager($select=id,displayName)&$select=id")
        .await;
    assert_eq!(expanded.values()[0]["manager"]["displayName"], "User boss");
    assert_eq!(put(world.reference(&ada)).await.status, 400, "one's own manager");
    assert_eq!(put(world.reference(&team)).await.status, 400, "a group");
    assert_eq!(
        put(world.reference("00000000-0000-4000-8000-000000000000"))
            .await
            .status,
        404
    );
    assert_eq!(put(json!({"@odata.id": "nonsense"})).await.status, 400);
    assert_eq!(put(json!({})).await.status, 400);
    assert_eq!(world.delete(&format!("{path}/$ref")).await.status, 204);
    assert_eq!(world.delete(&format!("{path}/$ref")).await.status, 404);
    let made = world
        .post(
            "/users",
            user_with(
                "bob",
                json!({"manager@odata.bind": world.reference(&boss)["@odata.id"]}),
            ),
        )
        .await
        .id();
    assert_eq!(
        world.get(&format!("/users/{made}/manager")).await.body["id"],
        boss
    );
}

#[tokio::test]
async fn sessions_are_revoked_with_a_value() {
    let world = World::contoso().await;
    let id = world.user("ada").await;
    for action in ["revokeSignInSessions", "microsoft.graph.revokeSignInSessions"] {
        let answer = world
            .call("POST", &format!("/users/{id}/{action}"), &[], None)
            .await;
        assert_eq!((answer.status, &answer.body["value"]), (200, &json!(true)));
    }
}

#[tokio::test]
async fn a_fresh_user_is_missed_for_a_while_but_its_name_is_taken_at_once() {
    let world = World::start(|settings| settings.read_delay_ms = 5_000).await;
    let (id, team) = (world.user("ada").await, world.group("team").await);
    assert_eq!(
        world.get(&format!("/users/{id}")).await.refusal(),
        (404, "Request_ResourceNotFound")
    );
    assert!(
        world
            .get("/users?$filter=userPrincipalName eq 'ada@contoso.example'")
            .await
            .values()
            .is_empty()
    );
    assert_eq!(
        world
            .patch(&format!("/users/{id}"), json!({"city": "Oslo"}))
            .await
            .status,
        404
    );
    assert_eq!(world.add(&team, &id).await.status, 404);
    assert_eq!(
        world.post("/users", user("ada")).await.status,
        400,
        "uniqueness is not replicated"
    );
    world.advance(5_000);
    assert_eq!(world.get(&format!("/users/{id}")).await.status, 200);
    assert_eq!(world.add(&team, &id).await.status, 204);
}

#[tokio::test]
async fn a_share_of_the_looks_can_miss_instead_of_all() {
    let world = World::start(|settings| {
        settings.read_delay_ms = 5_000;
        settings.read_delay_percent = 25;
    })
    .await;
    let id = world.user("ada").await;
    let mut missed = 0;
    for _ in 0..100 {
        missed += u32::from(world.get(&format!("/users/{id}")).await.status == 404);
    }
    assert_eq!(missed, 25);
}

#[tokio::test]
async fn unknown_addresses_methods_and_versions_have_their_own_answers() {
    let world = World::contoso().await;
    assert_eq!(
        world.outside("GET", "/people", &[], None).await.refusal(),
        (400, "BadRequest")
    );
    assert_eq!(
        world.outside("PUT", "/users", &[], Some(json!({}))).await.status,
        405
    );
    assert_eq!(
        world.outside("GET", "/applications", &[], None).await.refusal(),
        (501, "NotImplemented")
    );
    let beta = world
        .http
        .get(format!("{}/beta/users", world.url))
        .bearer_auth("x")
        .send()
        .await
        .unwrap();
    assert_eq!(beta.status(), 400);
    let traced = world
        .call(
            "GET",
            "/users",
            &[("client-request-id", "11111111-2222-4333-8444-555555555555")],
            None,
        )
        .await;
    assert_eq!(
        traced.header("client-request-id"),
        Some("11111111-2222-4333-8444-555555555555")
    );
}
