//! Taking somebody back who was sent to consent.

use super::proof::Proved;
use super::refusal::{self, Kind as Why};
use super::{Client, Journey, Leg, Traveller, over, tenant_id, unacceptable};
use crate::ceremony::{self, Browser, Kind};
use crate::{Error, Result, SignIn, Signed};
use provost_store::tenant_consent::{self, TenantConsent};
use url::Url;

/// Bytes of what a browser brings back.
const QUERY: usize = 16 * 1024;

/// What comes next.
#[derive(Debug)]
pub enum ConsentStep {
    /// The browser is to be sent here, to prove the tenant.
    Prove(Url),
    /// The tenant is recorded.
    Recorded(Box<TenantConsent>),
}

/// What a browser brings back from either leg.
#[derive(Debug, Default)]
pub(super) struct Back {
    state: String,
    tenant: String,
    admin_consent: String,
    pub code: String,
    error: String,
    description: String,
    /// It says something twice, or far too much: nobody knows what is meant.
    is_odd: bool,
}

impl Back {
    /// Reads it as far as it can be read: the state is taken before anything else counts.
    fn read(query: &str) -> Self {
        let mut back = Self {
            is_odd: query.len() > QUERY,
            ..Self::default()
        };
        let mut end = query.len().min(QUERY);
        while !query.is_char_boundary(end) {
            end -= 1;
        }
        let head = query.get(..end).unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(head.as_bytes()) {
            let slot = match name.as_ref() {
                "state" => &mut back.state,
                "tenant" => &mut back.tenant,
                "admin_consent" => &mut back.admin_consent,
                "code" => &mut back.code,
                "error" => &mut back.error,
                "error_description" => &mut back.description,
                _ => continue,
            };
            if slot.is_empty() {
                *slot = value.into_owned();
            } else {
                back.is_odd = true;
            }
        }
        back
    }

    fn note(&self) -> Option<String> {
        (!self.error.is_empty()).then(|| refusal::note(&self.error, &self.description))
    }
}

impl SignIn {
    /// Goes on with what [`SignIn::consent_begin`] began, with the query that the browser brought back. `signed` is who
    /// is signed in in this browser, if anybody. What is refused once the journey is known stands in the audit log.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-CONSENT-STATE` for a journey that is over or another's, `PRV-CONSENT-TENANT` when the
    /// provider belongs to another tenant, `PRV-CONSENT-ANSWER` for an answer that cannot be accepted, and one code for
    /// each kind of refusal at Microsoft; [`Error::Provider`] when it cannot be asked.
    pub async fn consent_back(
        &self,
        query: &str,
        browser: &str,
        signed: Option<&Signed>,
        now: i64,
    ) -> Result<ConsentStep> {
        let (back, browser) = (Back::read(query), Browser::of_cookie(browser));
        let (whose, journey) = self.taken(&back, &browser, now).await?;
        let (traveller, client) = self.met(&journey, signed, now).await?;
        let refused = match self.go_on(&back, &journey, &traveller, &client, now).await {
            Ok(next) => match self.keep(next, &journey, signed, (whose, browser), now).await {
                Ok(step) => return Ok(step),
                Err(error) => (error, None),
            },
            Err(refused) => refused,
        };
        Err(self.refuse(traveller, refused, now).await?)
    }

    /// Takes the journey that the state names: nobody gets it again.
    async fn taken(&self, back: &Back, browser: &Browser, now: i64) -> Result<(Option<i64>, Journey)> {
        let (state, browser) = (back.state.clone(), browser.clone());
        let taken = self.write(move |tx| ceremony::take(tx, now, &state, Kind::Consent, &browser));
        taken.await.map_err(|error| match error {
            Error::Expired => over(),
            other => other,
        })
    }

    /// Who is on a journey, and the application that it is about.
    async fn met(&self, journey: &Journey, signed: Option<&Signed>, now: i64) -> Result<(Traveller, Client)> {
        let (signin, journey, signed) = (self.clone(), journey.clone(), signed.cloned());
        self.read(move |tx| {
            let traveller = journey.traveller(tx, signed.as_ref(), now)?;
            Ok((traveller, signin.client(tx, journey.workspace)?))
        })
        .await
    }

