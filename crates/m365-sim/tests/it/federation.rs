//! Federation: the switch, and the rules around it.

use std::sync::LazyLock;

use m365_sim::{Domain, SigningKey};
use serde_json::{Value, json};

use crate::domains::{act, verified, world};
use crate::world::{START, World, merged, user_with, without};

const PATH: &str = "/domains/contoso.example/federationConfiguration";
/// A certificate of somebody's key.
static CERTIFICATE: LazyLock<String> = LazyLock::new(|| {
    let key = SigningKey::generate("Provost", START, START + 1_000_000_000).unwrap();
    key.certificate_base64()
});
/// The lock between two switches.
const LOCK: i64 = 10 * 60_000;

fn federation() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.internalDomainFederation",
        "displayName": "Provost",
        "issuerUri": "https://idp.contoso.example/saml",
        "passiveSignInUri": "https://idp.contoso.example/saml/sso",
        "preferredAuthenticationProtocol": "saml",
        "signingCertificate": *CERTIFICATE,
        "federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp",
    })
}

async fn type_of(world: &World, domain: &str) -> Value {
    let answer = world.get(&format!("/domains/{domain}")).await;
    answer.body["authenticationType"].clone()
}

#[tokio::test]
async fn creating_it_federates_and_deleting_it_ends_that() {
    let world = world().await;
    assert!(world.get(PATH).await.values().is_empty());
    let made = world.post(PATH, federation()).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["isSignedAuthenticationRequestRequired"], false);
    let own = format!("{PATH}/{}", made.id());
    assert_eq!(world.get(&own).await.body["displayName"], "Provost");
    assert_eq!(world.get(PATH).await.column("id"), [made.id()]);
    assert_eq!(type_of(&world, "contoso.example").await, "Federated");
    assert_eq!(world.post(PATH, federation()).await.status, 400, "at most one");
    let nobody = user_with("ada", json!({}));
    assert_eq!(
        world.post("/users", nobody).await.status,
        400,
        "no immutable id, no user"
    );
    let ada = user_with("ada", json!({"onPremisesImmutableId": "6f1c"}));
    assert_eq!(world.post("/users", ada).await.status, 201);
    let roll =
        json!({"nextSigningCertificate": *CERTIFICATE, "signOutUri": "https://idp.contoso.example/out"});
    let changed = world.patch(&own, roll).await;
    assert_eq!(
        (changed.status, &changed.body["nextSigningCertificate"]),
        (200, &json!(*CERTIFICATE))
    );
    assert_eq!(changed.body["displayName"], "Provost", "the rest stays");
    let back = world.patch(&own, json!({"federatedIdpMfaBehavior": null})).await;
    assert_eq!(back.status, 400, "once set there is no way back");
    assert_eq!(world.patch(&own, json!({"issuerUri": null})).await.status, 400);
    let soon = world.delete(&own).await;
    assert!(
        soon.status == 400 && soon.message().contains("2026-01-05T09:10:00Z"),
        "{soon:?}"
    );
    world.advance(LOCK);
    assert_eq!(world.delete(&own).await.status, 204);
    assert_eq!(type_of(&world, "contoso.example").await, "Managed");
    for gone in [world.get(&own).await, world.delete(&own).await] {
        assert_eq!(gone.status, 404);
    }
    assert_eq!(
        world.post("/users", user_with("bob", json!({}))).await.status,
        201
    );
}

#[tokio::test]
async fn not_every_domain_can_be_federated() {
    let world = world().await;
    let path = |name: &str| format!("/domains/{name}/federationConfiguration");
    world.post("/domains", json!({"id": "new.example"})).await;
    verified(&world, "sub.contoso.example").await;
    let refused = [
        ("new.example", "not verified"),
        ("contoso.onmicrosoft.com", "Microsoft"),
        ("sub.contoso.example", "subdomain"),
    ];
    for (name, why) in refused {
        let answer = world.post(&path(name), federation()).await;
        assert!(
            answer.status == 400 && answer.message().contains(why),
            "{name}: {answer:?}"
        );
    }
    world
        .patch("/domains/contoso.example", json!({"isDefault": true}))
        .await;
    let default = world.post(PATH, federation()).await;
    assert!(
        default.status == 400 && default.message().contains("default"),
        "{default:?}"
    );
    let initial = "/domains/contoso.onmicrosoft.com";
    world.patch(initial, json!({"isDefault": true})).await;
    assert_eq!(world.post(PATH, federation()).await.status, 201);
    assert_eq!(
        world
            .patch("/domains/contoso.example", json!({"isDefault": true}))
            .await
            .status,
        400,
        "and a federated one is not made the default"
    );
    assert_eq!(world.get(&path("nowhere.example")).await.status, 404);
}

