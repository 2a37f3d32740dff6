use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Certificate;
use crate::error::Error;
use crate::key::SigningKey;

/// An RSA key of 1,024 bits.
const SHORT: &str = "MIIB/jCCAWegAwIBAgIUcodZCWIRROmjXfMDKCO7u6J05JUwDQYJKoZIhvcNAQELBQAwEDEOMAwGA1UEAwwFc2hvcnQwIBcNMjYxMTIyMDYyMTU2WhgPMjEyNjEwMjkwNjIxNTZaMBAxDjAMBgNVBAMMBXNob3J0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6vX7dwBEIYQ600m3ucKAE91u1Ek3ictzFp/v2FP3ME9GGqxZmqrlBioEw9He97bpL8J++v5L4rvQ5XGV+u6j3HG/gQYlT2nnWwHpDpsGUU2hb1aHOom067j0NmSw/xYgAP9pOGKCRfA0XkRQ318HnefQtXEbUiiBv39+9rj80QwIDAQABo1MwUTAdBgNVHQ4EFgQUuuqRFlomNxpmP3klY8ZpemUtdF8wHwYDVR0jBBgwFoAUuuqRFlomNxpmP3klY8ZpemUtdF8wDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQA+3FgnmAVwEbhjGZ1ngwAMVZednJ6tEehOYHjvFUbowVayrPgjVLnBIlhUlRhn4/bXqYFCqcWPGYwM+InF80S80ZlKj3WUkH0qwlLt8snExeYYdvmGE6ktlu3MrxEg3M0uVDbEdBHtO+msBgXZS9JtP1RqI92yJ5PnLH/YSzWRTQ==";
/// A key on the curve P-256.
const CURVE: &str = "MIIBcDCCARegAwIBAgIUQAAugvRsfDIttAqEKqsXZjC0vB8wCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCZWMwIBcNMjYxMTIyMDYyMTU2WhgPMjEyNjEwMjkwNjIxNTZaMA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwlwl/VipnCJF/IWVewKPjpOXSaQAhB+/ECMlM6iF/y/hVlHb5KRLLZKr0eqFz4zG72MjMRrwLEEwJ55p57PORKNTMFEwHQYDVR0OBBYEFG+9qPBQNxPKHd6yosO9cwh/8+4fMB8GA1UdIwQYMBaAFG+9qPBQNxPKHd6yosO9cwh/8+4fMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgPq5criD3cGy3hClKGFuns4jXQHDiP3zndMbqMC2wbsUCICMTCdsC9dXX2NPgUjvxajuutDpv8HT4S1LmYXKycKQU";

fn key() -> (SigningKey, Vec<u8>) {
    let made = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = made.as_der().unwrap().as_ref().to_vec();
    (SigningKey::from_pkcs8(&der).unwrap(), der)
}

fn certificate(key: &SigningKey) -> Certificate {
    let (starts, ends) = ("2026-11-22T00:00:00Z", "2029-11-22T00:00:00Z");
    Certificate::self_signed(
        key,
        "Provost 2026-11-22",
        starts.parse().unwrap(),
        ends.parse().unwrap(),
    )
    .unwrap()
}

#[test]
fn what_is_made_can_be_read_in_every_form() {
    let (key, _) = key();
    let made = certificate(&key);
    assert_eq!(made.subject(), "CN=Provost 2026-11-22");
    assert_eq!(made.starts().to_string(), "2026-11-22T00:00:00Z");
    assert_eq!(made.ends().to_string(), "2029-11-22T00:00:00Z");
    assert!(key.is_of(made.key()));
    assert_eq!((made.sha1().len(), made.sha256().len()), (40, 64));

    let windows = made.pem().replace('\n', "\r\n");
    let unpadded = made.base64().trim_end_matches('=').to_owned();
    let forms = [
        made.pem(),
        format!("\n  {windows}  \n"),
        made.base64(),
        format!(" {}\n", made.base64()),
        unpadded,
    ];
    for form in forms {
        assert_eq!(Certificate::parse(form.as_bytes()).unwrap(), made, "{form}");
    }
    assert_eq!(Certificate::parse(made.der()).unwrap(), made);
}

