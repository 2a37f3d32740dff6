use m365_sim::Settings;
use serde_json::json;

use crate::world::World;

const SCOPE: &str = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
const ASSERTION_TYPE: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

fn path(tenant: &str) -> String {
    format!("/{tenant}/oauth2/v2.0/token")
}

fn form(id: &str, secret: &str) -> String {
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={SCOPE}")
}

fn right() -> String {
    form(Settings::CONTOSO_CLIENT_ID, Settings::CONTOSO_CLIENT_SECRET)
}

#[tokio::test]
async fn a_token_has_three_parts_and_names_the_permissions() {
    use base64::Engine;
    let world = World::contoso().await;
    for tenant in [
        Settings::CONTOSO_TENANT,
        "contoso.example",
        "contoso.onmicrosoft.com",
    ] {
        let answer = world.form(&path(tenant), &right(), None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(
            (
                answer.body["token_type"].as_str(),
                answer.body["expires_in"].as_u64()
            ),
            (Some("Bearer"), Some(3_599))
        );
        let token = answer.body["access_token"].as_str().unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(claims)
            .unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            claims["roles"],
            json!([
                "User.ReadWrite.All",
                "Group.ReadWrite.All",
                "Organization.Read.All"
            ])
        );
        assert_eq!(claims["tid"], Settings::CONTOSO_TENANT);
        assert_eq!(token.split('.').count(), 3);
    }
    assert_eq!(world.simulator.counters().tokens, 4);
}

#[tokio::test]
async fn an_application_without_permissions_gets_a_token_without_roles() {
    let world = World::with_roles(&[]).await;
    assert_eq!(
        world.get("/users").await.refusal(),
        (403, "Authorization_RequestDenied")
    );
}

