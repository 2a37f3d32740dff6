//! Domains: adding, verifying, changing, removing.

use serde_json::{Value, json};

use crate::world::{World, contract, unified, user_with};

pub async fn world() -> World {
    World::start(|settings| {
        let more = [
            "Domain.ReadWrite.All",
            "Domain-InternalFederation.ReadWrite.All",
            "Directory.Read.All",
        ];
        let roles = &mut settings.applications[0].roles;
        roles.extend(more.map(str::to_owned));
        settings.unpublished_dns = vec!["unpublished.example".to_owned()];
    })
    .await
}

pub async fn act(world: &World, domain: &str, action: &str) -> crate::world::Answer {
    world
        .call("POST", &format!("/domains/{domain}/{action}"), &[], None)
        .await
}

/// Adds a domain and verifies it.
pub async fn verified(world: &World, name: &str) {
    assert_eq!(world.post("/domains", json!({"id": name})).await.status, 201);
    let answer = act(world, name, "verify").await;
    assert_eq!(
        (answer.status, &answer.body["isVerified"]),
        (200, &json!(true)),
        "{answer:?}"
    );
}

/// The published contract describes DNS records by their base type only: what the derived types add is taken off first.
async fn records(world: &World, path: &str) -> Vec<Value> {
    let answer = world.outside("GET", path, &[], None).await;
    let mut plain = answer.body.clone();
    for record in plain["value"].as_array_mut().unwrap() {
        let record = record.as_object_mut().unwrap();
        for name in ["text", "mailExchange", "preference", "canonicalName"] {
            record.remove(name);
        }
    }
    contract()
        .check_response("GET", path, answer.status, Some(&plain))
        .unwrap();
    answer.values().to_vec()
}

#[tokio::test]
async fn a_domain_is_added_proved_used_and_made_the_default() {
    let world = world().await;
    let added = world.post("/domains", json!({"id": "Extra.Contoso.Test"})).await;
    assert_eq!((added.status, &added.body["isVerified"]), (201, &json!(false)));
    assert_eq!(added.body["id"], "extra.contoso.test");
    let path = "/domains/extra.contoso.test";
    let ada = user_with("ada", json!({"userPrincipalName": "ada@extra.contoso.test"}));
    assert_eq!(
        world.post("/users", ada.clone()).await.status,
        400,
        "not verified yet"
    );
    assert_eq!(world.patch(path, json!({"isDefault": true})).await.status, 400);
    let proof = records(&world, &format!("{path}/verificationDnsRecords")).await;
    assert!(
        proof[0]["text"].as_str().unwrap().starts_with("MS=ms"),
        "{proof:?}"
    );
    assert_eq!(proof[1]["recordType"], "Mx");
    assert!(
        records(&world, &format!("{path}/serviceConfigurationRecords"))
            .await
            .is_empty()
    );
    assert_eq!(act(&world, "extra.contoso.test", "verify").await.status, 200);
    let services = records(&world, &format!("{path}/serviceConfigurationRecords")).await;
    assert_eq!(
        services[0]["mailExchange"],
        "extra-contoso-test.mail.protection.outlook.com"
    );
    assert_eq!(world.post("/users", ada).await.status, 201);
    let changes =
        json!({"isDefault": true, "passwordValidityPeriodInDays": 90, "supportedServices": ["Email"]});
    assert_eq!(world.patch(path, changes).await.status, 204);
    let domains = world.get("/domains").await;
    let defaults: Vec<&str> = domains
        .values()
        .iter()
        .filter(|domain| domain["isDefault"] == true)
        .map(|domain| domain["id"].as_str().unwrap())
        .collect();
    assert_eq!(defaults, ["extra.contoso.test"], "one of a tenant");
    let domain = world.get(path).await.body;
    assert_eq!(domain["passwordValidityPeriodInDays"], 90);
    assert_eq!(domain["supportedServices"], json!(["Email"]));
    let team = world.post("/groups", unified("team")).await;
    assert_eq!(team.body["mail"], "team@extra.contoso.test");
    let tenant = world.get("/organization").await.values()[0].clone();
    assert_eq!(tenant["verifiedDomains"][2]["name"], "extra.contoso.test");
}

