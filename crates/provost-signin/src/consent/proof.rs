//! The proof of a tenant: an administrator of it signs in to the application there, and the signed token says so.

use super::back::{Back, Refused};
use super::refusal::{self, Kind as Why};
use super::{Client, Journey, Proof, tenant_id, unacceptable};
use crate::provider::{Expected, Redeemed, Redemption, read_token};
use crate::{Error, Result, SignIn, random};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use url::Url;

/// The roles that may consent for a whole organisation, by their template ids ("Grant tenant-wide admin consent to an
/// application", "Microsoft Entra built-in roles"): Global Administrator, Privileged Role Administrator, Application
/// Administrator, Cloud Application Administrator.
const ROLES: [&str; 4] = [
    "62e90394-69f5-4237-9190-012177145e10",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "158c047a-c907-4556-b7ef-446551a6b5f7",
];
/// Characters of what an account is called.
const SHOWN: usize = 200;

/// What was proved.
pub(super) struct Proved {
    pub tenant: String,
    /// Who it was, as their tenant calls them.
    pub account: String,
}

impl SignIn {
    /// Where the proof is asked for, under which state, and what has to come back.
    pub(super) async fn prepare(
        &self,
        journey: &Journey,
        tenant: &str,
        now: i64,
    ) -> Result<(Url, String, Proof)> {
        let provider = self.0.providers.get(&issuer(journey, tenant), now).await?;
        let state = random::text()?;
        let proof = Proof {
            tenant: tenant.to_owned(),
            nonce: random::text()?,
            verifier: random::text()?,
        };
        let challenge = digest(&SHA256, proof.verifier.as_bytes());
        let mut url = provider.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("client_id", &journey.client_id)
            .append_pair("redirect_uri", &self.consent_url())
            .append_pair("scope", "openid profile")
            .append_pair("state", &state)
            .append_pair("nonce", &proof.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge.as_ref()))
            .append_pair("code_challenge_method", "S256");
        Ok((url, state, proof))
    }

    /// What the answer of the tenant's sign-in proves.
    pub(super) async fn prove(
        &self,
        back: &Back,
        journey: &Journey,
        proof: &Proof,
        client: &Client,
        now: i64,
    ) -> std::result::Result<Proved, Refused> {
        let plain = |error: Error| (error, None);
        if back.code.is_empty() {
            return Err(plain(unacceptable("it has no code")));
        }
        let issuer = issuer(journey, &proof.tenant);
        let provider = self.0.providers.get(&issuer, now).await.map_err(plain)?;
        let redemption = Redemption {
            client_id: &journey.client_id,
            client_secret: Some(&client.secret),
            code: &back.code,
            redirect: &self.consent_url(),
            verifier: &proof.verifier,
        };
        let id_token = match redemption.send(&provider).await.map_err(plain)? {
            Redeemed::IdToken(token) => token,
            Redeemed::Refused(error) => return Err(refused(&error)),
        };
        let claims = self.0.providers.claims(&provider, &id_token, now).await;
        let claims = claims.map_err(|error| match error.code() {
            "PRV-SIGNIN-PROVIDER-ANSWER" => (unacceptable("its ID token cannot be believed"), None),
            _ => (error, None),
        })?;
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &journey.client_id,
            nonce: &proof.nonce,
            now,
        };
        let person = read_token(&claims, &expected).map_err(|reason| plain(unacceptable(reason)))?;
        let tenant = proved_tenant(&claims, proof).map_err(plain)?;
        check_roles(&claims).map_err(plain)?;
        let account = text(&claims, "preferred_username").unwrap_or(&person.shown);
        let shown = account.chars().filter(|c| !c.is_control()).take(SHOWN);
        Ok(Proved {
            tenant,
            account: shown.collect(),
        })
    }
}

fn issuer(journey: &Journey, tenant: &str) -> String {
    format!("{}/{tenant}/v2.0", journey.login)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A refusal of the token endpoint.
fn refused(error: &Map<String, Value>) -> Refused {
    let (name, description) = (
        text(error, "error").unwrap_or_default(),
        text(error, "error_description").unwrap_or_default(),
    );
    let why = Why::of(name, description);
    (why.error(), Some(refusal::note(name, description)))
}

/// The tenant that the token names, which is the one where the sign-in was asked for.
fn proved_tenant(claims: &Map<String, Value>, proof: &Proof) -> Result<String> {
    let tenant = tenant_id(text(claims, "tid").unwrap_or_default())?;
    if tenant == proof.tenant {
        return Ok(tenant);
    }
    Err(unacceptable(
        "its ID token is of another tenant than the one that accepted",
    ))
}

/// Whoever signed in may consent for their organisation. Microsoft puts the roles into the token when the registration
/// says so ("Configure optional claims": directory roles).
fn check_roles(claims: &Map<String, Value>) -> Result<()> {
    let Some(roles) = claims.get("wids").and_then(Value::as_array) else {
        return Err(Error::refused(
            "PRV-CONSENT-ROLES",
            "the ID token does not say which directory roles the account has",
            "In the app registration open Token configuration, choose Add groups claim and tick Directory roles; then begin again.",
        ));
    };
    let may = roles
        .iter()
        .filter_map(Value::as_str)
        .any(|role| ROLES.iter().any(|known| known.eq_ignore_ascii_case(role)));
    if may {
        Ok(())
    } else {
        Err(Why::Administrator.error())
    }
}