#[test]
fn the_same_key_and_times_have_the_same_certificate() {
    let (key, _) = key();
    assert_eq!(certificate(&key), certificate(&key));
    let (other, _) = self::key();
    assert!(!other.is_of(certificate(&key).key()));
}

#[test]
fn a_private_key_is_refused_in_every_form() {
    let (key, der) = key();
    let packed = STANDARD.encode(&der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{packed}\n-----END PRIVATE KEY-----\n");
    let both = format!("{}{pem}", certificate(&key).pem());
    for pasted in [
        pem,
        both,
        packed,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----".to_owned(),
    ] {
        assert_eq!(Certificate::parse(pasted.as_bytes()), Err(Error::PrivateKey));
    }
    assert_eq!(Certificate::parse(&der), Err(Error::PrivateKey));
    // How a key of an elliptic curve, in either form, and a file of key and certificate begin.
    for begins in [
        &[0x30, 0x81, 0x87, 0x02, 0x01, 0x00][..],
        &[0x30, 0x77, 0x02, 0x01, 0x01],
        &[0x30, 0x82, 0x09, 0x59, 0x02, 0x01, 0x03],
    ] {
        let pasted = STANDARD.encode(begins);
        assert_eq!(Certificate::parse(pasted.as_bytes()), Err(Error::PrivateKey));
    }
    assert!(!format!("{key:?}").contains(&STANDARD.encode(&der)));
}

#[test]
fn exactly_one_certificate() {
    let (key, _) = key();
    let made = certificate(&key);
    let two = format!("{}{}", made.pem(), made.pem());
    assert_eq!(
        Certificate::parse(two.as_bytes()),
        Err(Error::SeveralCertificates { found: 2 })
    );
    let two = [made.der(), made.der()].concat();
    assert_eq!(
        Certificate::parse(&two),
        Err(Error::SeveralCertificates { found: 2 })
    );
    let short = made.der().split_last().unwrap().1;
    let long = [made.der(), b"x"].concat();
    for pasted in [
        short,
        &long,
        b"",
        b"hello",
        "ö".as_bytes(),
        &[0x30, 0x82],
        &[0xff; 80_000],
    ] {
        assert_eq!(Certificate::parse(pasted), Err(Error::NotACertificate));
    }
    let request = made.pem().replace("CERTIFICATE", "CERTIFICATE REQUEST");
    assert_eq!(
        Certificate::parse(request.as_bytes()),
        Err(Error::NotACertificate)
    );
}

#[test]
fn keys_that_are_too_weak_or_of_another_kind_are_refused() {
    assert_eq!(
        Certificate::parse(SHORT.as_bytes()),
        Err(Error::KeyShort { bits: 1_024 })
    );
    assert_eq!(Certificate::parse(CURVE.as_bytes()), Err(Error::KeyKind));
}

#[test]
fn a_certificate_counts_within_its_time() {
    let (key, _) = key();
    let made = certificate(&key);
    let at = |text: &str| made.check(text.parse().unwrap()).map_err(|error| error.code());
    assert_eq!(at("2026-11-21T23:59:59Z"), Err("PRV-SAML-CERTIFICATE-EARLY"));
    assert_eq!(at("2026-11-22T00:00:00Z"), Ok(()));
    assert_eq!(at("2029-11-22T00:00:00Z"), Ok(()));
    assert_eq!(at("2029-11-22T00:00:01Z"), Err("PRV-SAML-CERTIFICATE-EXPIRED"));
}

#[test]
fn names_have_an_end() {
    let (key, _) = key();
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    for name in ["", "  ", "a\nb", &"x".repeat(65)] {
        assert!(Certificate::self_signed(&key, name, at, at).is_err());
    }
}
