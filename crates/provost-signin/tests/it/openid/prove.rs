//! Applications prove that they are themselves, and push what they ask.

use super::world::{BACK, VERIFIER, World, back, pairs, refused, text};
use crate::bench::{START, visit};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_signin::openid::{Authentication, Authorized, Change, Credentials, Parameters};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_taken_from_the_header_or_the_body_and_from_nowhere_twice() {
    let world = World::new().await;
    let ask = async |basic: Option<(&str, &str)>, more: &[(&str, &str)]| {
        let code = world.code(START).await;
        let mut asked = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        asked.extend_from_slice(more);
        let credentials = Credentials {
            basic: basic.map(|(id, secret)| (id.to_owned(), secret.to_owned())),
        };
        world
            .openid
            .token(
                &world.workspace,
                &credentials,
                &Parameters::from(pairs(&asked)),
                START,
            )
            .await
    };
    let (client, secret) = (world.client.as_str(), world.secret.as_str());
    assert!(ask(Some((client, secret)), &[]).await.is_ok());
    assert!(
        ask(None, &[("client_id", client), ("client_secret", secret)])
            .await
            .is_ok()
    );
    assert_eq!(refused(ask(Some((client, "guess")), &[]).await), "invalid_client");
    assert_eq!(
        refused(ask(Some(("nobody", secret)), &[]).await),
        "invalid_client"
    );
    assert_eq!(
        refused(ask(None, &[("client_id", client)]).await),
        "invalid_client"
    );
    assert_eq!(refused(ask(None, &[]).await), "invalid_client");
    assert_eq!(
        refused(ask(Some((client, secret)), &[("client_secret", secret)]).await),
        "invalid_request"
    );
    assert_eq!(
        refused(ask(Some((client, secret)), &[("client_id", "another")]).await),
        "invalid_request"
    );
    assert_eq!(
        refused(ask(Some((client, secret)), &[("code", "x")]).await),
        "invalid_request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_without_a_secret_has_the_verifier_alone() {
    let world = World::with(Change {
        authentication: Some(Authentication::Public),
        ..Change::default()
    })
    .await;
    let code = world.code(START).await;
    let asked = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", world.client.as_str()),
    ];
    let asked = Parameters::from(pairs(&asked));
    let tokens = world
        .openid
        .token(&world.workspace, &Credentials::default(), &asked, START)
        .await
        .unwrap();
    let look = Parameters::from(pairs(&[
        ("client_id", &world.client),
        ("token", text(&tokens, "access_token")),
    ]));
    let told = world
        .openid
        .introspect(&world.workspace, &Credentials::default(), &look, START)
        .await;
    assert_eq!(
        refused(told),
        "invalid_client",
        "whoever cannot prove itself fishes for tokens"
    );
}

