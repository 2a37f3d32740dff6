//! Taking somebody back from a provider.

use super::discovery::Provider;
use super::redeem::{Redeemed, Redemption};
use super::token::{self, Expected, Person};
use super::{Aim, Journey, not_offered, unacceptable};
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Subject};
use crate::session::{Ticket, end_others};
use crate::{Error, Method, Opened, Result, SignIn, Signed, Visit};
use provost_connect::Secret;
use provost_store::signin_identity::{self, Tie};
use provost_store::signin_provider::{self, SigninProvider};
use provost_store::{Tx, secret};
use serde_json::Value;
use std::sync::Arc;

/// Bytes of what a browser brings back.
const QUERY: usize = 16 * 1024;
/// Milliseconds by which a provider's clock may differ from ours.
const SKEW: i64 = 60_000;

/// What came of it.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one is made for each sign-in, and taken apart at once"
)]
pub enum ProviderDone {
    /// They are signed in.
    Entered(Opened),
    /// Who they are there is tied to the person who is signed in.
    Tied,
    /// They proved again who they are: a fresh session is in the place of the present one.
    Confirmed(Opened),
}

/// What a browser brings back (RFC 6749 section 4.1.2, RFC 9207 section 2).
#[derive(Default)]
struct Back {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Back {
    fn read(query: &str) -> Result<Self> {
        if query.len() > QUERY {
            return Err(unacceptable("it is far too long"));
        }
        let mut back = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "state" => &mut back.state,
                "code" => &mut back.code,
                "iss" => &mut back.issuer,
                "error" => &mut back.error,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(unacceptable("it says something twice"));
            }
        }
        Ok(back)
    }
}

impl SignIn {
    /// Ends what [`SignIn::provider_begin`] began, with the query that the browser brought back. `signed` is who is
    /// signed in in this browser, if anybody.
    ///
    /// # Errors
    /// [`Error::Expired`] for a sign-in that is over, of another browser or another session; [`Error::Refused`] for
    /// an answer that cannot be accepted (`PRV-SIGNIN-PROVIDER-ANSWER`), for a refusal of the provider
    /// (`PRV-SIGNIN-PROVIDER-REFUSED`), and for somebody whom no administrator is tied to (`PRV-SIGNIN-NOT-TIED`);
    /// [`Error::Denied`] for an administrator who is blocked.
    pub async fn provider_finish(
        &self,
        query: &str,
        browser: &str,
        signed: Option<&Signed>,
        visit: &Visit,
        now: i64,
    ) -> Result<ProviderDone> {
        let back = Back::read(query)?;
        let state = back.state.clone().ok_or(Error::Expired)?;
        let browser = Browser::of_cookie(browser);
        let (_, journey): (_, Journey) = self
            .write(move |tx| ceremony::take(tx, now, &state, Kind::Provider, &browser))
            .await?;
        let present = signed.map(|signed| signed.session.key);
        if journey.aim != Aim::Enter && journey.session != present {
            return Err(Error::Expired);
        }
        let (signin, key) = (self.clone(), journey.provider);
        let (found, client_secret) = self.read(move |tx| signin.offered_with_secret(tx, key)).await?;
        let provider = self.0.providers.get(&found.issuer, now).await?;
        let code = check(&back, &provider)?;
        let id_token = self
            .redeem(&provider, &found, client_secret.as_ref(), &code, &journey)
            .await?;
        let person = self.verify(provider, &found, &journey, &id_token, now).await?;
        let (ticket, network) = (Ticket::new(visit)?, Subject::beginning(visit.address));
        let signed = signed.cloned();
        self.write(move |tx| {
            // Nobody comes in by a provider that was switched off while they were there.
            let offered = signin_provider::by_key(tx, key)?.filter(|now| now.enabled);
            if offered.as_ref().map(|now| &now.issuer) != Some(&found.issuer) {
                return Err(not_offered());
            }
            let done = match (journey.aim, &signed) {
                (Aim::Enter, _) => enter(tx, now, &found.issuer, &person, &ticket),
                (Aim::Tie, Some(signed)) => tie(tx, now, &found.issuer, &person, signed),
                (Aim::Confirm, Some(signed)) => confirm(tx, now, &found, &person, &journey, signed, &ticket),
                (Aim::Tie | Aim::Confirm, None) => Err(Error::Expired),
            }?;
            limit::give_back(tx, now, &network, limit::BEGINNING)?;
            Ok(done)
        })
        .await
    }

    fn offered_with_secret(&self, tx: &mut Tx, key: i64) -> Result<(SigninProvider, Option<Secret>)> {
        let found = signin_provider::by_key(tx, key)?.filter(|found| found.enabled);
        let found = found.ok_or_else(not_offered)?;
        let kept = secret::get(tx, &self.0.key, &signin_provider::place(key))?;
        Ok((found, kept.map(Secret::new)))
    }

