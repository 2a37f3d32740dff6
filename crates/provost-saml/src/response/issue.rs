//! Issuing responses. Values are put into a tree; the writer escapes them.

use jiff::{SignedDuration, Timestamp};

use super::party::Party;
use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::key::SigningKey;
use crate::names::{BEARER, SUCCESS, saml, samlp};
use crate::signature::{Place, sign};
use crate::xml::{Document, ElementId, NO_ATTRIBUTES};
use crate::{Endpoint, EntityId, MessageId, time};

/// How long an assertion is good for, from its issue.
pub const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How much earlier than its issue it begins to be: the other side's clock may be slow.
pub const EARLIER: SignedDuration = SignedDuration::from_mins(1);
/// The longest name and the longest value of a claim, in bytes.
const MAX_VALUE: usize = 4_096;

/// An identity provider of ours: its name, its key, and the certificate that carries the key's public half.
#[derive(Debug)]
pub struct IdentityProvider {
    pub(crate) entity_id: EntityId,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
}

impl IdentityProvider {
    /// # Errors
    /// [`Error::KeyOfAnother`] when the certificate is not the key's.
    pub fn new(entity_id: EntityId, key: SigningKey, certificate: Certificate) -> Result<Self> {
        if !key.is_of(certificate.key()) {
            return Err(Error::KeyOfAnother);
        }
        Ok(Self {
            entity_id,
            key,
            certificate,
        })
    }

    /// Its name: the issuer.
    #[must_use]
    pub fn entity_id(&self) -> &EntityId {
        &self.entity_id
    }

    /// The certificate that others verify with.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// Whom an answer names.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The kind of name.
    pub format: &'a str,
    /// The name. For Microsoft 365 the immutable id, in the letters in which it is kept.
    pub name: &'a str,
    /// Claims and their values. No claim may stand there twice.
    pub claims: &'a [(&'a str, &'a [&'a str])],
}

/// How and when somebody proved who they are: what really happened, never a setting.
#[derive(Debug, Clone, Copy)]
pub struct Authn {
    /// When.
    pub at: Timestamp,
    /// How.
    pub context: Context,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// By two factors: a passkey that verified its user, or a password and a code.
    MultipleFactors,
    /// By a password alone.
    Password,
}

impl Context {
    /// The class, in the words that Microsoft Entra knows.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::MultipleFactors => "http://schemas.microsoft.com/claims/multipleauthn",
            Self::Password => "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        }
    }
}

/// New ids for what is issued.
#[derive(Debug, Clone)]
pub struct Ids {
    /// Of the response.
    pub response: MessageId,
    /// Of the assertion.
    pub assertion: MessageId,
    /// Of the session, the same for all assertions of one session.
    pub session: MessageId,
}

/// Everything that goes into an answer.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Its ids.
    pub ids: &'a Ids,
    /// The request's id; none for a sign-in that nobody asked for.
    pub in_response_to: Option<&'a str>,
    /// Where it goes: one of the application's own addresses ([`Party::reply`]).
    pub reply: &'a Endpoint,
    /// Whom it names.
    pub subject: Subject<'a>,
    /// How they proved it.
    pub authn: Authn,
    /// When it is issued.
    pub now: Timestamp,
}

/// Why somebody is not signed in, as the other side is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody is signed in, and the request forbids to ask.
    NoPassive,
    /// The request asks for a kind of name that is not given.
    NameIdFormat,
    /// They are not to be signed in.
    Denied,
    /// The request asks for a way of proving that is not there.
    NoContext,
}

impl NoAnswer {
    fn codes(self) -> (&'static str, &'static str) {
        const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
        const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
        match self {
            Self::NoPassive => (RESPONDER, "urn:oasis:names:tc:SAML:2.0:status:NoPassive"),
            Self::NameIdFormat => (
                REQUESTER,
                "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy",
            ),
            Self::Denied => (RESPONDER, "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"),
            Self::NoContext => (RESPONDER, "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"),
        }
    }
}

impl IdentityProvider {
    /// A response with a signed assertion, as it goes into the form field `SAMLResponse` after [`crate::binding::encode`].
    ///
    /// # Errors
    /// [`Error::ForeignReply`] for an address that is not the application's; [`Error::Value`] for an empty name, a value
    /// that is too long, or a claim that stands there twice; [`Error::Key`] when the key cannot sign.
    pub fn answer(&self, party: &Party, answer: &Answer<'_>) -> Result<String> {
        party.reply(Some(answer.reply.as_str()))?;
        check(&answer.subject)?;
        let at = time::write(answer.now);
        let mut document = self.envelope(&answer.ids.response, answer.in_response_to, answer.reply, &at);
        let root = document.root();
        let status = document.add(root, samlp("Status"), NO_ATTRIBUTES);
        document.add(status, samlp("StatusCode"), [("Value", SUCCESS)]);

        let assertion = document.add(
            root,
            saml("Assertion"),
            [
                ("ID", answer.ids.assertion.as_str()),
                ("Version", "2.0"),
                ("IssueInstant", at.as_str()),
            ],
        );
        let issuer = document.add_leaf(assertion, saml("Issuer"), NO_ATTRIBUTES, self.entity_id.as_str());
        subject(&mut document, assertion, answer);
        conditions(&mut document, assertion, party, answer.now);
        statements(&mut document, assertion, answer);
        let place = Place::After(issuer);
        sign(
            &mut document,
            assertion,
            "ID",
            place,
            &[],
            &self.key,
            &self.certificate,
        )?;
        document.write()
    }

