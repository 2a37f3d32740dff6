//! A trial of the sign-in before the domain is switched: the assertion that Microsoft 365 would get is made, on the same
//! ground and with the same key, and verified here by what this hub publishes. It goes nowhere.
//!
//! It is made by SAML 2.0. WS-Federation carries the same names under the same key and issuer.

use super::ground::{self, Ground};
use super::issue::{Signed, What, named, sign};
use super::keep::Pending;
use super::request::moment;
use super::{Door, Federation, Why, is_open, party};
use crate::limit::{self, Subject};
use crate::person::SignedIn;
use crate::{Error, Result, Visit};
use jiff::Timestamp;
use provost_saml::entra::{IDP_EMAIL, PERSISTENT};
use provost_saml::metadata::Peer;
use provost_saml::response::{
    Context, Party, Pending as Question, Replay, Seen, ServiceProvider, Verified, receive,
};
use provost_saml::xml::Document;
use provost_saml::{EntityId, Error as Saml};
use provost_store::federation::{self as stored, Protocol, Trial};
use provost_store::identifier::{self, LinkState};
use provost_store::microsoft_365;
use provost_store::{Tx, audit};
use uuid::Uuid;

/// Providers of a workspace that are looked through for somebody's own.
const PROVIDERS: i64 = 100;

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The assertion was verified, and is kept as a trial.
    Proved(Proof),
    /// There is none, or it does not hold.
    Refused(Why),
}

/// What a verified assertion said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Who signs.
    pub issuer: String,
    /// For whom: Microsoft 365.
    pub audience: String,
    /// The immutable id, the same as Microsoft holds.
    pub immutable_id: String,
    /// The userPrincipalName.
    pub name: String,
    /// Whether it claims a second factor.
    pub two_factor: bool,
    /// The SHA-256 of the certificate whose key has signed, in hexadecimal.
    pub certificate: String,
    /// The id of the assertion.
    pub assertion: String,
    /// How the domain is to talk; the trial itself is by SAML 2.0.
    pub protocol: Protocol,
}

/// One assertion is looked at once: there is nothing to be played again.
struct Once;

impl Replay for Once {
    fn keep(&mut self, _: &str, _: &str, _: Timestamp) -> Seen {
        Seen::First
    }
}