    /// The ID token for a code, which the provider may refuse.
    async fn redeem(
        &self,
        provider: &Provider,
        found: &SigninProvider,
        client_secret: Option<&Secret>,
        code: &str,
        journey: &Journey,
    ) -> Result<String> {
        let redemption = Redemption {
            client_id: &found.client_id,
            client_secret,
            code,
            redirect: &self.callback_url(),
            verifier: &journey.verifier,
        };
        match redemption.send(provider).await? {
            Redeemed::IdToken(token) => Ok(token),
            Redeemed::Refused(error) => Err(refused(error.get("error").and_then(Value::as_str))),
        }
    }

    /// Who the ID token is about, when it can be believed.
    async fn verify(
        &self,
        provider: Arc<Provider>,
        found: &SigninProvider,
        journey: &Journey,
        id_token: &str,
        now: i64,
    ) -> Result<Person> {
        let claims = self.0.providers.claims(&provider, id_token, now).await?;
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &found.client_id,
            nonce: &journey.nonce,
            now,
        };
        token::read(&claims, &expected).map_err(unacceptable)
    }
}

/// The code, when the answer is from this provider and no refusal.
fn check(back: &Back, provider: &Provider) -> Result<String> {
    let is_named = match &back.issuer {
        Some(issuer) => *issuer == provider.issuer,
        None => !provider.names_itself,
    };
    if !is_named {
        return Err(unacceptable(
            "it is from another provider than the one that was asked",
        ));
    }
    if back.error.is_some() {
        return Err(refused(back.error.as_deref()));
    }
    back.code.clone().ok_or_else(|| unacceptable("it has no code"))
}

/// The provider says no. Its error's name is repeated where it is one (RFC 6749 section 4.1.2.1).
fn refused(error: Option<&str>) -> Error {
    let is_name = |name: &&str| {
        (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let name = error.filter(is_name).unwrap_or("no reason given");
    let hint = match name {
        "access_denied" | "login_required" | "interaction_required" => "Sign in there, then begin again.",
        "invalid_client" | "unauthorized_client" => {
            "An owner has to enter the present client secret in the settings of the sign-in provider."
        }
        _ => "Begin again; if it stays, an owner has to look at the provider's settings.",
    };
    let sentence = format!("the sign-in provider refused the sign-in ({name})");
    Error::refused("PRV-SIGNIN-PROVIDER-REFUSED", sentence, hint)
}

fn enter(tx: &mut Tx, now: i64, issuer: &str, person: &Person, ticket: &Ticket) -> Result<ProviderDone> {
    let Some(whose) = signin_identity::find(tx, issuer, &person.subject)? else {
        return Err(Error::refused(
            "PRV-SIGNIN-NOT-TIED",
            "no administrator here is tied to this account of the sign-in provider",
            "Sign in in another way and tie it on your account page, or ask an owner for an invitation.",
        ));
    };
    signin_identity::note_use(tx, issuer, &person.subject, now)?;
    // Whoever finds an unlocked computer finds the provider's session too: only a sign-in there that was just now is
    // a fresh one here.
    let fresh = person.signed_in.unwrap_or(0).clamp(0, now);
    let opened = ticket.open(tx, now, whose, Method::Provider, fresh)?;
    Ok(ProviderDone::Entered(opened))
}

fn tie(tx: &mut Tx, now: i64, issuer: &str, person: &Person, signed: &Signed) -> Result<ProviderDone> {
    signed.require_may_enrol(tx, now)?;
    let tie = Tie {
        administrator: signed.administrator.key,
        issuer,
        subject: &person.subject,
        shown: &person.shown,
    };
    signin_identity::tie(tx, &signed.actor(), now, &tie)?;
    end_others(tx, signed, now)?;
    Ok(ProviderDone::Tied)
}

fn confirm(
    tx: &mut Tx,
    now: i64,
    found: &SigninProvider,
    person: &Person,
    journey: &Journey,
    signed: &Signed,
    ticket: &Ticket,
) -> Result<ProviderDone> {
    if signin_identity::find(tx, &found.issuer, &person.subject)? != Some(signed.administrator.key) {
        return Err(Error::Denied);
    }
    let Some(signed_in) = person.signed_in else {
        return Err(Error::refused(
            "PRV-SIGNIN-PROVIDER-TIME",
            format!(
                "{} does not say when you signed in there, so it cannot confirm that it was now",
                found.name
            ),
            "Confirm in another way, or have the claim auth_time added to its ID tokens (Entra: Token configuration, optional claims).",
        ));
    };
    if signed_in < journey.began.saturating_sub(SKEW) {
        return Err(unacceptable("it did not ask you to sign in again"));
    }
    signin_identity::note_use(tx, &found.issuer, &person.subject, now)?;
    let opened = ticket.replace(tx, now, signed, Method::Provider, now)?;
    Ok(ProviderDone::Confirmed(opened))
}