    /// A response that signs nobody in, and says why. It is signed itself.
    ///
    /// # Errors
    /// [`Error::ForeignReply`] for an address that is not the application's; [`Error::Key`] when the key cannot sign.
    pub fn refuse(
        &self,
        party: &Party,
        reply: &Endpoint,
        in_response_to: Option<&str>,
        why: NoAnswer,
        id: &MessageId,
        now: Timestamp,
    ) -> Result<String> {
        party.reply(Some(reply.as_str()))?;
        let mut document = self.envelope(id, in_response_to, reply, &time::write(now));
        let root = document.root();
        let (top, second) = why.codes();
        let status = document.add(root, samlp("Status"), NO_ATTRIBUTES);
        let code = document.add(status, samlp("StatusCode"), [("Value", top)]);
        document.add(code, samlp("StatusCode"), [("Value", second)]);
        let issuer = document.children(root).next().ok_or(Error::Canonical)?;
        let place = Place::After(issuer);
        sign(
            &mut document,
            root,
            "ID",
            place,
            &[],
            &self.key,
            &self.certificate,
        )?;
        document.write()
    }

    fn envelope(&self, id: &MessageId, in_response_to: Option<&str>, reply: &Endpoint, at: &str) -> Document {
        let mut attributes = vec![
            ("ID", id.as_str()),
            ("Version", "2.0"),
            ("IssueInstant", at),
            ("Destination", reply.as_str()),
        ];
        attributes.extend(in_response_to.map(|id| ("InResponseTo", id)));
        let mut document = Document::begin(samlp("Response"), attributes);
        let root = document.root();
        document.add_leaf(root, saml("Issuer"), NO_ATTRIBUTES, self.entity_id.as_str());
        document
    }
}

/// What a receiver would cut off or refuse is not sent.
pub(crate) fn check(subject: &Subject<'_>) -> Result<()> {
    let fits = |value: &str| !value.is_empty() && value.len() <= MAX_VALUE;
    if !fits(subject.name) || subject.name.trim() != subject.name {
        return Err(Error::Value {
            what: "the subject's name",
        });
    }
    for (at, (name, values)) in subject.claims.iter().enumerate() {
        let twice = subject.claims.iter().take(at).any(|(other, _)| other == name);
        if twice || !fits(name) || values.is_empty() || !values.iter().all(|value| fits(value)) {
            return Err(Error::Value { what: "a claim" });
        }
    }
    Ok(())
}

fn subject(document: &mut Document, assertion: ElementId, answer: &Answer<'_>) {
    let subject = document.add(assertion, saml("Subject"), NO_ATTRIBUTES);
    let named = &answer.subject;
    document.add_leaf(subject, saml("NameID"), [("Format", named.format)], named.name);
    let confirmation = document.add(subject, saml("SubjectConfirmation"), [("Method", BEARER)]);
    let end = time::write(time::after(answer.now, LIFE));
    let mut data = vec![
        ("NotOnOrAfter", end.as_str()),
        ("Recipient", answer.reply.as_str()),
    ];
    data.extend(answer.in_response_to.map(|id| ("InResponseTo", id)));
    document.add(confirmation, saml("SubjectConfirmationData"), data);
}

fn conditions(document: &mut Document, assertion: ElementId, party: &Party, now: Timestamp) {
    let (start, end) = (
        time::write(time::before(now, EARLIER)),
        time::write(time::after(now, LIFE)),
    );
    let conditions = document.add(
        assertion,
        saml("Conditions"),
        [("NotBefore", start.as_str()), ("NotOnOrAfter", end.as_str())],
    );
    let restriction = document.add(conditions, saml("AudienceRestriction"), NO_ATTRIBUTES);
    document.add_leaf(
        restriction,
        saml("Audience"),
        NO_ATTRIBUTES,
        party.entity_id.as_str(),
    );
}

fn statements(document: &mut Document, assertion: ElementId, answer: &Answer<'_>) {
    let at = time::write(answer.authn.at);
    let statement = document.add(
        assertion,
        saml("AuthnStatement"),
        [
            ("AuthnInstant", at.as_str()),
            ("SessionIndex", answer.ids.session.as_str()),
        ],
    );
    let context = document.add(statement, saml("AuthnContext"), NO_ATTRIBUTES);
    let class = answer.authn.context.class();
    document.add_leaf(context, saml("AuthnContextClassRef"), NO_ATTRIBUTES, class);
    if answer.subject.claims.is_empty() {
        return;
    }
    let statement = document.add(assertion, saml("AttributeStatement"), NO_ATTRIBUTES);
    for (name, values) in answer.subject.claims {
        let attribute = document.add(statement, saml("Attribute"), [("Name", *name)]);
        for value in *values {
            document.add_leaf(attribute, saml("AttributeValue"), NO_ATTRIBUTES, value);
        }
    }
}