    /// Writes what an answer has led to: the state of the next leg, or the tenant.
    async fn keep(
        &self,
        next: Next,
        journey: &Journey,
        signed: Option<&Signed>,
        (whose, browser): (Option<i64>, Browser),
        now: i64,
    ) -> Result<ConsentStep> {
        let (journey, signed) = (journey.clone(), signed.cloned());
        self.write(move |tx| {
            // The session or the link may have ended while they were there.
            let Traveller { actor, provider } = journey.traveller(tx, signed.as_ref(), now)?;
            match &next {
                Next::Prove { url, state, onward } => {
                    ceremony::begin(tx, now, state, Kind::Consent, whose, &browser, onward)?;
                    Ok(ConsentStep::Prove(url.clone()))
                }
                Next::Record(proved) => {
                    let new = tenant_consent::New {
                        tenant: &proved.tenant,
                        account: &proved.account,
                        client_id: &journey.client_id,
                    };
                    let kept = tenant_consent::record(tx, &actor, now, &provider, &new)?;
                    Ok(ConsentStep::Recorded(Box::new(kept)))
                }
            }
        })
        .await
    }

    /// What the answer leads to.
    async fn go_on(
        &self,
        back: &Back,
        journey: &Journey,
        traveller: &Traveller,
        client: &Client,
        now: i64,
    ) -> std::result::Result<Next, Refused> {
        if back.is_odd {
            return Err((unacceptable("it is too long, or says something twice"), None));
        }
        if !journey.is_of(&client.application) {
            return Err((over(), Some("the application has changed".to_owned())));
        }
        if let Some(note) = back.note() {
            let why = Why::of(&back.error, &back.description);
            return Err((why.error(), Some(note)));
        }
        match &journey.leg {
            Leg::Accept => {
                let claimed = self.accepted(back, traveller).await;
                let claimed = claimed.map_err(|error| (error, None))?;
                let prepared = self.prepare(journey, &claimed, now).await;
                let (url, state, proof) = prepared.map_err(|error| (error, None))?;
                let onward = Journey {
                    leg: Leg::Prove(proof),
                    ..journey.clone()
                };
                Ok(Next::Prove { url, state, onward })
            }
            Leg::Prove(proof) => self
                .prove(back, journey, proof, client, now)
                .await
                .map(Next::Record),
        }
    }

    /// The tenant that is said to have accepted. It is only where the proof is asked for.
    async fn accepted(&self, back: &Back, traveller: &Traveller) -> Result<String> {
        if !back.admin_consent.eq_ignore_ascii_case("true") {
            return Err(unacceptable("it does not say that the consent was given"));
        }
        let claimed = tenant_id(&back.tenant)?;
        let (provider, wanted) = (traveller.provider.clone(), claimed.clone());
        // Nobody is sent on to a tenant that would be refused in the end.
        self.read(move |tx| Ok(tenant_consent::require_free(tx, &provider, &wanted)?))
            .await?;
        Ok(claimed)
    }

    /// Keeps in the audit log why somebody was refused, and answers the error.
    async fn refuse(&self, traveller: Traveller, (error, note): Refused, now: i64) -> Result<Error> {
        let mut detail = error.code().to_owned();
        if let Some(note) = note {
            detail = format!("{detail}, {note}");
        }
        self.write(move |tx| {
            let Traveller { actor, provider } = &traveller;
            Ok(tenant_consent::note_refusal(tx, actor, now, provider, &detail)?)
        })
        .await?;
        Ok(error)
    }
}

/// An error, and what the audit log keeps of it beside its code.
pub(super) type Refused = (Error, Option<String>);

/// What an answer leads to.
#[allow(
    clippy::large_enum_variant,
    reason = "one is made for each answer, and taken apart at once"
)]
enum Next {
    /// To be sent here, with this state, on this leg.
    Prove {
        url: Url,
        state: String,
        onward: Journey,
    },
    Record(Proved),
}