#[tokio::test]
async fn id_and_secret_may_come_by_http_basic() {
    use base64::Engine;
    let world = World::contoso().await;
    let basic = |secret: &str| {
        let pair = format!("{}:{secret}", Settings::CONTOSO_CLIENT_ID);
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    let form = format!("grant_type=client_credentials&scope={SCOPE}");
    let tenant = path(Settings::CONTOSO_TENANT);
    // The form encoding of the secret's tilde.
    assert_eq!(
        world
            .form(&tenant, &form, Some(&basic("contoso%7Esimulated.secret")))
            .await
            .status,
        200
    );
    assert_eq!(
        world.form(&tenant, &form, Some(&basic("nonsense"))).await.body["error_codes"],
        json!([7_000_215])
    );
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let world = World::start(|settings| {
        let mut disabled = m365_sim::Application::new("11111111-2222-4333-8444-555555555555", "s", &[]);
        disabled.enabled = false;
        let mut expired = m365_sim::Application::new("22222222-2222-4333-8444-555555555555", "s", &[]);
        expired.secret_expires = Some(crate::world::START);
        settings.applications.extend([disabled, expired]);
    })
    .await;
    let (tenant, id) = (Settings::CONTOSO_TENANT, Settings::CONTOSO_CLIENT_ID);
    let scoped = |scope: &str| right().replace(SCOPE, scope);
    let cases = [
        (tenant, form(id, "wrong"), 401, "invalid_client", 7_000_215),
        (
            tenant,
            form("22222222-2222-4333-8444-555555555555", "s"),
            401,
            "invalid_client",
            7_000_222,
        ),
        (tenant, form(id, ""), 401, "invalid_client", 7_000_218),
        (
            tenant,
            form(id, &format!("&{ASSERTION_TYPE}&client_assertion=x.y.z")),
            401,
            "invalid_client",
            700_027,
        ),
        (
            tenant,
            form("00000000-0000-4000-8000-000000000000", "x"),
            400,
            "unauthorized_client",
            700_016,
        ),
        (
            tenant,
            form("11111111-2222-4333-8444-555555555555", "s"),
            400,
            "unauthorized_client",
            7_000_112,
        ),
        (
            "00000000-0000-4000-8000-000000000000",
            right(),
            400,
            "invalid_request",
            90_002,
        ),
        ("unverified.example", right(), 400, "invalid_request", 90_002),
        ("common", right(), 400, "invalid_request", 9_001_023),
        (
            tenant,
            right().replace("grant_type=client_credentials&", ""),
            400,
            "invalid_request",
            900_144,
        ),
        (
            tenant,
            right().replace("client_id=", "x="),
            400,
            "invalid_request",
            900_144,
        ),
        (
            tenant,
            right().replace("scope=", "x="),
            400,
            "invalid_request",
            900_144,
        ),
        (
            tenant,
            right().replace("client_credentials", "password"),
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (
            tenant,
            scoped("https%3A%2F%2Fgraph.microsoft.com%2FUser.Read.All"),
            400,
            "invalid_scope",
            70_011,
        ),
        (
            tenant,
            scoped(&format!("{SCOPE}+{SCOPE}")),
            400,
            "invalid_scope",
            70_011,
        ),
        (
            tenant,
            scoped(&format!("{SCOPE}+https%3A%2F%2Fcontoso.example%2F.default")),
            400,
            "invalid_scope",
            700_022,
        ),
        (
            tenant,
            form(id, "&client_assertion=x.y.z"),
            400,
            "invalid_request",
            900_144,
        ),
        (
            tenant,
            scoped("https%3A%2F%2Fcontoso.example%2F.default"),
            400,
            "invalid_resource",
            500_011,
        ),
    ];
    for (tenant, form, status, error, code) in cases {
        let answer = world.form(&path(tenant), &form, None).await;
        assert_eq!(
            (answer.status, answer.body["error"].as_str()),
            (status, Some(error)),
            "{form}"
        );
        assert_eq!(answer.body["error_codes"], json!([code]), "{form}");
        let description = answer.body["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(&format!("AADSTS{code}: ")),
            "{description}"
        );
        for name in ["timestamp", "trace_id", "correlation_id"] {
            assert!(answer.body[name].is_string(), "{name}");
        }
        assert!(!description.contains(Settings::CONTOSO_CLIENT_SECRET));
    }
    let get = world
        .http
        .get(format!("{}{}", world.url, path(tenant)))
        .send()
        .await
        .unwrap();
    assert_eq!(get.status(), 400);
}

#[tokio::test]
async fn graph_refuses_tokens_that_are_missing_broken_forged_or_old() {
    let mut world = World::contoso().await;
    let cases = [
        (None, "empty"),
        (Some("Basic eDp5".to_owned()), "empty"),
        (Some("Bearer nonsense".to_owned()), "CompactToken parsing failed"),
        (Some("Bearer a.b.c".to_owned()), "Signature"),
    ];
    for (authorization, reason) in cases {
        let mut request = world.http.get(format!("{}/v1.0/users", world.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key("www-authenticate"));
        let text = response.text().await.unwrap();
        assert!(
            text.contains("InvalidAuthenticationToken") && text.contains(reason),
            "{text}"
        );
    }
    assert_eq!(world.get("/users").await.status, 200);
    world.advance(3_599_000);
    let old = world.get("/users").await;
    assert_eq!(old.refusal(), (401, "InvalidAuthenticationToken"));
    assert!(old.message().contains("expired"));
    world.renew_token().await;
    assert_eq!(world.get("/users").await.status, 200);
}

#[tokio::test]
async fn the_front_page_says_what_this_is() {
    let world = World::contoso().await;
    let text = world
        .http
        .get(&world.url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("simulated Microsoft 365") && text.contains(Settings::CONTOSO_TENANT),
        "{text}"
    );
    assert!(!text.contains(Settings::CONTOSO_CLIENT_SECRET));
}

fn discovery(name: &str) -> String {
    format!("/{name}/v2.0/.well-known/openid-configuration")
}

#[tokio::test]
async fn anybody_is_told_whose_a_verified_domain_is() {
    let world = World::start(|settings| {
        settings.domains.push(m365_sim::Domain {
            verified: false,
            ..m365_sim::Domain::managed("new.contoso.example")
        });
    })
    .await;
    for (name, tenant) in [
        (Settings::CONTOSO_TENANT, Settings::CONTOSO_TENANT),
        ("contoso.example", Settings::CONTOSO_TENANT),
        ("Contoso.onmicrosoft.com", Settings::CONTOSO_TENANT),
        ("lab.contoso.example", Settings::LAB_TENANT),
        ("contosolab.onmicrosoft.com", Settings::LAB_TENANT),
    ] {
        let answer = world.open(&discovery(name)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let issuer = format!("{}/{tenant}/v2.0", world.url);
        assert_eq!(answer.body["issuer"], issuer.as_str());
        let token = format!("{}/{name}/oauth2/v2.0/token", world.url);
        assert_eq!(answer.body["token_endpoint"], token.as_str());
    }
    for name in ["unknown.example", "new.contoso.example", "contoso"] {
        let answer = world.open(&discovery(name)).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!("invalid_tenant")),
            "{name}"
        );
        assert_eq!(answer.body["error_codes"], json!([90_002]));
    }
}

#[tokio::test]
async fn faults_strike_the_look_at_a_domain_where_they_are_ordered_for_it() {
    use m365_sim::{Effect, Rule};
    let world = World::contoso().await;
    let order = |operation: &str, error: &str| {
        let effect: Effect = serde_json::from_value(json!({"do": "answer", "error": error})).unwrap();
        world.simulator.inject(Rule::next(operation, 1, effect)).unwrap();
    };
    order("", "gateway_timeout");
    let answer = world.open(&discovery("contoso.example")).await;
    assert_eq!(answer.status, 200, "it is no request to Graph");
    order("GET /openid-configuration", "AADSTS90033");
    let answer = world.open(&discovery("contoso.example")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(world.open(&discovery("contoso.example")).await.status, 200);
}
