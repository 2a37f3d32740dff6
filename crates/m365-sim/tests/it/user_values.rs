use m365_sim::Domain;
use serde_json::{Value, json};

use crate::world::{World, merged, user, user_with, without};

#[tokio::test]
async fn what_a_user_needs_is_asked_for_by_name() {
    let world = World::contoso().await;
    for name in [
        "accountEnabled",
        "displayName",
        "mailNickname",
        "userPrincipalName",
        "passwordProfile",
    ] {
        let missing = world.wrong("POST", "/users", without(user("ada"), name)).await;
        assert_eq!(missing.refusal(), (400, "Request_BadRequest"), "{name}");
        assert!(missing.message().contains(name), "{}", missing.message());
        assert_eq!(missing.body["error"]["target"], *name);
    }
    assert!(world.simulator.users().is_empty());
}

#[tokio::test]
async fn wrong_values_are_refused() {
    let world = World::start(|settings| {
        settings.domains.push(Domain {
            verified: false,
            ..Domain::managed("unverified.example")
        })
    })
    .await;
    let long = |n: usize| "x".repeat(n);
    let wrong = [
        json!({"nickname": "x"}),
        json!({"displayName": ""}),
        json!({"displayName": null}),
        json!({"displayName": long(257)}),
        json!({"displayName": 7}),
        json!({"givenName": long(65)}),
        json!({"employeeId": long(17)}),
        json!({"mailNickname": "a b"}),
        json!({"mailNickname": "a@b"}),
        json!({"mailNickname": long(65)}),
        json!({"accountEnabled": "yes"}),
        json!({"accountEnabled": null}),
        json!({"userPrincipalName": "ada"}),
        json!({"userPrincipalName": "@contoso.example"}),
        json!({"userPrincipalName": "a da@contoso.example"}),
        json!({"userPrincipalName": "ådå@contoso.example"}),
        json!({"userPrincipalName": format!("{}@contoso.example", long(65))}),
        json!({"userPrincipalName": "ada@unverified.example"}),
        json!({"userPrincipalName": "ada@elsewhere.example"}),
        json!({"usageLocation": "no"}),
        json!({"usageLocation": "Norway"}),
        json!({"usageLocation": null}),
        json!({"businessPhones": ["1", "2"]}),
        json!({"businessPhones": "1"}),
        json!({"businessPhones": null}),
        json!({"mail": "ådå@contoso.example"}),
        json!({"mail": ""}),
        json!({"userType": "Alien"}),
        json!({"onPremisesImmutableId": "a_b"}),
        json!({"onPremisesImmutableId": "a$b"}),
        json!({"onPremisesImmutableId": ""}),
        json!({"onPremisesImmutableId": long(65)}),
        json!({"employeeHireDate": "yesterday"}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}),
        json!({"employeeOrgData": {"costCenter": 7}}),
        json!({"passwordProfile": {}}),
        json!({"passwordProfile": {"password": "short1A"}}),
        json!({"passwordProfile": {"password": "alllowercase"}}),
        json!({"passwordProfile": {"password": "a-Long-Passw0rd", "hint": "x"}}),
        json!({"createdDateTime": "2026-01-01T00:00:00Z"}),
        json!({"proxyAddresses": ["SMTP:x@contoso.example"]}),
        json!({"assignedLicenses": []}),
        json!({"id": "x"}),
        json!({"manager": {"id": "x"}}),
        json!({"extension_00000000000000000000000000000000_badge": "7"}),
        json!({"@odata.type": "#microsoft.graph.group"}),
        json!({"members@odata.bind": []}),
    ];
    for change in wrong {
        let answer = world
            .wrong("POST", "/users", merged(user("ada"), change.clone()))
            .await;
        assert_eq!(
            answer.refusal(),
            (400, "Request_BadRequest"),
            "{change}: {answer:?}"
        );
    }
    let personal = world
        .wrong("POST", "/users", user_with("ada", json!({"aboutMe": "x"})))
        .await;
    assert_eq!(personal.refusal(), (403, "Authorization_RequestDenied"));
    assert_eq!(
        world
            .wrong("POST", "/users", user_with("ada", json!({"identities": []})))
            .await
            .status,
        501
    );
    assert!(world.simulator.users().is_empty(), "nothing half-written");
    for odd in [json!([]), json!("x"), json!(7)] {
        assert_eq!(world.wrong("POST", "/users", odd).await.status, 400);
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let world = World::contoso().await;
    let send = |kind: &'static str, body: String| {
        world
            .request("POST", "/users", &[("content-type", kind)], None)
            .body(body)
            .send()
    };
    assert_eq!(
        send("application/json", "{\"displayName\": ".to_owned())
            .await
            .unwrap()
            .status(),
        400
    );
    assert_eq!(send("text/plain", "{}".to_owned()).await.unwrap().status(), 415);
    assert_eq!(
        send("application/json", " ".repeat(5 * 1024 * 1024))
            .await
            .unwrap()
            .status(),
        413
    );
    assert_eq!(
        send("application/json", String::new()).await.unwrap().status(),
        400
    );
}

