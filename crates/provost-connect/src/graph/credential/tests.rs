#![allow(clippy::unwrap_used)]

use super::*;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, UnparsedPublicKey};
use proptest::prelude::*;
use serde_json::Value;

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(u8::try_from(short).unwrap()),
        long => {
            let bytes = u32::try_from(long).unwrap().to_be_bytes();
            out.push(0x84);
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A certificate around a public key. Nobody here checks who signed it.
fn around(public_key: &[u8], starts: &str, ends: &str) -> Vec<u8> {
    let algorithm = sequence(&[element(0x06, &[0x2a, 0x03]), element(0x05, &[])]);
    let bits = element(0x03, &[&[0], public_key].concat());
    let body = sequence(&[
        element(0xa0, &element(0x02, &[2])),
        element(0x02, &[7]),
        algorithm.clone(),
        sequence(&[]),
        sequence(&[element(0x17, starts.as_bytes()), element(0x18, ends.as_bytes())]),
        sequence(&[]),
        sequence(&[algorithm.clone(), bits]),
    ]);
    sequence(&[body, algorithm, element(0x03, &[0, 1])])
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

fn pair() -> (rsa::KeyPair, String) {
    let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let text = pem("PRIVATE KEY", der.as_ref());
    (key, text)
}

fn certificate_of(key: &rsa::KeyPair) -> String {
    pem(
        "CERTIFICATE",
        &around(key.public_key().as_ref(), "260101000000Z", "20990101000000Z"),
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn refused(text: &str) -> String {
    let error = Certificate::parse(text).unwrap_err();
    assert!(
        matches!(&error, Error::Settings { field, .. } if field == "certificate"),
        "{error:?}"
    );
    error.to_string()
}

#[test]
fn a_statement_is_signed_as_entra_wants_it() {
    let (key, private) = pair();
    let text = certificate_of(&key) + &private;
    let certificate = Certificate::parse(&text).unwrap();
    let url = url::Url::parse("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token").unwrap();
    let now = at("2026-03-01T12:00:00Z");
    let statement = certificate.assertion("app", &url, now).unwrap();
    let parts: Vec<&str> = statement.expose().split('.').collect();
    let json =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (header, claims) = (json(parts[0]), json(parts[1]));
    let der = around(key.public_key().as_ref(), "260101000000Z", "20990101000000Z");
    let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &der));
    assert_eq!(
        header,
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint})
    );
    assert_eq!(claims["aud"], url.as_str());
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("app"), &json!("app")));
    let life = claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap();
    assert!((300..=600).contains(&life), "{life}");
    assert_eq!(claims["iat"], now.as_second());
    let content = format!("{}.{}", parts[0], parts[1]);
    UnparsedPublicKey::new(&signature::RSA_PSS_2048_8192_SHA256, key.public_key())
        .verify(content.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap())
        .unwrap();
    let other = certificate.assertion("app", &url, now).unwrap();
    assert_ne!(other, statement, "each has an id of its own");
    assert_eq!(expires(&text).unwrap(), at("2099-01-01T00:00:00Z"));
    assert!(!format!("{certificate:?}").contains(&private[40..80]));
}

#[test]
fn a_certificate_out_of_its_time_signs_nothing() {
    let (key, private) = pair();
    let certificate = Certificate::parse(&(certificate_of(&key) + &private)).unwrap();
    let url = url::Url::parse("https://login.microsoftonline.com/x/oauth2/v2.0/token").unwrap();
    for (now, said) in [
        ("2099-01-01T00:00:00Z", "ended"),
        ("2025-12-31T23:59:59Z", "begins"),
    ] {
        let error = certificate.assertion("app", &url, at(now)).unwrap_err();
        assert_eq!(error.code(), "PRV-M365-CERTIFICATE-EXPIRED");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_precisely() {
    let (key, private) = pair();
    let public = certificate_of(&key);
    let (_, strange) = pair();
    let curve =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rand::SystemRandom::new()).unwrap();
    for (text, said) in [
        (public.clone(), "no private key"),
        (private.clone(), "no certificate"),
        (public.clone() + &strange, "belongs to another certificate"),
        (public.clone() + &pem("PRIVATE KEY", curve.as_ref()), "elliptic"),
        (public.clone() + &pem("EC PRIVATE KEY", b"x"), "elliptic"),
        (
            public.clone() + &pem("ENCRYPTED PRIVATE KEY", b"x"),
            "locked with a password",
        ),
        (public.clone() + &pem("PRIVATE KEY", b"x"), "RSA key of 2048"),
        (public.clone() + &pem("DSA PRIVATE KEY", b"x"), "use RSA"),
        (pem("CERTIFICATE", b"x") + &private, "damaged"),
        (
            "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----".to_owned(),
            "damaged",
        ),
        ("-----BEGIN CERTIFICATE-----\nAAAA".to_owned(), "breaks off"),
        ("canary".to_owned(), "not PEM"),
    ] {
        let error = refused(&text);
        assert!(error.contains(said), "{error}");
        assert!(!error.contains("canary"));
    }
    assert!(
        Certificate::parse(&(private + &public)).is_ok(),
        "in either order"
    );
}

#[test]
fn one_of_both_secrets_is_needed_and_a_line_break_does_no_harm() {
    let error = Credential::open(&Secrets::new().with("client_secret", " "))
        .err()
        .unwrap();
    assert!(error.to_string().contains("or enter a certificate"), "{error}");
    let Credential::Secret(secret) =
        Credential::open(&Secrets::new().with("client_secret", "s3cret\n")).unwrap()
    else {
        unreachable!();
    };
    assert_eq!(secret.expose(), "s3cret");
}

proptest! {
    #[test]
    fn no_bytes_upset_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400) {
        let _ = der::read(&bytes).is_ok();
        let good = around(&[1, 2, 3], "260101000000Z", "20990101000000Z");
        let cut = cut.min(good.len());
        prop_assert_eq!(der::read(&good[..cut]).is_ok(), cut == good.len());
    }

    #[test]
    fn no_text_upsets_the_parser(text in "(-----BEGIN |-----|END |[A-Z ]{0,12}|[A-Za-z0-9+/=\n]{0,40}){0,8}") {
        prop_assert!(Certificate::parse(&text).is_err());
    }
}