#[tokio::test]
async fn values_are_checked() {
    let world = world().await;
    for name in ["issuerUri", "passiveSignInUri", "signingCertificate"] {
        let body = without(federation(), name);
        let answer = world.wrong("POST", PATH, body).await;
        assert_eq!(answer.body["error"]["target"].as_str(), Some(name), "{answer:?}");
    }
    for wrong in [
        json!({"issuerUri": "provost"}),
        json!({"passiveSignInUri": "http://idp.contoso.example/"}),
        json!({"signingCertificate": "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"}),
        json!({"signingCertificate": "AAAA"}),
        json!({"signingCertificate": "MAA="}),
        json!({"signingCertificateUpdateStatus": {"certificateUpdateResult": "Success"}}),
        json!({"promptLoginBehavior": "unknownFutureValue"}),
    ] {
        let answer = world.post(PATH, merged(federation(), wrong.clone())).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{wrong}");
    }
    assert!(world.get(PATH).await.values().is_empty());
}

#[tokio::test]
async fn an_issuer_is_used_once_unless_the_switch_is_on() {
    for repeats in [false, true] {
        let world = world().await;
        world
            .simulator
            .change(|settings| settings.unproved_directory.issuer_may_repeat = repeats);
        verified(&world, "second.example").await;
        assert_eq!(world.post(PATH, federation()).await.status, 201);
        let second = "/domains/second.example/federationConfiguration";
        let answer = world.post(second, federation()).await;
        assert_eq!(answer.status, if repeats { 201 } else { 409 });
        if !repeats {
            assert_eq!(answer.code(), "Request_MultipleObjectsWithSameKeyValue");
        }
    }
}

#[tokio::test]
async fn an_issuer_of_another_tenant_is_taken() {
    let world = world().await;
    world
        .simulator
        .change(|settings| settings.foreign_issuers = vec!["https://idp.contoso.example/saml".to_owned()]);
    assert_eq!(world.post(PATH, federation()).await.status, 409);
    assert!(world.get(PATH).await.values().is_empty());
}

#[tokio::test]
async fn a_domain_is_switched_once_in_ten_minutes() {
    let world = world().await;
    let made = world.post(PATH, federation()).await;
    let own = format!("{PATH}/{}", made.id());
    let path = "/domains/contoso.example";
    let managed = json!({"authenticationType": "Managed"});
    assert_eq!(world.patch(path, managed.clone()).await.status, 400);
    assert_eq!(
        world.patch(&own, json!({"displayName": "Other"})).await.status,
        200,
        "settings are not a switch"
    );
    world.advance(LOCK);
    assert_eq!(world.patch(path, managed).await.status, 204);
    assert_eq!(type_of(&world, "contoso.example").await, "Managed");
    assert_eq!(world.post(PATH, federation()).await.status, 400);
    world.advance(LOCK);
    assert_eq!(world.post(PATH, federation()).await.status, 201);
}

#[tokio::test]
async fn without_a_certificate_nothing_is_made_or_by_the_switch_a_domain_is_lost() {
    for breaks in [false, true] {
        let world = world().await;
        world
            .simulator
            .change(|settings| settings.unproved_directory.missing_certificate_breaks = breaks);
        let body = without(federation(), "signingCertificate");
        let answer = world.post(PATH, body).await;
        assert_eq!(answer.status, if breaks { 500 } else { 400 });
        let federated = type_of(&world, "contoso.example").await == "Federated";
        assert_eq!(federated, breaks);
        assert!(world.get(PATH).await.values().is_empty());
        world.advance(LOCK);
        let again = world.post(PATH, federation()).await.status;
        assert_eq!(again, if breaks { 400 } else { 201 });
    }
}

