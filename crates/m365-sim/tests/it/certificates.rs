//! Assertions signed with a certificate, checked for real.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use m365_sim::Settings;
use serde_json::{Value, json};

use crate::world::{Answer, START, World};

const PATH: &str = "/contoso.example/oauth2/v2.0/token";

/// One element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..128 => out.push(u8::try_from(length).unwrap()),
        _ => out.extend([
            0x82,
            u8::try_from(length >> 8).unwrap(),
            u8::try_from(length & 0xff).unwrap(),
        ]),
    }
    out.extend(content);
    out
}

/// As much of a certificate as anybody looks at here: the key in its place.
pub fn certificate(key: &RsaKeyPair) -> Vec<u8> {
    let spki = key.public_key().as_der().unwrap();
    let version = element(0xa0, &element(0x02, &[2]));
    let empty = element(0x30, &[]);
    let parts = [
        version,
        element(0x02, &[1]),
        empty.clone(),
        empty.clone(),
        empty.clone(),
        empty.clone(),
        spki.as_ref().to_vec(),
    ];
    let body = element(0x30, &parts.concat());
    element(0x30, &[body, empty, element(0x03, &[0])].concat())
}

fn signed(key: &RsaKeyPair, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let content = format!("{}.{}", part(head), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let padding = if head["alg"] == "RS256" {
        &RSA_PKCS1_SHA256
    } else {
        &RSA_PSS_SHA256
    };
    key.sign(padding, &SystemRandom::new(), content.as_bytes(), &mut signature)
        .unwrap();
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn ask(world: &World, assertion: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_id={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}",
        Settings::CONTOSO_CLIENT_ID
    );
    world.form(PATH, &form, None).await
}

#[tokio::test]
async fn an_assertion_is_a_secret_of_its_own() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let other = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = certificate(&key);
    let lines = STANDARD.encode(&der);
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n{}\n-----END CERTIFICATE-----\n",
        &lines[..64],
        &lines[64..]
    );
    let world =
        World::start(|settings| settings.applications[0].certificates = vec!["damaged".to_owned(), pem])
            .await;
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
    let head = |alg: &str| json!({"alg": alg, "typ": "JWT", "x5t#S256": thumbprint});
    let id = Settings::CONTOSO_CLIENT_ID;
    let now = START / 1_000;
    let claims = json!({"aud": format!("{}{PATH}", world.url), "iss": id, "sub": id, "jti": "1", "nbf": now, "iat": now, "exp": now + 300});
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    for alg in ["PS256", "RS256"] {
        let answer = ask(&world, &signed(&key, &head(alg), &claims)).await;
        assert_eq!(answer.status, 200, "{alg}: {answer:?}");
        assert!(answer.body["access_token"].is_string());
    }
    let right = signed(&key, &head("PS256"), &claims);
    let mut spoilt = right.clone();
    spoilt.replace_range(right.len() - 8..right.len() - 4, "AAAA");
    let cases = [
        (signed(&other, &head("PS256"), &claims), 700_027),
        (spoilt, 700_027),
        (
            signed(&key, &json!({"alg": "PS256", "x5t#S256": "unknown"}), &claims),
            700_027,
        ),
        (signed(&key, &head("HS256"), &claims), 700_027),
        ("x.y".to_owned(), 700_027),
        (
            signed(&key, &head("PS256"), &with("exp", json!(now - 301))),
            700_024,
        ),
        (
            signed(&key, &head("PS256"), &with("nbf", json!(now + 301))),
            700_024,
        ),
        (
            signed(
                &key,
                &head("PS256"),
                &with("aud", json!("https://contoso.example")),
            ),
            50_012,
        ),
        (
            signed(&key, &head("PS256"), &with("iss", json!("another"))),
            50_012,
        ),
        (signed(&key, &head("PS256"), &with("jti", json!(null))), 50_012),
    ];
    for (assertion, code) in cases {
        let answer = ask(&world, &assertion).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (401, &json!("invalid_client")),
            "{code}"
        );
        assert_eq!(answer.body["error_codes"], json!([code]));
    }
}
