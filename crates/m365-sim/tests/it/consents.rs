//! What people do at the sign-in service: consent, and sign in with a code.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m365_sim::{Neighbour, Settings};
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::world::World;

const BACK: &str = "http://127.0.0.1:9/consent/back";
const OTHER: &str = "1e6b2c58-0f2b-4c58-9a35-3c9f8d6a1b77";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

async fn world() -> World {
    World::start(|settings| {
        settings.applications[0].redirect_uris = vec![BACK.to_owned()];
        settings.neighbours = vec![Neighbour {
            tenant_id: OTHER.to_owned(),
            domains: vec!["labs.contoso.example".to_owned()],
        }];
    })
    .await
}

/// A form that is sent.
fn post(url: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let form = with("http://127.0.0.1/", fields)
        .query()
        .unwrap_or_default()
        .to_owned();
    let kind = "application/x-www-form-urlencoded";
    client().post(url).header("content-type", kind).body(form)
}

/// An answer of JSON.
async fn read(answer: reqwest::Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// An address with these parameters.
fn with(url: &str, parameters: &[(&str, &str)]) -> reqwest::Url {
    reqwest::Url::parse_with_params(url, parameters).unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn asked<'a>(redirect: &'a str, account: &'a str, answer: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", Settings::CONTOSO_CLIENT_ID),
        ("scope", "openid profile"),
        ("redirect_uri", redirect),
        ("state", "a&b"),
        ("account", account),
        ("answer", answer),
    ]
}

/// The query that the browser is sent back with.
fn back(answer: &reqwest::Response) -> Vec<(String, String)> {
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(BACK), "{location}");
    reqwest::Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

fn of<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query
        .iter()
        .find(|(known, _)| known == name)
        .map_or("", |(_, value)| value)
}

async fn consent(world: &World, tenant: &str, account: &str, answer: &str) -> Vec<(String, String)> {
    let url = format!("{}/{tenant}/v2.0/adminconsent", world.url);
    back(&post(&url, &asked(BACK, account, answer)).send().await.unwrap())
}

async fn sign_in(world: &World, tenant: &str, account: &str) -> Vec<(String, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()).as_ref());
    let query = [
        ("client_id", Settings::CONTOSO_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let url =
        reqwest::Url::parse_with_params(&format!("{}/{tenant}/oauth2/v2.0/authorize", world.url), query)
            .unwrap();
    back(
        &client()
            .get(url)
            .header("cookie", format!("sim_account={account}"))
            .send()
            .await
            .unwrap(),
    )
}

async fn redeem(world: &World, code: &str, verifier: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", verifier),
        ("client_id", Settings::CONTOSO_CLIENT_ID),
        ("client_secret", Settings::CONTOSO_CLIENT_SECRET),
    ];
    let url = format!("{}/{}/oauth2/v2.0/token", world.url, Settings::CONTOSO_TENANT);
    let answer = post(&url, &form).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, read(answer).await)
}

#[tokio::test]
async fn an_administrator_accepts_and_the_grant_is_kept() {
    let world = world().await;
    let page = format!("{}/organizations/v2.0/adminconsent", world.url);
    let shown = client()
        .get(with(&page, &asked(BACK, "", "")[..4]))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for words in [
        "Permissions requested",
        "Ordinary user",
        "Personal account",
        "Accept",
        "Cancel",
        "openid",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let query = consent(&world, "organizations", "admin", "accept").await;
    assert_eq!(
        (
            of(&query, "admin_consent"),
            of(&query, "tenant"),
            of(&query, "state")
        ),
        ("True", Settings::CONTOSO_TENANT, "a&b")
    );
    let kept = world.simulator.consents();
    assert_eq!(
        (kept.len(), kept[0].account.as_str(), kept[0].scope.as_str()),
        (1, "admin@contoso.onmicrosoft.com", "openid profile")
    );
    let query = consent(&world, "organizations", "neighbour-0", "accept").await;
    assert_eq!(of(&query, "tenant"), OTHER);
}

#[tokio::test]
async fn refusals_come_back_with_their_numbers_and_grant_nothing() {
    let world = world().await;
    for (tenant, account, answer, error, number) in [
        (
            "organizations",
            "admin",
            "cancel",
            "consent_required",
            "AADSTS65004:",
        ),
        ("organizations", "user", "accept", "access_denied", "AADSTS90094:"),
        (
            "organizations",
            "guest",
            "accept",
            "invalid_request",
            "AADSTS50020:",
        ),
        (
            "organizations",
            "personal",
            "accept",
            "invalid_request",
            "AADSTS500200:",
        ),
        (OTHER, "admin", "accept", "invalid_request", "AADSTS50020:"),
    ] {
        let query = consent(&world, tenant, account, answer).await;
        assert_eq!(of(&query, "error"), error, "{account}");
        let told = of(&query, "error_description");
        assert!(told.starts_with(number) && told.contains("Trace ID: "), "{told}");
        assert_eq!((of(&query, "state"), of(&query, "tenant")), ("a&b", ""));
    }
    assert_eq!(world.simulator.consents(), []);
    assert!(
        of(
            &sign_in(&world, Settings::CONTOSO_TENANT, "admin").await,
            "error_description"
        )
        .starts_with("AADSTS65001:")
    );
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let world = world().await;
    for (redirect, client_id, number) in [
        (
            "http://127.0.0.1:9/elsewhere",
            Settings::CONTOSO_CLIENT_ID,
            "AADSTS50011",
        ),
        (BACK, "00000000-0000-0000-0000-000000000001", "AADSTS700016"),
    ] {
        let mut form = asked(redirect, "admin", "accept");
        form[0].1 = client_id;
        for path in ["v2.0/adminconsent", "oauth2/v2.0/authorize"] {
            let url = format!("{}/organizations/{path}", world.url);
            for request in [client().get(with(&url, &form)), post(&url, &form)] {
                let answer = request.send().await.unwrap();
                assert_eq!(
                    (answer.status().as_u16(), answer.headers().get("location")),
                    (400, None)
                );
                assert!(answer.text().await.unwrap().contains(number));
            }
        }
    }
    assert_eq!(world.simulator.consents(), []);
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_verifier() {
    let world = world().await;
    consent(&world, "organizations", "admin", "accept").await;
    for (account, has_role) in [("admin", true), ("user", false)] {
        let query = sign_in(&world, Settings::CONTOSO_TENANT, account).await;
        let (status, body) = redeem(&world, of(&query, "code"), VERIFIER).await;
        assert_eq!(status, 200, "{body}");
        let token = body["id_token"].as_str().unwrap();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            (&claims["tid"], &claims["nonce"]),
            (&Settings::CONTOSO_TENANT.into(), &"n".into())
        );
        let roles = claims["wids"].as_array().unwrap();
        assert_eq!(
            roles.contains(&"62e90394-69f5-4237-9190-012177145e10".into()),
            has_role
        );
        assert_eq!(
            redeem(&world, of(&query, "code"), VERIFIER).await.0,
            400,
            "a second time"
        );
    }
    let query = sign_in(&world, Settings::CONTOSO_TENANT, "admin").await;
    let (status, body) = redeem(&world, of(&query, "code"), "another").await;
    assert_eq!((status, &body["error_codes"][0]), (400, &501_481.into()));
    let keys = format!("{}/{}/discovery/v2.0/keys", world.url, Settings::CONTOSO_TENANT);
    let keys = read(client().get(keys).send().await.unwrap()).await;
    assert_eq!(
        (
            &keys["keys"][0]["alg"],
            keys["keys"][0]["n"].as_str().unwrap().len()
        ),
        (&"RS256".into(), 342)
    );
}
