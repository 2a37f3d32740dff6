//! A test of onboarding: an administrator goes to the tenant and back as a person would, the answer is checked by the same
//! code, and what it says is shown to them. Nobody is onboarded or linked by it.
//!
//! What is asked here is kept apart from what people ask: an answer to the one is none to the other. The result is for the
//! session that has begun the test.

use super::People;
use super::onboard::{Received, heard, machine, moment};
use crate::{Error, Result, random};
use provost_saml::binding::{self, Kind as Message};
use provost_saml::entra;
use provost_saml::request::Question as Ask;
use provost_saml::response::{Pending, Verified};
use provost_saml::{Error as Saml, MessageId};
use provost_store::microsoft_365::Provider;
use provost_store::migration::{self, Outcome, Test};
use provost_store::{audit, workspace};
use url::Url;

/// Milliseconds that an administrator has for the way there and back.
const LIFE: i64 = 10 * 60_000;

/// Which administrator tests.
#[derive(Debug, Clone)]
pub struct Tester {
    /// The key of their session.
    pub session: i64,
    /// Who, for the audit log.
    pub actor: String,
}

impl People {
    /// Begins a test: the address at the tenant to which the administrator's browser goes. It works with what is saved, or
    /// with what Validate found good after that and within a day.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-MIGRATION-UNCHECKED` while nothing is saved and nothing was found good,
    /// `PRV-MIGRATION-CLOSED`; [`Error::Machine`] and [`Error::Provider`] where the settings cannot be used.
    pub async fn begin_onboarding_test(
        &self,
        provider: &Provider,
        tester: &Tester,
        now: i64,
    ) -> Result<String> {
        let key = provider.key;
        let (is_closed, found) = self
            .0
            .read(move |tx| {
                let migration = migration::get(tx, key)?;
                let found = migration::certificates_for_test(tx, now, key, migration.as_ref())?;
                Ok((migration.is_some_and(|one| one.closed.is_some()), found))
            })
            .await?;
        let Some(certificates) = found else {
            let error = untestable(provider, is_closed);
            self.note_refused_test(provider, tester, &error, now).await?;
            return Err(error);
        };
        let side = self.side(provider, &certificates)?;
        let message = MessageId::from_random(random::bytes::<20>()?);
        let question = Ask {
            id: &message,
            destination: &side.sign_on,
            force_authn: true,
            now: moment(now),
        };
        let (document, pending) = side.service.ask(&question).map_err(|error| machine(&error))?;
        let handle = random::text()?;
        let query = binding::outgoing(Message::Request, &document, Some(&handle), None)
            .map_err(|error| machine(&error))?;
        let mut address = Url::parse(side.sign_on.as_str())
            .map_err(|error| Error::Machine(format!("the tenant's address: {error}")))?;
        address.set_query(Some(&query));
        let test = Test {
            session: tester.session,
            actor: tester.actor.clone(),
            certificates,
            request: pending.request_id,
            asked: now,
            expires: now.saturating_add(LIFE),
        };
        self.0
            .write(move |tx| {
                migration::keep_test(tx, &random::hash(&handle), key, &test, None)?;
                Ok(())
            })
            .await?;
        Ok(address.into())
    }

    /// Receives the answer to a test; none where `relay` is the handle of no test. It is used up, whatever the answer is.
    pub(super) async fn receive_onboarding_test(
        &self,
        provider: &Provider,
        field: Option<&str>,
        relay: &str,
        now: i64,
    ) -> Result<Option<Received>> {
        if !random::is_well_formed(relay) {
            return Ok(None);
        }
        let (key, hash) = (provider.key, random::hash(relay));
        let wanted = hash.clone();
        if !self
            .0
            .read(move |tx| Ok(migration::is_test(tx, &wanted, key)?))
            .await?
        {
            return Ok(None);
        }
        let (people, provider) = (self.clone(), provider.clone());
        let (field, text) = (field.map(str::to_owned), random::text()?);
        self.0
            .settle(move |tx| {
                let Some(test) = migration::take_test(tx, &hash, key)? else {
                    return Ok(Ok(None));
                };
                let outcome = if test.expires <= now {
                    over()
                } else {
                    let side = people.side(&provider, &test.certificates)?;
                    let pending = Pending {
                        request_id: test.request.clone(),
                        asked_at: moment(test.asked),
                        force_authn: true,
                    };
                    let heard = heard(tx, &side, Some(&pending), field.as_deref(), now)?;
                    let audience = side.service.entity_id().as_str();
                    outcome(
                        heard,
                        audience,
                        |verified| entra::identity(verified, &side.tenant),
                        now,
                    )
                };
                if !outcome.is_good() {
                    // Also when nobody fetches it: a refusal is never silent.
                    migration::note_test(tx, &test.actor, now, &provider, &outcome)?;
                }
                migration::keep_test(tx, &random::hash(&text), key, &test, Some(&outcome))?;
                let found = workspace::by_key(tx, provider.workspace)?;
                Ok(Ok(Some(Received::Tested {
                    workspace: found.map_or_else(String::new, |one| one.name),
                    provider: provider.name.clone(),
                    handle: text.clone(),
                })))
            })
            .await
    }

