//! Codes, and the tokens that are given for them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Refusal;
use super::account::Account;
use crate::Inner;
use crate::token::{self, TokenForm};

/// Milliseconds for which a code is good.
const LIFE: i64 = 60_000;
/// Seconds for which an ID token is good.
const TOKEN: i64 = 3_600;

/// A code that was given out.
#[derive(Debug)]
pub(crate) struct Code {
    pub tenant: String,
    pub client_id: String,
    pub redirect: String,
    pub nonce: String,
    /// What the verifier is compared with (RFC 7636 section 4.6).
    pub challenge: String,
    pub account: Account,
    pub at: i64,
}

/// What the token endpoint gives for a code: status and body.
pub(crate) fn redeem(inner: &Inner, form: &TokenForm<'_>, now: i64) -> (u16, Value) {
    let settings = inner.settings();
    let application = match token::authenticated(&settings, form, now) {
        Ok(application) => application,
        Err(refusal) => return refusal,
    };
    let taken = inner.consents().codes.remove(form.value("code"));
    let wrong = |code, text: &str| {
        let refusal = Refusal::new("invalid_grant", code, text);
        (
            400,
            json!({"error": refusal.error, "error_description": refusal.description(now), "error_codes": [code]}),
        )
    };
    let Some(code) = taken.filter(|code| now < code.at + LIFE) else {
        return wrong(
            54_005,
            "OAuth2 Authorization code was already redeemed, or has expired.",
        );
    };
    if !code.client_id.eq_ignore_ascii_case(&application.client_id)
        || code.redirect != form.value("redirect_uri")
    {
        return wrong(
            70_000,
            "The provided value for the 'code' parameter is not valid.",
        );
    }
    if !form.tenant.eq_ignore_ascii_case(&code.tenant) {
        return wrong(700_002, "The code was issued for another tenant.");
    }
    let verifier = form.value("code_verifier").as_bytes();
    if URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier).as_ref()) != code.challenge {
        return wrong(
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        );
    }
    let seconds = now / 1_000;
    let mut claims = json!({
        "aud": application.client_id, "iss": format!("http://{}/{}/v2.0", form.host, code.tenant),
        "iat": seconds, "nbf": seconds, "exp": seconds + TOKEN, "nonce": code.nonce,
        "name": code.account.name, "preferred_username": code.account.address,
        "oid": object_id(&code.account),
        "sub": URL_SAFE_NO_PAD.encode(digest(&SHA256, code.account.address.as_bytes()).as_ref()),
        "tid": code.account.tenant, "ver": "2.0",
    });
    if application.tells_roles {
        claims["wids"] = json!(code.account.roles());
    }
    let Some(id_token) = inner.signer.sign(&claims) else {
        return (500, json!({"error": "server_error"}));
    };
    let body = json!({"token_type": "Bearer", "scope": "openid profile", "expires_in": TOKEN, "id_token": id_token,
        "access_token": token::for_person(&code.account.tenant, seconds + TOKEN)});
    (200, body)
}

/// The id of somebody in their tenant: the same every time.
fn object_id(account: &Account) -> String {
    let hash = digest(&SHA256, account.address.as_bytes());
    let head = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Uuid::from_bytes(head).to_string()
}
