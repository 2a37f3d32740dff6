use m365_sim::Domain;
use serde_json::{Value, json};

use crate::world::{World, merged, user, user_with, without};

#[tokio::test]
async fn a_create_answers_the_default_properties_and_nothing_else() {
    let world = World::contoso().await;
    let body = user_with("ada", json!({"givenName": "Ada", "department": "Engines", "@odata.type": "#microsoft.graph.user"}));
    let answer = world.post("/users", body).await;
    assert_eq!(answer.status, 201);
    let mut names: Vec<&str> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
    names.retain(|name| !name.starts_with('@'));
    let default = [
        "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName",
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
    let selected = world.get(&format!("/users/{id}?$select=accountEnabled,department,mailNickname,createdDateTime")).await;
    assert_eq!(selected.body["accountEnabled"], true);
    assert_eq!(selected.body["department"], Value::Null);
    assert_eq!(selected.body["mailNickname"], "ada");
    assert_eq!(selected.body["createdDateTime"], "2026-01-05T09:00:00Z");
    assert!(selected.body.get("displayName").is_none());
    let profile = world.get(&format!("/users/{id}?$select=passwordProfile,identities")).await;
    assert_eq!(profile.body["passwordProfile"]["password"], Value::Null, "a password is never read back");
    assert_eq!(profile.body["identities"][0]["issuerAssignedId"], "ada@contoso.example");
    for unknown in ["/users/nobody@contoso.example", "/users/00000000-0000-4000-8000-000000000000", "/users(userPrincipalName='x')"] {
        assert_eq!(world.get(unknown).await.refusal(), (404, "Request_ResourceNotFound"), "{unknown}");
    }
    assert_eq!(world.get("/users(mail='x')").await.refusal(), (400, "BadRequest"));
    let group = world.group("team").await;
    assert_eq!(world.get(&format!("/users/{group}")).await.status, 404, "a group is no user");
}

#[tokio::test]
async fn what_a_user_needs_is_asked_for_by_name() {
    let world = World::contoso().await;
    for name in ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"] {
        let missing = world.wrong("POST", "/users", without(user("ada"), name)).await;
        assert_eq!(missing.refusal(), (400, "Request_BadRequest"), "{name}");
        assert!(missing.message().contains(name), "{}", missing.message());
        assert_eq!(missing.body["error"]["target"], *name);
    }
    assert!(world.simulator.users().is_empty());
}

#[tokio::test]
async fn wrong_values_are_refused() {
    let world = World::start(|settings| settings.domains.push(Domain { verified: false, ..Domain::managed("unverified.example") })).await;
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
        let answer = world.wrong("POST", "/users", merged(user("ada"), change.clone())).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{change}: {answer:?}");
    }
    let personal = world.wrong("POST", "/users", user_with("ada", json!({"aboutMe": "x"}))).await;
    assert_eq!(personal.refusal(), (403, "Authorization_RequestDenied"));
    assert_eq!(world.wrong("POST", "/users", user_with("ada", json!({"identities": []}))).await.status, 501);
    assert!(world.simulator.users().is_empty(), "nothing half-written");
    for odd in [json!([]), json!("x"), json!(7)] {
        assert_eq!(world.wrong("POST", "/users", odd).await.status, 400);
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let world = World::contoso().await;
    let send = |kind: &'static str, body: String| world.request("POST", "/users", &[("content-type", kind)], None).body(body).send();
    assert_eq!(send("application/json", "{\"displayName\": ".to_owned()).await.unwrap().status(), 400);
    assert_eq!(send("text/plain", "{}".to_owned()).await.unwrap().status(), 415);
    assert_eq!(send("application/json", " ".repeat(5 * 1024 * 1024)).await.unwrap().status(), 413);
    assert_eq!(send("application/json", String::new()).await.unwrap().status(), 400);
}