#[tokio::test]
async fn names_immutable_ids_and_addresses_are_unique() {
    let world = World::contoso().await;
    let first = world
        .post(
            "/users",
            user_with(
                "ada",
                json!({"onPremisesImmutableId": "7f", "mail": "a@contoso.example"}),
            ),
        )
        .await
        .id();
    let twins = [
        ("userPrincipalName", user("ADA")),
        (
            "onPremisesImmutableId",
            user_with("bob", json!({"onPremisesImmutableId": "7f"})),
        ),
        (
            "proxyAddresses",
            user_with("bob", json!({"mail": "A@contoso.example"})),
        ),
    ];
    for (property, twin) in twins {
        let answer = world.wrong("POST", "/users", twin).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{property}");
        let details = &answer.body["error"]["details"];
        assert_eq!(
            (&details[0]["code"], &details[0]["target"]),
            (&json!("ObjectConflict"), &json!(property))
        );
        assert_eq!(details[1]["code"], "ConflictingObjects");
        assert_eq!(details[1]["target"], format!("User_{first}"));
    }
    assert_eq!(
        world
            .post(
                "/users",
                user_with("carl", json!({"onPremisesImmutableId": "7F"}))
            )
            .await
            .status,
        201,
        "letter case counts"
    );
    let bob = world.user("bob").await;
    let taken = world
        .patch(
            &format!("/users/{bob}"),
            json!({"userPrincipalName": "ada@contoso.example"}),
        )
        .await;
    assert_eq!(taken.body["error"]["details"][0]["target"], "userPrincipalName");
    assert_eq!(
        world
            .patch(
                &format!("/users/{first}"),
                json!({"userPrincipalName": "ada@contoso.example"})
            )
            .await
            .status,
        204
    );
    assert_eq!(world.simulator.creations().len(), 3);
}

#[tokio::test]
async fn a_new_mail_becomes_the_primary_address_and_keeps_the_old_one() {
    let world = World::contoso().await;
    let id = world
        .post("/users", user_with("ada", json!({"mail": "ada@contoso.example"})))
        .await
        .id();
    world
        .patch(
            &format!("/users/{id}"),
            json!({"mail": "countess@contoso.example"}),
        )
        .await;
    let after = world
        .get(&format!("/users/{id}?$select=mail,proxyAddresses"))
        .await
        .body;
    assert_eq!(
        after["proxyAddresses"],
        json!(["SMTP:countess@contoso.example", "smtp:ada@contoso.example"])
    );
}

#[tokio::test]
async fn a_password_can_be_set_later_only_with_an_entra_role() {
    let change = json!({"passwordProfile": {"password": "an-Other-Passw0rd"}});
    let world = World::contoso().await;
    let id = world.user("ada").await;
    let denied = world.patch(&format!("/users/{id}"), change.clone()).await;
    assert_eq!(denied.refusal(), (403, "Authorization_RequestDenied"));
    let world = World::start(|s| {
        s.applications[0]
            .directory_roles
            .push("User Administrator".to_owned())
    })
    .await;
    let id = world.user("ada").await;
    assert_eq!(world.patch(&format!("/users/{id}"), change).await.status, 204);
}

#[tokio::test]
async fn federated_users_need_an_immutable_id_that_stays() {
    let world =
        World::start(|settings| settings.domains.push(Domain::federated("fed.contoso.example"))).await;
    let at = |id: Value| {
        user_with(
            "ada",
            json!({"userPrincipalName": "ada@fed.contoso.example", "onPremisesImmutableId": id}),
        )
    };
    let missing = world
        .wrong("POST", "/users", without(at(json!("x")), "onPremisesImmutableId"))
        .await;
    assert_eq!(missing.refusal(), (400, "Request_BadRequest"));
    assert!(
        missing.message().contains("property values"),
        "the message does not say which: {}",
        missing.message()
    );
    assert_eq!(world.wrong("POST", "/users", at(Value::Null)).await.status, 400);
    let id = world.post("/users", at(json!("7f"))).await.id();
    let path = format!("/users/{id}");
    for change in [json!(null), json!("80")] {
        assert_eq!(
            world
                .patch(&path, json!({"onPremisesImmutableId": change}))
                .await
                .status,
            400
        );
    }
    assert_eq!(
        world
            .patch(&path, json!({"userPrincipalName": "ada@contoso.example"}))
            .await
            .status,
        204
    );
    assert_eq!(
        world
            .patch(&path, json!({"onPremisesImmutableId": null}))
            .await
            .status,
        204,
        "free in a managed domain"
    );
    assert_eq!(
        world
            .patch(&path, json!({"userPrincipalName": "ada@fed.contoso.example"}))
            .await
            .status,
        400
    );
    let both = json!({"userPrincipalName": "ada@fed.contoso.example", "onPremisesImmutableId": "81"});
    assert_eq!(world.patch(&path, both).await.status, 204);
}

#[tokio::test]
async fn registered_extensions_are_ordinary_properties() {
    const NAME: &str = "extension_00000000000000000000000000000000_badge";
    let world = World::start(|settings| settings.extensions.push(NAME.to_owned())).await;
    let id = world
        .post("/users", user_with("ada", json!({NAME: "7"})))
        .await
        .id();
    assert_eq!(
        world.get(&format!("/users/{id}?$select={NAME}")).await.body[NAME],
        "7"
    );
    assert_eq!(
        world
            .get(&format!("/users?$filter={NAME} eq '7'"))
            .await
            .column("id"),
        [id]
    );
}
