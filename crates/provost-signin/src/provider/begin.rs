//! Sending somebody to a provider.

use super::{Aim, Journey, ProviderPurpose, not_offered};
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Subject};
use crate::{Result, SignIn, Visit, random};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::signin_provider;
use url::Url;

/// Asks for the time of the sign-in, where single claims can be asked for.
const CLAIMS: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;

impl SignIn {
    /// Begins a sign-in at a provider, and answers the address to which the browser is to be sent. `browser` is a
    /// cookie that this browser keeps until it comes back.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] for a provider that is not offered (`PRV-SIGNIN-PROVIDER-UNKNOWN`) or describes
    /// itself wrongly; [`crate::Error::Provider`] when it cannot be reached; [`crate::Error::Wait`];
    /// [`crate::Error::Stale`] for tying without a fresh sign-in.
    pub async fn provider_begin(
        &self,
        name: &str,
        browser: &str,
        purpose: ProviderPurpose<'_>,
        visit: &Visit,
        now: i64,
    ) -> Result<Url> {
        let (name, signed) = (name.to_owned(), purpose.signed().cloned());
        let network = Subject::beginning(visit.address);
        let found = self
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::BEGINNING)? {
                    return Ok(Err(crate::Error::Wait { seconds }));
                }
                let found = signin_provider::by_name(tx, &name)?.filter(|found| found.enabled);
                Ok(found.ok_or_else(not_offered))
            })
            .await?;
        let provider = self.0.providers.get(&found.issuer, now).await?;
        let journey = Journey {
            provider: found.key,
            aim: match purpose {
                ProviderPurpose::Enter => Aim::Enter,
                ProviderPurpose::Tie(_) => Aim::Tie,
                ProviderPurpose::Confirm(_) => Aim::Confirm,
            },
            session: signed.as_ref().map(|signed| signed.session.key),
            nonce: random::text()?,
            verifier: random::text()?,
            began: now,
        };
        let state = random::text()?;
        let url = self.address(&provider, &found.client_id, &journey, &state);
        let browser = Browser::of_cookie(browser);
        self.write(move |tx| {
            let whose = match (&signed, journey.aim) {
                (Some(signed), Aim::Tie) => {
                    signed.require_may_enrol(tx, now)?;
                    Some(signed.administrator.key)
                }
                (Some(signed), _) => Some(signed.reload(tx)?.key),
                (None, _) => None,
            };
            ceremony::begin(tx, now, &state, Kind::Provider, whose, &browser, &journey)
        })
        .await?;
        Ok(url)
    }

    /// The request of OpenID Connect Core 1.0 section 3.1.2.1.
    fn address(
        &self,
        provider: &super::discovery::Provider,
        client_id: &str,
        journey: &Journey,
        state: &str,
    ) -> Url {
        let challenge = digest(&SHA256, journey.verifier.as_bytes());
        let mut url = provider.authorization.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.callback_url())
            .append_pair("scope", "openid profile email")
            .append_pair("state", state)
            .append_pair("nonce", &journey.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge.as_ref()))
            .append_pair("code_challenge_method", "S256");
        if journey.aim == Aim::Confirm {
            query.append_pair("prompt", "login").append_pair("max_age", "0");
        }
        if provider.takes_claims {
            query.append_pair("claims", CLAIMS);
        }
        drop(query);
        url
    }
}