#[tokio::test]
async fn names_immutable_ids_and_addresses_are_unique() {
    let world = World::contoso().await;
    let first = world.post("/users", user_with("ada", json!({"onPremisesImmutableId": "7f", "mail": "a@contoso.example"}))).await.id();
    let twins = [
        ("userPrincipalName", user("ADA")),
        ("onPremisesImmutableId", user_with("bob", json!({"onPremisesImmutableId": "7f"}))),
        ("proxyAddresses", user_with("bob", json!({"mail": "A@contoso.example"}))),
    ];
    for (property, twin) in twins {
        let answer = world.wrong("POST", "/users", twin).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{property}");
        let details = &answer.body["error"]["details"];
        assert_eq!((&details[0]["code"], &details[0]["target"]), (&json!("ObjectConflict"), &json!(property)));
        assert_eq!(details[1]["code"], "ConflictingObjects");
        assert_eq!(details[1]["target"], format!("User_{first}"));
    }
    assert_eq!(world.post("/users", user_with("carl", json!({"onPremisesImmutableId": "7F"}))).await.status, 201, "letter case counts");
    let bob = world.user("bob").await;
    let taken = world.patch(&format!("/users/{bob}"), json!({"userPrincipalName": "ada@contoso.example"})).await;
    assert_eq!(taken.body["error"]["details"][0]["target"], "userPrincipalName");
    assert_eq!(world.patch(&format!("/users/{first}"), json!({"userPrincipalName": "ada@contoso.example"})).await.status, 204);
    assert_eq!(world.simulator.creations().len(), 3);
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
    assert_eq!((&after["department"], &after["city"]), (&Value::Null, &json!("Oslo")));
    assert_eq!((&after["displayName"], &after["accountEnabled"]), (&json!("Ada B."), &json!(false)));
    assert_eq!(after["businessPhones"], json!([]));
    let attributes = &after["onPremisesExtensionAttributes"];
    assert_eq!(attributes["extensionAttribute1"], "one");
    assert_eq!((&attributes["extensionAttribute2"], &attributes["extensionAttribute3"]), (&Value::Null, &json!("three")));
    let updates = world.simulator.counters().updates;
    assert_eq!(world.patch(&path, json!({"displayName": "Ada B."})).await.status, 204);
    assert_eq!(world.simulator.counters().updates, updates, "nothing changed, nothing written");
    for wrong in [json!({"displayName": null}), json!({"id": "x"}), json!({"usageLocation": null}), json!({"jobTitle": ""})] {
        assert_eq!(world.wrong("PATCH", &path, wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(world.patch("/users/nobody@contoso.example", json!({"city": "x"})).await.status, 404);
}

#[tokio::test]
async fn a_new_mail_becomes_the_primary_address_and_keeps_the_old_one() {
    let world = World::contoso().await;
    let id = world.post("/users", user_with("ada", json!({"mail": "ada@contoso.example"}))).await.id();
    world.patch(&format!("/users/{id}"), json!({"mail": "countess@contoso.example"})).await;
    let after = world.get(&format!("/users/{id}?$select=mail,proxyAddresses")).await.body;
    assert_eq!(after["proxyAddresses"], json!(["SMTP:countess@contoso.example", "smtp:ada@contoso.example"]));
}

#[tokio::test]
async fn a_password_can_be_set_later_only_with_an_entra_role() {
    let change = json!({"passwordProfile": {"password": "an-Other-Passw0rd"}});
    let world = World::contoso().await;
    let id = world.user("ada").await;
    let denied = world.patch(&format!("/users/{id}"), change.clone()).await;
    assert_eq!(denied.refusal(), (403, "Authorization_RequestDenied"));
    let world = World::start(|s| s.applications[0].directory_roles.push("User Administrator".to_owned())).await;
    let id = world.user("ada").await;
    assert_eq!(world.patch(&format!("/users/{id}"), change).await.status, 204);
}

#[tokio::test]
async fn federated_users_need_an_immutable_id_that_stays() {
    let world = World::start(|settings| settings.domains.push(Domain::federated("fed.contoso.example"))).await;
    let at = |id: Value| user_with("ada", json!({"userPrincipalName": "ada@fed.contoso.example", "onPremisesImmutableId": id}));
    let missing = world.wrong("POST", "/users", without(at(json!("x")), "onPremisesImmutableId")).await;
    assert_eq!(missing.refusal(), (400, "Request_BadRequest"));
    assert!(missing.message().contains("property values"), "the message does not say which: {}", missing.message());
    assert_eq!(world.wrong("POST", "/users", at(Value::Null)).await.status, 400);
    let id = world.post("/users", at(json!("7f"))).await.id();
    let path = format!("/users/{id}");
    for change in [json!(null), json!("80")] {
        assert_eq!(world.patch(&path, json!({"onPremisesImmutableId": change})).await.status, 400);
    }
    assert_eq!(world.patch(&path, json!({"userPrincipalName": "ada@contoso.example"})).await.status, 204);
    assert_eq!(world.patch(&path, json!({"onPremisesImmutableId": null})).await.status, 204, "free in a managed domain");
    assert_eq!(world.patch(&path, json!({"userPrincipalName": "ada@fed.contoso.example"})).await.status, 400);
    let both = json!({"userPrincipalName": "ada@fed.contoso.example", "onPremisesImmutableId": "81"});
    assert_eq!(world.patch(&path, both).await.status, 204);
}

#[tokio::test]
async fn registered_extensions_are_ordinary_properties() {
    const NAME: &str = "extension_00000000000000000000000000000000_badge";
    let world = World::start(|settings| settings.extensions.push(NAME.to_owned())).await;
    let id = world.post("/users", user_with("ada", json!({NAME: "7"}))).await.id();
    assert_eq!(world.get(&format!("/users/{id}?$select={NAME}")).await.body[NAME], "7");
    assert_eq!(world.get(&format!("/users?$filter={NAME} eq '7'")).await.column("id"), [id]);
}

#[tokio::test]
async fn managers_are_set_read_and_taken_away() {
    let world = World::contoso().await;
    let (ada, boss, team) = (world.user("ada").await, world.user("boss").await, world.group("team").await);
    let path = format!("/users/{ada}/manager");
    assert_eq!(world.get(&path).await.refusal(), (404, "Request_ResourceNotFound"));
    let put = |target: Value| world.call("PUT", "/users/ada@contoso.example/manager/$ref", &[], Some(target));
    let by_users = json!({"@odata.id": format!("{}/v1.0/users/{boss}", world.url)});
    assert_eq!(put(by_users).await.status, 204);
    assert_eq!(put(world.reference(&boss)).await.status, 204, "once more changes nothing");
    let manager = world.get(&path).await;
    assert_eq!((&manager.body["id"], &manager.body["@odata.type"]), (&json!(boss), &json!("#microsoft.graph.user")));
    assert!(world.get(&format!("{path}/$ref")).await.body.as_str().unwrap().ends_with(&boss));
    assert_eq!(world.get(&format!("/users/{boss}/directReports")).await.column("id"), [ada.clone()]);
    let expanded = world.get("/users?$expand=manager($select=id,displayName)&$select=id").await;
    assert_eq!(expanded.values()[0]["manager"]["displayName"], "User boss");
    assert_eq!(put(world.reference(&ada)).await.status, 400, "one's own manager");
    assert_eq!(put(world.reference(&team)).await.status, 400, "a group");
    assert_eq!(put(world.reference("00000000-0000-4000-8000-000000000000")).await.status, 404);
    assert_eq!(put(json!({"@odata.id": "nonsense"})).await.status, 400);
    assert_eq!(put(json!({})).await.status, 400);
    assert_eq!(world.delete(&format!("{path}/$ref")).await.status, 204);
    assert_eq!(world.delete(&format!("{path}/$ref")).await.status, 404);
    let made = world.post("/users", user_with("bob", json!({"manager@odata.bind": world.reference(&boss)["@odata.id"]}))).await.id();
    assert_eq!(world.get(&format!("/users/{made}/manager")).await.body["id"], boss);
}

#[tokio::test]
async fn sessions_are_revoked_with_a_value() {
    let world = World::contoso().await;
    let id = world.user("ada").await;
    for action in ["revokeSignInSessions", "microsoft.graph.revokeSignInSessions"] {
        let answer = world.call("POST", &format!("/users/{id}/{action}"), &[], None).await;
        assert_eq!((answer.status, &answer.body["value"]), (200, &json!(true)));
    }
}

#[tokio::test]
async fn a_fresh_user_is_missed_for_a_while_but_its_name_is_taken_at_once() {
    let world = World::start(|settings| settings.read_delay_ms = 5_000).await;
    let (id, team) = (world.user("ada").await, world.group("team").await);
    assert_eq!(world.get(&format!("/users/{id}")).await.refusal(), (404, "Request_ResourceNotFound"));
    assert!(world.get("/users?$filter=userPrincipalName eq 'ada@contoso.example'").await.values().is_empty());
    assert_eq!(world.patch(&format!("/users/{id}"), json!({"city": "Oslo"})).await.status, 404);
    assert_eq!(world.add(&team, &id).await.status, 404);
    assert_eq!(world.post("/users", user("ada")).await.status, 400, "uniqueness is not replicated");
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
    assert_eq!(world.outside("GET", "/people", &[], None).await.refusal(), (400, "BadRequest"));
    assert_eq!(world.outside("PUT", "/users", &[], Some(json!({}))).await.status, 405);
    assert_eq!(world.get("/auditLogs/directoryAudits").await.refusal(), (501, "NotImplemented"));
    let beta = world.http.get(format!("{}/beta/users", world.url)).bearer_auth("x").send().await.unwrap();
    assert_eq!(beta.status(), 400);
    let traced = world.call("GET", "/users", &[("client-request-id", "11111111-2222-4333-8444-555555555555")], None).await;
    assert_eq!(traced.header("client-request-id"), Some("11111111-2222-4333-8444-555555555555"));
}
