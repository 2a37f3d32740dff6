//! What a provider gives for a code: OpenID Connect Core 1.0 section 3.1.3.

use super::discovery::{self, Known, Provider};
use super::jwt::Unverified;
use super::unacceptable;
use crate::Result;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use provost_connect::Secret;
use provost_connect::http::{Method, Request};
use serde_json::{Map, Value};
use std::sync::Arc;

const OPERATION: &str = "redeeming a sign-in";

/// A code to be redeemed.
pub(crate) struct Redemption<'a> {
    pub client_id: &'a str,
    pub client_secret: Option<&'a Secret>,
    pub code: &'a str,
    /// The address to which the code was sent.
    pub redirect: &'a str,
    /// What the challenge was made of (RFC 7636 section 4.1).
    pub verifier: &'a str,
}

/// What the provider answered.
pub(crate) enum Redeemed {
    /// The ID token; nothing in it can be believed yet.
    IdToken(String),
    /// A refusal (RFC 6749 section 5.2).
    Refused(Map<String, Value>),
}

impl Redemption<'_> {
    /// Redeems it.
    pub async fn send(&self, provider: &Provider) -> Result<Redeemed> {
        let mut request =
            Request::new(Method::POST, provider.token.clone()).header("accept", "application/json");
        let in_body = self.client_secret.filter(|_| provider.takes_secret_in_body);
        if let Some(kept) = self.client_secret.filter(|_| !provider.takes_secret_in_body) {
            // RFC 6749 section 2.3.1: both halves are encoded before they are put together.
            let half = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            request = request.basic(&half(self.client_id), &Secret::new(half(kept.expose())))?;
        }
        let body = self.form(in_body).into_bytes();
        let request = request.body("application/x-www-form-urlencoded", body);
        let answer = provider.client.send(request).await?;
        if (400..500).contains(&answer.status) {
            let error = answer.try_json().and_then(|body| body.as_object().cloned());
            return Ok(Redeemed::Refused(error.unwrap_or_default()));
        }
        let object = discovery::object(&answer, OPERATION)?;
        let token = object.get("id_token").and_then(Value::as_str);
        token
            .map(|token| Redeemed::IdToken(token.to_owned()))
            .ok_or_else(|| unacceptable("it has no ID token"))
    }

    /// The form, with the client's secret where it goes there.
    fn form(&self, client_secret: Option<&Secret>) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code)
            .append_pair("redirect_uri", self.redirect)
            .append_pair("client_id", self.client_id)
            .append_pair("code_verifier", self.verifier);
        if let Some(kept) = client_secret {
            form.append_pair("client_secret", kept.expose());
        }
        form.finish()
    }
}

impl Known {
    /// The claims of an ID token that this provider has signed. Keys change: for one that is not known, they are read
    /// again.
    pub(crate) async fn claims(
        &self,
        provider: &Arc<Provider>,
        id_token: &str,
        now: i64,
    ) -> Result<Map<String, Value>> {
        let token = Unverified::read(id_token).map_err(unacceptable)?;
        let provider = if token.is_known(&provider.keys) {
            Arc::clone(provider)
        } else {
            self.get_again(&provider.issuer, now).await?
        };
        token.verify(&provider.keys).map_err(unacceptable)
    }
}