    /// Fetches what came of a test, in the session that has begun it, and notes it as the last one.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-MIGRATION-TEST-OVER`) in any other session, when it was fetched before, and after ten
    /// minutes.
    pub async fn finish_onboarding_test(
        &self,
        provider: &Provider,
        handle: &str,
        tester: &Tester,
        now: i64,
    ) -> Result<Outcome> {
        let (provider_kept, tester_kept) = (provider.clone(), tester.clone());
        let well_formed = random::is_well_formed(handle);
        let hash = random::hash(handle);
        let found = self
            .0
            .write(move |tx| {
                let (provider, tester) = (&provider_kept, &tester_kept);
                let found = match well_formed {
                    true => migration::take_answered(tx, &hash, provider.key, tester.session, now)?,
                    false => None,
                };
                if let Some(outcome) = found.as_ref().filter(|one| one.is_good()) {
                    migration::note_test(tx, &tester.actor, now, provider, outcome)?;
                }
                Ok(found)
            })
            .await?;
        if let Some(outcome) = found {
            return Ok(outcome);
        }
        let error = Error::refused(
            "PRV-MIGRATION-TEST-OVER",
            "this test sign-in is over, was fetched before, or was begun in another browser",
            "Begin it again in this section, and come back in the same browser within ten minutes.",
        );
        self.note_refused_test(provider, tester, &error, now).await?;
        Err(error)
    }

    /// Says to the audit log that a test was refused before the tenant was asked, or was fetched by nobody who may. The
    /// last result stays what it was.
    async fn note_refused_test(
        &self,
        provider: &Provider,
        tester: &Tester,
        error: &Error,
        now: i64,
    ) -> Result<()> {
        let (workspace, name) = (provider.workspace, provider.name.clone());
        let (actor, detail) = (
            tester.actor.clone(),
            format!("{}: {}", error.code(), error.sentence()),
        );
        self.0
            .write(move |tx| {
                let action = "migration.test.refused";
                audit::append_named(tx, workspace, now, &actor, action, &name, &detail)?;
                Ok(())
            })
            .await
    }
}

fn untestable(provider: &Provider, is_closed: bool) -> Error {
    match is_closed {
        true => Error::refused(
            "PRV-MIGRATION-CLOSED",
            format!(
                "the migration of \"{}\" is closed, which cannot be undone",
                provider.name
            ),
            "Go on with the federation of the domain.",
        ),
        false => Error::refused(
            "PRV-MIGRATION-UNCHECKED",
            "nothing is saved, and nothing was found good by Validate within the last 24 hours",
            "Validate the values first, then test the sign-in.",
        ),
    }
}

fn over() -> Outcome {
    Outcome {
        code: "PRV-MIGRATION-TEST-OVER".to_owned(),
        sentence: "the answer came more than ten minutes after the test was begun".to_owned(),
        hint: "Begin it again, and sign in at Microsoft within ten minutes.".to_owned(),
        ..Outcome::default()
    }
}

/// What an answer said, or why it is refused and what is done about it.
fn outcome(
    heard: provost_saml::Result<Verified>,
    audience: &str,
    identity: impl Fn(&Verified) -> provost_saml::Result<entra::Identity>,
    now: i64,
) -> Outcome {
    let verified = match heard {
        Ok(verified) => verified,
        Err(why) => return refused(Outcome::default(), &why),
    };
    let has = |claim: &&str| verified.value(claim).is_some();
    let (found, missing): (Vec<&str>, Vec<&str>) = entra::CLAIMS.iter().copied().partition(has);
    let told = Outcome {
        issuer: verified.issuer().to_owned(),
        audience: audience.to_owned(),
        found: found.into_iter().map(str::to_owned).collect(),
        missing: missing.into_iter().map(str::to_owned).collect(),
        ahead: verified
            .issued()
            .map(|at| now.saturating_sub(at.as_millisecond())),
        ..Outcome::default()
    };
    match identity(&verified) {
        Ok(identity) => Outcome {
            account: identity.object_id.as_str().to_owned(),
            name: identity.user_principal_name.unwrap_or_default(),
            label: identity.display_name.unwrap_or_default(),
            ..told
        },
        Err(why) => refused(told, &why),
    }
}

fn refused(told: Outcome, why: &Saml) -> Outcome {
    Outcome {
        code: why.code().to_owned(),
        sentence: super::onboard::reason(why),
        hint: hint(why).to_owned(),
        ..told
    }
}

/// What an administrator does about a refused answer.
fn hint(why: &Saml) -> &'static str {
    match why {
        Saml::Audience | Saml::Issuer | Saml::Tenant => {
            "Compare the Identifier (entity ID) in Entra with the one of this section, and see that you signed in to the right tenant."
        }
        Saml::Recipient | Saml::Destination => {
            "Compare the Reply URL in Entra with the one of this section, letter for letter."
        }
        Saml::Signature | Saml::NoCertificate | Saml::CertificateExpired { .. } => {
            "Download the active certificate of the application again, validate it here, and test once more."
        }
        Saml::Unsigned | Saml::ResponseSignedOnly => {
            "In Entra, under SAML certificates, choose to sign the assertion, or the response and the assertion."
        }
        Saml::Sha1 | Saml::Algorithm => {
            "In Entra, under SAML certificates, choose SHA-256 as the signing algorithm."
        }
        Saml::Encrypted => "In Entra, switch token encryption off for this application.",
        Saml::ClaimMissing { .. } | Saml::SameAssertionAttribute | Saml::NameId | Saml::ObjectId => {
            "In Entra, under Attributes and claims, take the claims back to what a new application has."
        }
        Saml::Guest => "Sign in with an account of the tenant itself, not with a guest.",
        Saml::Early
        | Saml::Late
        | Saml::AuthnFuture
        | Saml::CertificateEarly { .. }
        | Saml::ConfirmationOver => {
            "Compare the clock of this server with the time, and begin the test again."
        }
        Saml::Status { .. } => {
            "Look the code up in Entra's sign-in logs: often the account is not assigned to the application."
        }
        _ => {
            "Begin the test again. If it comes back, set the application up anew with the two values of this section."
        }
    }
}