#[tokio::test]
async fn names_and_changes_that_make_no_sense_are_refused() {
    let world = world().await;
    for name in [
        "contoso",
        "-a.example",
        "a..example",
        "a b.example",
        "new.onmicrosoft.com",
    ] {
        let answer = world.post("/domains", json!({"id": name})).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{name}");
    }
    let again = world.post("/domains", json!({"id": "contoso.example"})).await;
    assert_eq!(again.body["error"]["details"][0]["code"], "ObjectConflict");
    world.post("/domains", json!({"id": "unpublished.example"})).await;
    let unproved = act(&world, "unpublished.example", "verify").await;
    assert!(
        unproved.status == 400 && unproved.message().contains("DNS"),
        "{unproved:?}"
    );
    for change in [
        json!({"isVerified": true}),
        json!({"isDefault": true, "isInitial": true}),
        json!({"supportedServices": ["Telepathy"]}),
        json!({"authenticationType": "Federated"}),
        json!({"passwordNotificationWindowInDays": null}),
    ] {
        assert_eq!(
            world
                .patch("/domains/contoso.example", change.clone())
                .await
                .status,
            400,
            "{change}"
        );
    }
    let initial = "/domains/contoso.onmicrosoft.com";
    assert_eq!(
        world.patch(initial, json!({"isDefault": false})).await.status,
        400
    );
    assert_eq!(world.patch(initial, json!({"isDefault": true})).await.status, 204);
    assert_eq!(act(&world, "nowhere.example", "verify").await.status, 404);
}

#[tokio::test]
async fn a_domain_in_use_stays_until_its_users_are_moved() {
    let world = world().await;
    let (ada, team) = (world.user("ada").await, unified("team"));
    world
        .patch("/domains/contoso.example", json!({"isDefault": true}))
        .await;
    let team = world.post("/groups", team).await.id();
    let path = "/domains/contoso.example";
    let references = world.get(&format!("{path}/domainNameReferences")).await;
    assert_eq!(references.column("id"), [ada.as_str(), team.as_str()]);
    for refused in [
        world.delete("/domains/contoso.onmicrosoft.com").await,
        world.delete(path).await,
        world.post(&format!("{path}/forceDelete"), json!({})).await,
    ] {
        assert_eq!(
            refused.refusal(),
            (400, "Request_BadRequest"),
            "default or initial"
        );
    }
    let initial = "/domains/contoso.onmicrosoft.com";
    world.patch(initial, json!({"isDefault": true})).await;
    let used = world.delete(path).await;
    assert!(
        used.status == 400 && used.message().contains("2 objects"),
        "{used:?}"
    );
    let twin = user_with(
        "twin",
        json!({"userPrincipalName": "ada@contoso.onmicrosoft.com"}),
    );
    world.post("/users", twin).await;
    let answer = world
        .post(
            &format!("{path}/forceDelete"),
            json!({"disableUserAccounts": true}),
        )
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let moved = world
        .get(&format!("/users/{ada}?$select=userPrincipalName,accountEnabled"))
        .await;
    let name = moved.body["userPrincipalName"].as_str().unwrap();
    assert!(
        name.starts_with("ada.") && name.ends_with("@contoso.onmicrosoft.com"),
        "{name}"
    );
    assert_eq!(moved.body["accountEnabled"], false);
    let team = world.get(&format!("/groups/{team}")).await.body;
    assert_eq!(team["mail"], "team@contoso.onmicrosoft.com");
    assert_eq!(
        team["proxyAddresses"],
        json!(["SMTP:team@contoso.onmicrosoft.com"])
    );
    assert_eq!(world.get(path).await.status, 404);
}

#[tokio::test]
async fn a_subdomain_belongs_to_its_root_until_it_is_promoted() {
    let world = world().await;
    verified(&world, "sub.contoso.example").await;
    let sub = world.get("/domains/sub.contoso.example").await.body;
    assert_eq!(sub["isRoot"], false);
    let root = world.get("/domains/sub.contoso.example/rootDomain").await;
    assert_eq!(root.body["id"], "contoso.example");
    assert_eq!(world.get("/domains/contoso.example/rootDomain").await.status, 404);
    assert_eq!(
        world.delete("/domains/contoso.example").await.status,
        400,
        "it has a subdomain"
    );
    assert_eq!(
        act(&world, "contoso.example", "promote").await.status,
        400,
        "a root"
    );
    world.post("/domains", json!({"id": "unpublished.example"})).await;
    world
        .post("/domains", json!({"id": "sub.unpublished.example"}))
        .await;
    assert_eq!(
        act(&world, "sub.unpublished.example", "promote").await.status,
        400,
        "its root is not verified"
    );
    let promoted = act(&world, "sub.contoso.example", "promote").await;
    assert_eq!((promoted.status, &promoted.body["value"]), (200, &json!(true)));
    assert_eq!(
        world.get("/domains/sub.contoso.example").await.body["isRoot"],
        true
    );
    assert_eq!(world.delete("/domains/contoso.example").await.status, 204);
}

#[tokio::test]
async fn domains_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let start = || {
        let path = path.clone();
        World::start(move |settings| {
            settings.journal = Some(path);
            settings.applications[0].roles = vec!["Domain.ReadWrite.All".to_owned()];
        })
    };
    let before = start().await;
    verified(&before, "new.example").await;
    before.delete("/domains/contoso.example").await;
    drop(before);
    let after = start().await;
    assert_eq!(
        after.get("/domains").await.column("id"),
        ["contoso.onmicrosoft.com", "new.example"]
    );
}
