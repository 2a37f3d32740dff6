//! Issuing: a signed assertion of SAML 1.1, in the response that a browser carries.

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::names::{WS_POLICY, WS_UTILITY, addressing, saml_11, trust};
use crate::response::{Authn, Context, EARLIER, IdentityProvider, Ids, LIFE, Party};
use crate::signature::{Place, sign};
use crate::time;
use crate::xml::{Document, ElementId, NO_ATTRIBUTES, Tag};

const BEARER: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:1.0:am:password";

/// Whom a token names, as Microsoft 365 asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The immutable id, in the letters in which it is kept.
    pub immutable_id: &'a str,
    /// The user principal name.
    pub user_principal_name: &'a str,
}

/// Everything that goes into an answer.
#[derive(Debug, Clone)]
pub struct PassiveAnswer<'a> {
    /// Its ids; a token of SAML 1.1 uses the assertion's only.
    pub ids: &'a Ids,
    /// Whom it names.
    pub claims: Claims<'a>,
    /// How and when they proved it.
    pub authn: Authn,
    /// When it is issued.
    pub now: Timestamp,
}

impl IdentityProvider {
    /// The value of `wresult`: a `RequestSecurityTokenResponse` with a signed token.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is empty or too long; [`Error::Key`] when the key cannot sign.
    pub fn answer_passive(&self, party: &Party, answer: &PassiveAnswer<'_>) -> Result<String> {
        crate::entra::subject(answer.claims.immutable_id, &[])?;
        if answer.claims.user_principal_name.is_empty() {
            return Err(Error::Value {
                what: "the user principal name",
            });
        }
        let mut document = Document::begin(trust("RequestSecurityTokenResponse"), NO_ATTRIBUTES);
        let root = document.root();
        let lifetime = document.add(root, trust("Lifetime"), NO_ATTRIBUTES);
        let end = time::write(time::after(answer.now, LIFE));
        for (name, at) in [("Created", &time::write(answer.now)), ("Expires", &end)] {
            document.add_leaf(lifetime, Tag::new("wsu", WS_UTILITY, name), NO_ATTRIBUTES, at);
        }
        let applies = document.add(root, Tag::new("wsp", WS_POLICY, "AppliesTo"), NO_ATTRIBUTES);
        let reference = document.add(applies, addressing("EndpointReference"), NO_ATTRIBUTES);
        let realm = party.entity_id().as_str();
        document.add_leaf(reference, addressing("Address"), NO_ATTRIBUTES, realm);
        let requested = document.add(root, trust("RequestedSecurityToken"), NO_ATTRIBUTES);
        let token = self.token(&mut document, requested, party, answer);
        let (key, certificate) = (&self.key, &self.certificate);
        sign(
            &mut document,
            token,
            "AssertionID",
            Place::Last,
            &[],
            key,
            certificate,
        )?;
        for (name, value) in [
            ("TokenType", "urn:oasis:names:tc:SAML:1.0:assertion"),
            ("RequestType", "http://schemas.xmlsoap.org/ws/2005/02/trust/Issue"),
            (
                "KeyType",
                "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
            ),
        ] {
            document.add_leaf(root, trust(name), NO_ATTRIBUTES, value);
        }
        document.write()
    }

    fn token(
        &self,
        document: &mut Document,
        parent: ElementId,
        party: &Party,
        answer: &PassiveAnswer<'_>,
    ) -> ElementId {
        let (at, start, end) = (
            time::write(answer.now),
            time::write(time::before(answer.now, EARLIER)),
            time::write(time::after(answer.now, LIFE)),
        );
        let token = document.add(
            parent,
            saml_11("Assertion"),
            [
                ("MajorVersion", "1"),
                ("MinorVersion", "1"),
                ("AssertionID", answer.ids.assertion.as_str()),
                ("Issuer", self.entity_id().as_str()),
                ("IssueInstant", at.as_str()),
            ],
        );
        let conditions = document.add(
            token,
            saml_11("Conditions"),
            [("NotBefore", start.as_str()), ("NotOnOrAfter", end.as_str())],
        );
        let restriction = document.add(conditions, saml_11("AudienceRestrictionCondition"), NO_ATTRIBUTES);
        let realm = party.entity_id().as_str();
        document.add_leaf(restriction, saml_11("Audience"), NO_ATTRIBUTES, realm);
        attributes(document, token, answer);

        let method = match answer.authn.context {
            Context::MultipleFactors => Context::MultipleFactors.class(),
            Context::Password => PASSWORD,
        };
        let instant = time::write(answer.authn.at);
        let statement = document.add(
            token,
            saml_11("AuthenticationStatement"),
            [
                ("AuthenticationMethod", method),
                ("AuthenticationInstant", instant.as_str()),
            ],
        );
        subject(document, statement, answer);
        token
    }
}

fn attributes(document: &mut Document, token: ElementId, answer: &PassiveAnswer<'_>) {
    let statement = document.add(token, saml_11("AttributeStatement"), NO_ATTRIBUTES);
    subject(document, statement, answer);
    let mut claims = vec![
        (
            "http://schemas.xmlsoap.org/claims",
            "UPN",
            answer.claims.user_principal_name,
        ),
        (
            "http://schemas.microsoft.com/LiveID/Federation/2008/05",
            "ImmutableID",
            answer.claims.immutable_id,
        ),
    ];
    // Said when it happened, and left out when it did not: Microsoft 365 then asks for a second factor itself.
    if answer.authn.context == Context::MultipleFactors {
        claims.push((
            "http://schemas.microsoft.com/claims",
            "authnmethodsreferences",
            Context::MultipleFactors.class(),
        ));
    }
    let instant = time::write(answer.authn.at);
    claims.push((
        "http://schemas.microsoft.com/ws/2008/06/identity/claims",
        "authenticationinstant",
        &instant,
    ));
    for (namespace, name, value) in claims {
        let attribute = document.add(
            statement,
            saml_11("Attribute"),
            [("AttributeName", name), ("AttributeNamespace", namespace)],
        );
        document.add_leaf(attribute, saml_11("AttributeValue"), NO_ATTRIBUTES, value);
    }
}

fn subject(document: &mut Document, statement: ElementId, answer: &PassiveAnswer<'_>) {
    let subject = document.add(statement, saml_11("Subject"), NO_ATTRIBUTES);
    let name = answer.claims.immutable_id;
    document.add_leaf(
        subject,
        saml_11("NameIdentifier"),
        [("Format", UNSPECIFIED)],
        name,
    );
    let confirmation = document.add(subject, saml_11("SubjectConfirmation"), NO_ATTRIBUTES);
    document.add_leaf(confirmation, saml_11("ConfirmationMethod"), NO_ATTRIBUTES, BEARER);
}