impl Federation {
    /// The providers through which somebody can try their sign-in: they are linked to an account of its tenant. The public
    /// id and the domain of each.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn trials(&self, signed: &SignedIn) -> Result<Vec<(Uuid, String)>> {
        let (workspace, person) = (signed.person.workspace, signed.person.key);
        self.0
            .read(move |tx| {
                let mut found = Vec::new();
                for provider in microsoft_365::list(tx, workspace, "", PROVIDERS)? {
                    let Some(connection) = provider.connection.filter(|_| is_open(&provider)) else {
                        continue;
                    };
                    let stands = identifier::person(tx, connection, person)?;
                    if stands.is_some_and(|one| one.state == LinkState::Linked) {
                        found.push((provider.id, provider.domain));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// Makes the assertion about whoever is signed in, verifies it, and keeps that it holds. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::Wait`] when one person tries too often; [`Error::Store`].
    pub async fn try_out(&self, door: &Door, signed: &SignedIn, visit: &Visit, now: i64) -> Result<Tried> {
        let provider = &door.provider;
        let Some(party) = party::of(&provider.settings) else {
            return self.not_proved(door, signed, visit, Why::Cloud, now).await;
        };
        let signing = self.signing(provider, now).await?;
        let (key, who) = (provider.key, signed.clone());
        let (looked, protocol) = self
            .0
            .read(move |tx| Ok((ground::look(tx, now, key, &who)?, stored::of(tx, key)?.protocol)))
            .await?;
        let ground = match looked {
            Ok(ground) if ground.key == signing.kept.key => ground,
            Ok(_) => return self.not_proved(door, signed, visit, Why::Changed, now).await,
            Err(why) => return self.not_proved(door, signed, visit, why, now).await,
        };
        let certificate = signing.kept.certificate.sha256();
        let request = super::issue::message_id()?.as_str().to_owned();
        let what = What {
            door: door.clone(),
            party: party.clone(),
            pending: question(door, &request, now),
            signed: signed.clone(),
            ground: ground.clone(),
            now,
        };
        let made = self.0.0.signers.run(move || sign(&what, signing)).await?;
        let published = self.metadata(door, now).await?;
        let verified = verify(door, &party, &published, (&made, &request), now);
        let holds = verified.ok().filter(|found| is_said(found, &made, &ground));
        let Some(found) = holds else {
            return self.not_proved(door, signed, visit, Why::Unverified, now).await;
        };
        let proof = Proof {
            issuer: found.issuer().to_owned(),
            audience: party.entity_id().as_str().to_owned(),
            immutable_id: found.name_id().to_owned(),
            name: ground.name.clone(),
            two_factor: found.context() == Some(Context::MultipleFactors.class()),
            certificate,
            assertion: made.assertion,
            protocol,
        };
        self.proved(door, signed, visit, (ground, proof), now).await
    }

    async fn proved(
        &self,
        door: &Door,
        signed: &SignedIn,
        visit: &Visit,
        (ground, proof): (Ground, Proof),
        now: i64,
    ) -> Result<Tried> {
        let (provider, who, kept) = (door.provider.clone(), signed.clone(), proof.clone());
        let stands = self
            .0
            .settle(move |tx| {
                if let Some(seconds) = waits(tx, now, &who)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                // What was verified has to be what is: a key that came in between, a link that went.
                if ground::look(tx, now, provider.key, &who)?.as_ref() != Ok(&ground) {
                    return Ok(Ok(false));
                }
                let trial = Trial {
                    at: now,
                    name: kept.name.clone(),
                    immutable_id: kept.immutable_id.clone(),
                    issuer: kept.issuer.clone(),
                    certificate: kept.certificate.clone(),
                    two_factor: kept.two_factor,
                    assertion: kept.assertion.clone(),
                };
                let (key, actor, id) = named(&who);
                stored::put_trial(tx, &provider, (key, &actor, id), &trial)?;
                Ok(Ok(true))
            })
            .await?;
        match stands {
            true => Ok(Tried::Proved(proof)),
            false => self.not_proved(door, signed, visit, Why::Changed, now).await,
        }
    }

    /// Says why, and leaves an audit row.
    async fn not_proved(
        &self,
        door: &Door,
        signed: &SignedIn,
        visit: &Visit,
        why: Why,
        now: i64,
    ) -> Result<Tried> {
        let (provider, who) = (door.provider.clone(), signed.clone());
        let address = visit.address.to_canonical().to_string();
        self.0
            .settle(move |tx| {
                if let Some(seconds) = waits(tx, now, &who)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let (_, actor, id) = named(&who);
                let subject = id.hyphenated().to_string();
                let detail = format!("provider {}: {}, from {address}", provider.name, why.as_str());
                let action = "federation.trial.refused";
                Ok(Ok(audit::append_named(
                    tx,
                    provider.workspace,
                    now,
                    &actor,
                    action,
                    &subject,
                    &detail,
                )?))
            })
            .await?;
        Ok(Tried::Refused(why))
    }
}

fn waits(tx: &mut Tx, now: i64, who: &SignedIn) -> Result<Option<i64>> {
    limit::take(tx, now, &Subject::federated(who.person.key), limit::FEDERATED)
}

/// What Microsoft 365 would ask.
fn question(door: &Door, request: &str, now: i64) -> Pending {
    Pending {
        provider: door.provider.key,
        passive: false,
        id: Some(request.to_owned()),
        state: None,
        max_age: None,
        silent: false,
        name_fits: true,
        came: now,
    }
}

/// Verifies an answer as Microsoft 365 would, by the certificates of the metadata.
fn verify(
    door: &Door,
    party: &Party,
    published: &str,
    (made, request): (&Signed, &str),
    now: i64,
) -> std::result::Result<Verified, Saml> {
    let issuer = EntityId::parse(&door.addresses.issuer)?;
    let peer = Peer::read(&Document::parse(published.as_bytes())?, &issuer)?;
    let reply = party.reply(None)?.clone();
    let service = ServiceProvider::new(party.entity_id().clone(), reply, issuer, peer.certificates)?;
    let question = Question {
        request_id: request.to_owned(),
        asked_at: moment(now),
        force_authn: false,
    };
    let fields = &made.answer.fields;
    let field = fields.iter().find(|(name, _)| *name == "SAMLResponse");
    let (_, field) = field.ok_or(Saml::Missing { what: "SAMLResponse" })?;
    receive(field, &service, Some(&question), moment(now), &mut Once)
}

/// Whether what was verified says what Microsoft 365 has to hear.
fn is_said(found: &Verified, made: &Signed, ground: &Ground) -> bool {
    found.name_id() == ground.immutable_id
        && found.name_id_format() == Some(PERSISTENT)
        && found.value(IDP_EMAIL) == Some(ground.name.as_str())
        && found.assertion_id() == made.assertion
}