#[tokio::test]
async fn the_right_to_federate_is_enough_for_all_of_it() {
    let world = World::with_roles(&["Domain-InternalFederation.ReadWrite.All"]).await;
    let made = world.post(PATH, federation()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let own = format!("{PATH}/{}", made.id());
    assert_eq!(world.get(PATH).await.status, 200);
    assert_eq!(world.patch(&own, json!({"displayName": "P"})).await.status, 200);
    world.advance(LOCK);
    assert_eq!(world.delete(&own).await.status, 204);
    let world = World::with_roles(&["Domain.Read.All"]).await;
    assert_eq!(world.post(PATH, federation()).await.status, 403);
}

#[tokio::test]
async fn a_managed_domain_has_an_empty_list_or_by_the_switch_none() {
    let world = world().await;
    assert_eq!(world.get(PATH).await.status, 200);
    world
        .simulator
        .change(|settings| settings.unproved_directory.managed_federation_missing = true);
    assert_eq!(world.get(PATH).await.status, 404);
    world.post(PATH, federation()).await;
    assert_eq!(world.get(PATH).await.values().len(), 1);
}

#[tokio::test]
async fn subdomains_of_a_federated_root_inherit_and_can_be_freed() {
    let world = world().await;
    assert_eq!(world.post(PATH, federation()).await.status, 201);
    world
        .post("/domains", json!({"id": "managed.contoso.example"}))
        .await;
    let managed = act(&world, "managed.contoso.example", "verify").await;
    assert!(
        managed.status == 400 && managed.message().contains("invalid"),
        "{managed:?}"
    );
    let sub = json!({"id": "sub.contoso.example", "authenticationType": "Federated"});
    assert_eq!(world.post("/domains", sub).await.status, 201);
    assert_eq!(act(&world, "sub.contoso.example", "verify").await.status, 200);
    assert_eq!(type_of(&world, "sub.contoso.example").await, "Federated");
    let own = "/domains/sub.contoso.example/federationConfiguration";
    assert!(world.get(own).await.values().is_empty(), "its root has it");
    let ada = json!({"userPrincipalName": "ada@sub.contoso.example", "onPremisesImmutableId": "6f1c"});
    let ada = world.post("/users", user_with("ada", ada)).await.id();
    let managed = json!({"authenticationType": "Managed"});
    let sub = "/domains/sub.contoso.example";
    assert_eq!(world.patch(sub, managed.clone()).await.status, 400);
    assert_eq!(
        act(&world, "sub.contoso.example", "promote").await.status,
        400,
        "federated, with a user"
    );
    let elsewhere = json!({"userPrincipalName": "ada@contoso.onmicrosoft.com"});
    world.patch(&format!("/users/{ada}"), elsewhere).await;
    assert_eq!(act(&world, "sub.contoso.example", "promote").await.status, 200);
    assert_eq!(type_of(&world, "sub.contoso.example").await, "Federated");
    assert_eq!(world.patch(sub, managed).await.status, 204);
    assert_eq!(type_of(&world, "sub.contoso.example").await, "Managed");
    assert_eq!(type_of(&world, "contoso.example").await, "Federated");
}

#[tokio::test]
async fn an_immutable_id_can_be_cleared_in_a_managed_domain_unless_the_switch_is_on() {
    for kept in [false, true] {
        let world = World::start(|settings| {
            settings.unproved_directory.immutable_id_kept = kept;
            settings.domains.push(Domain::federated("fed.example"));
        })
        .await;
        let id = json!({"onPremisesImmutableId": "6f1c"});
        let ada = world.post("/users", user_with("ada", id)).await.id();
        let clear = json!({"onPremisesImmutableId": null});
        let answer = world.patch(&format!("/users/{ada}"), clear.clone()).await;
        assert_eq!(answer.status, if kept { 400 } else { 204 });
        let bob = json!({"userPrincipalName": "bob@fed.example", "onPremisesImmutableId": "7a2d"});
        let bob = world.post("/users", user_with("bob", bob)).await.id();
        let frozen = world.patch(&format!("/users/{bob}"), clear).await;
        assert_eq!(frozen.status, 400, "never in a federated one");
    }
}

/// For which domains the tenant checks whom a federated one vouches for, in both types of the contract.
#[tokio::test]
async fn the_policy_about_tokens_is_served_with_a_permission_of_its_own() {
    const POLICY: &str = "/policies/federatedTokenValidationPolicy";
    let world = World::with_roles(&["Domain.Read.All", "Domain-InternalFederation.ReadWrite.All"]).await;
    assert_eq!(
        world.get(POLICY).await.refusal(),
        (403, "Authorization_RequestDenied")
    );
    let world = World::start(|settings| {
        settings.control = true;
        settings.applications[0].roles.push("Policy.Read.All".to_owned());
    })
    .await;
    let first = world.get(POLICY).await.body;
    assert_eq!(
        first["validatingDomains"],
        json!({"@odata.type": "#microsoft.graph.allDomains", "rootDomains": "all"})
    );
    for word in ["none", "allFederated", "allManaged"] {
        let change = json!({"token_validation": {"root_domains": word}});
        world.order("PATCH", "/settings", change).await;
        assert_eq!(
            world.get(POLICY).await.body["validatingDomains"]["rootDomains"],
            word
        );
    }
    for word in ["enumerated", "allManagedAndEnumeratedFederated"] {
        let named = json!({"root_domains": word, "domain_names": ["contoso.example"]});
        world
            .order("PATCH", "/settings", json!({"token_validation": named}))
            .await;
        assert_eq!(
            world.get(POLICY).await.body["validatingDomains"],
            json!({
                "@odata.type": "#microsoft.graph.enumeratedDomains", "rootDomains": word,
                "domainNames": ["contoso.example"],
            })
        );
    }
}