fn assertion(pair: &EcdsaKeyPair, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        encode(&json!({"alg": "ES256", "kid": "k"})),
        encode(claims)
    );
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_taken_once_from_its_key_for_us_and_for_now() {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let key = json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": encode(&point[..32]), "y": encode(&point[32..])});
    let world = World::with(Change {
        authentication: Some(Authentication::PrivateKey),
        jwks: Some(json!({"keys": [key]})),
        ..Change::default()
    })
    .await;
    let issuer = world.openid.issuer(world.workspace.id);
    let now = START / 1_000;
    let claims = |jti: &str, changes: Value| {
        let mut all = json!({
            "iss": world.client, "sub": world.client, "aud": issuer, "exp": now + 60, "iat": now, "jti": jti,
        });
        let changes = changes.as_object().cloned().unwrap_or_default();
        all.as_object_mut().unwrap().extend(changes);
        all
    };
    let ask = async |text: &str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let asked = pairs(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "none"),
            ("client_assertion_type", kind),
            ("client_assertion", text),
        ]);
        let asked = Parameters::from(asked);
        let answer = world
            .openid
            .token(&world.workspace, &Credentials::default(), &asked, START)
            .await;
        refused(answer)
    };
    // Who is known gets as far as the grant.
    let good = assertion(&pair, &claims("1", json!({})));
    assert_eq!(ask(&good).await, "invalid_grant");
    assert_eq!(ask(&good).await, "invalid_client", "the same once more");
    let token = format!("{issuer}/token");
    assert_eq!(
        ask(&assertion(&pair, &claims("2", json!({"aud": [token]})))).await,
        "invalid_grant"
    );
    for (name, change) in [
        ("aud", json!({"aud": "https://other.example"})),
        ("expired", json!({"exp": now - 61})),
        ("far", json!({"exp": now + 3_600})),
        ("iss", json!({"iss": "another"})),
        ("jti", json!({"jti": ""})),
        ("nbf", json!({"nbf": now + 300})),
    ] {
        assert_eq!(
            ask(&assertion(&pair, &claims("3", change))).await,
            "invalid_client",
            "{name}"
        );
    }
    let other = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let other = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, other.as_ref()).unwrap();
    assert_eq!(
        ask(&assertion(&other, &claims("4", json!({})))).await,
        "invalid_client"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_comes_back_by_its_name_once() {
    let world = World::with(Change {
        require_par: Some(true),
        ..Change::default()
    })
    .await;
    let plain = world
        .authorize(&world.request_with(&[]), Some(&world.ada), START)
        .await;
    assert_eq!(back(&plain).get("error"), "invalid_request");
    let push = async |asked: &Parameters| {
        world
            .openid
            .push(&world.workspace, &world.credentials(), asked, &visit(), START)
            .await
    };
    let pushed = push(&world.request_with(&[("state", "pushed")])).await.unwrap();
    assert_eq!(pushed["expires_in"], 90);
    let by_name = |client: &str| {
        Parameters::from(pairs(&[
            ("client_id", client),
            ("request_uri", text(&pushed, "request_uri")),
            ("state", "tampered"),
            ("redirect_uri", "https://evil.example/"),
        ]))
    };
    let to = world
        .authorize(&by_name(&world.client), Some(&world.ada), START)
        .await;
    assert_eq!(back(&to).get("state"), "pushed");
    world.redeem(&back(&to).get("code"), START).await.unwrap();
    let twice = world
        .authorize(&by_name(&world.client), Some(&world.ada), START)
        .await;
    assert!(matches!(twice, Authorized::Wrong(_)), "{twice:?}");
    let late = push(&world.request_with(&[])).await.unwrap();
    let late = Parameters::from(pairs(&[
        ("client_id", &world.client),
        ("request_uri", text(&late, "request_uri")),
    ]));
    let late = world.authorize(&late, Some(&world.ada), START + 90_000).await;
    assert!(matches!(late, Authorized::Wrong(_)), "{late:?}");
    for (name, value) in [
        ("redirect_uri", "https://evil.example/"),
        ("code_challenge", ""),
        ("request_uri", "urn:x"),
    ] {
        assert_eq!(
            refused(push(&world.request_with(&[(name, value)])).await),
            "invalid_request",
            "{name}"
        );
    }
    let nobody = world
        .openid
        .push(
            &world.workspace,
            &Credentials::default(),
            &world.request_with(&[]),
            &visit(),
            START,
        )
        .await;
    assert_eq!(refused(nobody), "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_back_by_its_own_application() {
    let world = World::new().await;
    let tokens = world.tokens(START).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let revoke = async |token: &str| {
        let asked = Parameters::from(pairs(&[("token", token)]));
        world
            .openid
            .revoke(&world.workspace, &world.credentials(), &asked, START)
            .await
    };
    revoke("unknown").await.unwrap();
    revoke(access).await.unwrap();
    assert!(!world.introspect(access, START).await);
    assert!(world.introspect(refresh, START).await);
    revoke(refresh).await.unwrap();
    assert_eq!(refused(world.refresh(refresh, START).await), "invalid_grant");
    let asked = Parameters::from(pairs(&[("token", refresh)]));
    let nobody = world
        .openid
        .revoke(&world.workspace, &Credentials::default(), &asked, START)
        .await;
    assert_eq!(refused(nobody), "invalid_client");
}
