//! Assertions signed with a certificate in place of a secret (Microsoft identity platform documentation, "Microsoft
//! identity platform application authentication certificate credentials"; RFC 7523).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::certificate;
use crate::settings::Application;

/// The only `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The number of a refusal, and its text.
type Refused = (u32, String);

/// Whether an assertion proves that its sender is the application. `end` is how the address of the token endpoint ends.
///
/// # Errors
/// 700027 for a key or signature that is not accepted, 700024 for one out of its time, 50012 for wrong claims.
pub(super) fn check(assertion: &str, application: &Application, end: &str, now: i64) -> Result<(), Refused> {
    let id = &application.client_id;
    let wrong = |text: &str| {
        (
            700_027,
            format!("Client assertion failed signature validation for application '{id}': {text}"),
        )
    };
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(wrong("it is not a signed token."));
    };
    let (head, body) = match (json(header), json(claims)) {
        (Some(head), Some(body)) => (head, body),
        _ => return Err(wrong("its parts are not JSON in base64url.")),
    };
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| wrong("the signature is not base64url."))?;
    let der =
        registered(&head, application).ok_or_else(|| wrong("the key was not found by its thumbprint."))?;
    let key = certificate::public_key(&der).ok_or_else(|| wrong("the certificate holds no key."))?;
    let algorithm: &'static dyn VerificationAlgorithm = match head["alg"].as_str() {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(wrong("the algorithm must be PS256 or RS256.")),
    };
    let signed = assertion.rsplit_once('.').map_or("", |(signed, _)| signed);
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| wrong("the signature is not valid."))?;
    claims_hold(&body, id, end, now)
}

/// The registered certificate that the header names by its thumbprint.
fn registered(head: &Value, application: &Application) -> Option<Vec<u8>> {
    let mut known = application
        .certificates
        .iter()
        .filter_map(|text| certificate::der(text));
    known.find(|der| {
        let is =
            |name: &str, thumbprint: &[u8]| head[name].as_str() == Some(&URL_SAFE_NO_PAD.encode(thumbprint));
        is("x5t#S256", digest(&SHA256, der).as_ref())
            || is("x5t", digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref())
    })
}

fn claims_hold(body: &Value, id: &str, end: &str, now: i64) -> Result<(), Refused> {
    let wrong = |text: &str| {
        Err((
            50_012,
            format!("Authentication failed for application '{id}': {text}"),
        ))
    };
    if body["iss"].as_str() != Some(id) || body["sub"].as_str() != Some(id) {
        return wrong("the issuer and the subject of the assertion must be the client id.");
    }
    if !body["aud"]
        .as_str()
        .is_some_and(|audience| audience.ends_with(end))
    {
        return wrong("the audience of the assertion must be the address of the token endpoint.");
    }
    if body["jti"].as_str().is_none_or(str::is_empty) {
        return wrong("the assertion must have an id of its own.");
    }
    let seconds = now / 1_000;
    // Clocks may differ by five minutes.
    let (from, until) = (
        body["nbf"].as_i64().unwrap_or(0),
        body["exp"].as_i64().unwrap_or(0),
    );
    if from - 300 > seconds || until + 300 <= seconds {
        let text = "Client assertion is not within its valid time range. Check the clock of the machine that signs it.";
        return Err((700_024, text.to_owned()));
    }
    Ok(())
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
