//! What an identity provider says, read from its signed token and from nothing else.

use super::realm::Federated;
use super::start::PERSISTENT;
use crate::consent::Refusal;
use crate::directory::Records;
use crate::idp::ask::refusal;
use crate::moment;
use crate::saml::check::{Flaw, lone, verify};
use crate::saml::tree::{Element, Node};
use crate::saml::{ASSERTION, ASSERTION_1, BEARER, MICROSOFT, MULTIPLE, PROTOCOL, SUCCESS};
use crate::token::der;

/// Milliseconds by which clocks may differ.
const SKEW: i64 = 5 * 60_000;
const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
const LIVE_ID: &str = "http://schemas.microsoft.com/LiveID/Federation/2008/05";
const CLAIMS: &str = "http://schemas.xmlsoap.org/claims";
/// Attributes of SAML 1.1 that can say that there was a second factor.
const FACTOR: [(&str, &str); 2] = [
    ("http://schemas.microsoft.com/claims", "authnmethodsreferences"),
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims",
        "authenticationmethod",
    ),
];

/// A checked token.
#[derive(Debug)]
pub(super) struct Claims {
    pub federated: Federated,
    pub id: String,
    pub immutable_id: String,
    /// The user principal name.
    pub email: Option<String>,
    /// There was a second factor.
    pub factor: bool,
    pub answers: Option<String>,
    pub index: Option<String>,
}

/// Where and when a token is looked at.
pub(super) struct Desk<'a> {
    pub records: &'a Records,
    /// Our own address, besides Microsoft's.
    pub reply: &'a str,
    pub now: i64,
    pub delay: i64,
}

/// AADSTS50008 with a reason.
pub(super) fn invalid(reason: &str) -> Refusal {
    refusal(
        50_008,
        format!(
            "The SAML token is invalid. SAML assertions are missing or misconfigured in the token. Contact your federation provider. Reason: {reason}."
        ),
    )
}

impl Desk<'_> {
    fn is_ours(&self, address: Option<&str>) -> bool {
        address == Some(self.reply) || address == Some("https://login.microsoftonline.com/login.srf")
    }

    fn issuer(&self, issuer: &str) -> Result<Federated, Refusal> {
        Federated::by_issuer(self.records, issuer, self.now, self.delay).ok_or_else(|| {
            refusal(
                50_107,
                format!("The requested federation realm object '{issuer}' does not exist."),
            )
        })
    }

    /// Checks the signature of the element at this path with the domain's certificates.
    fn signature(
        &self,
        root: &Element,
        path: &[usize],
        id: &str,
        federated: &Federated,
    ) -> Result<(), Refusal> {
        let keys = ["signingCertificate", "nextSigningCertificate"];
        let keys: Vec<Vec<u8>> = keys
            .iter()
            .filter_map(|name| federated.text(name).and_then(der))
            .collect();
        verify(root, path, id, &keys).map_err(|flaw| match flaw {
            Flaw::UnknownKey => refusal(
                50_012,
                "Authentication failed. The certificate with which the token was signed is not the one configured for the domain.",
            ),
            Flaw::Shape(why) => refusal(
                50_006,
                format!("Signature verification failed because of an invalid signature: {why}."),
            ),
            Flaw::Missing => refusal(
                50_006,
                "Signature verification failed because of an invalid signature: the assertion is not signed.",
            ),
            Flaw::Value | Flaw::Digest => refusal(
                50_006,
                "Signature verification failed because of an invalid signature.",
            ),
        })
    }

    /// Whether the time is within these bounds, both of which must be there.
    fn within(&self, element: &Element) -> bool {
        let time = |name: &str| {
            let text = element.attribute(name).filter(|text| text.ends_with('Z'));
            text.and_then(moment::parse)
        };
        match (time("NotBefore"), time("NotOnOrAfter")) {
            (Some(from), Some(until)) => from - SKEW <= self.now && self.now < until + SKEW,
            _ => false,
        }
    }

    /// An answer of SAML 2.0.
    pub(super) fn saml(&self, root: &Element) -> Result<Claims, Refusal> {
        if !root.is(PROTOCOL, "Response") {
            return Err(invalid("it is no response"));
        }
        let status = root
            .only(PROTOCOL, "Status")
            .and_then(|status| status.only(PROTOCOL, "StatusCode"))
            .and_then(|code| code.attribute("Value"));
        if status != Some(SUCCESS) {
            let status = status.unwrap_or("none");
            return Err(invalid(&format!(
                "the identity provider answered with the status {status}"
            )));
        }
        lone(root).map_err(invalid)?;
        let place = place(root, ASSERTION, "Assertion").ok_or_else(|| invalid("it has no assertion"))?;
        let assertion = root
            .only(ASSERTION, "Assertion")
            .ok_or_else(|| invalid("it has no assertion"))?;
        let issuer = assertion.only(ASSERTION, "Issuer").and_then(Element::text);
        let issuer = issuer.ok_or_else(|| invalid("the assertion has no issuer"))?;
        let federated = self.issuer(&issuer)?;
        if !federated.is_saml() {
            return Err(invalid("the domain is configured for WS-Federation"));
        }
        self.signature(root, &[place], "ID", &federated)?;
        if root.only(crate::saml::SIGNATURE, "Signature").is_some() {
            self.signature(root, &[], "ID", &federated)?;
        }
        if root.attribute("Version") != Some("2.0") || assertion.attribute("Version") != Some("2.0") {
            return Err(invalid("the version must be 2.0"));
        }
        if root
            .attribute("Destination")
            .is_some_and(|to| !self.is_ours(Some(to)))
        {
            return Err(invalid("its destination is another"));
        }
        let outer = root.only(ASSERTION, "Issuer").and_then(Element::text);
        if outer.is_some_and(|outer| outer != issuer) {
            return Err(invalid("the response has another issuer than the assertion"));
        }
        let subject = assertion.only(ASSERTION, "Subject");
        let subject = subject.ok_or_else(|| invalid("the assertion has no subject"))?;
        let answers = self.confirmed(subject)?;
        self.conditions(assertion)?;
        let name = subject
            .only(ASSERTION, "NameID")
            .ok_or_else(|| invalid("the subject has no NameID"))?;
        if name.attribute("Format") != Some(PERSISTENT) {
            return Err(invalid("the format of NameID must be persistent"));
        }
        let immutable_id = name.text().unwrap_or_default();
        let statement = assertion
            .only(ASSERTION, "AuthnStatement")
            .ok_or_else(|| invalid("the assertion has no AuthnStatement"))?;
        let instant = statement.attribute("AuthnInstant").and_then(moment::parse);
        if instant.is_none_or(|at| at > self.now + SKEW) {
            return Err(invalid("the AuthnInstant is missing or lies ahead"));
        }
        let context = statement.only(ASSERTION, "AuthnContext");
        let class = context
            .and_then(|context| context.only(ASSERTION, "AuthnContextClassRef"))
            .and_then(Element::text)
            .ok_or_else(|| invalid("there must be one AuthnContextClassRef"))?;
        if root.attribute("InResponseTo") != answers.as_deref() {
            return Err(invalid("response and confirmation answer different requests"));
        }
        Ok(Claims {
            id: assertion.attribute("ID").unwrap_or_default().to_owned(),
            immutable_id,
            email: email(assertion),
            factor: class == MULTIPLE,
            answers,
            index: statement.attribute("SessionIndex").map(str::to_owned),
            federated,
        })
    }

    /// The request that the bearer's confirmation answers.
    fn confirmed(&self, subject: &Element) -> Result<Option<String>, Refusal> {
        let good = |one: &&Element| {
            let data = one.only(ASSERTION, "SubjectConfirmationData");
            one.attribute("Method") == Some(BEARER)
                && data.is_some_and(|data| {
                    let until = data.attribute("NotOnOrAfter").and_then(moment::parse);
                    self.is_ours(data.attribute("Recipient"))
                        && data.attribute("NotBefore").is_none()
                        && until.is_some_and(|until| self.now < until + SKEW)
                })
        };
        let found = subject.all(ASSERTION, "SubjectConfirmation").find(good);
        let found = found.ok_or_else(|| {
            invalid("nobody may bring it here and now: recipient, method or time of the confirmation")
        })?;
        let data = found.only(ASSERTION, "SubjectConfirmationData");
        let answers = data.and_then(|data| data.attribute("InResponseTo"));
        Ok(answers.map(str::to_owned))
    }

    fn conditions(&self, assertion: &Element) -> Result<(), Refusal> {
        let conditions = assertion.only(ASSERTION, "Conditions");
        let conditions = conditions.ok_or_else(|| invalid("the assertion has no conditions"))?;
        if !self.within(conditions) {
            return Err(invalid("it is not valid now"));
        }
        let audiences: Vec<&Element> = conditions.elements().collect();
        let for_us = |one: &&Element| {
            one.is(ASSERTION, "AudienceRestriction")
                && one
                    .all(ASSERTION, "Audience")
                    .any(|audience| audience.text().as_deref() == Some(MICROSOFT))
        };
        if audiences.is_empty() || !audiences.iter().all(for_us) {
            return Err(invalid("its audience is another"));
        }
        Ok(())
    }

    /// The answer of WS-Federation: a token of SAML 1.1 in its envelope.
    pub(super) fn passive(&self, root: &Element) -> Result<Claims, Refusal> {
        let wrong = |why: &str| refusal(20_012, format!("The WS-Federation message is invalid: {why}."));
        if !root.is(TRUST, "RequestSecurityTokenResponse") {
            return Err(wrong("it is no RequestSecurityTokenResponse"));
        }
        lone(root).map_err(wrong)?;
        let outer = place(root, TRUST, "RequestedSecurityToken").ok_or_else(|| wrong("it has no token"))?;
        let envelope = root
            .only(TRUST, "RequestedSecurityToken")
            .ok_or_else(|| wrong("it has no token"))?;
        let inner = place(envelope, ASSERTION_1, "Assertion")
            .ok_or_else(|| wrong("the token must be an assertion of SAML 1.1"))?;
        let assertion = envelope
            .only(ASSERTION_1, "Assertion")
            .ok_or_else(|| wrong("the token must be an assertion of SAML 1.1"))?;
        let version = (
            assertion.attribute("MajorVersion"),
            assertion.attribute("MinorVersion"),
        );
        if version != (Some("1"), Some("1")) {
            return Err(wrong("the version must be 1.1"));
        }
        let federated = self.issuer(assertion.attribute("Issuer").unwrap_or_default())?;
        if federated.is_saml() {
            return Err(wrong("the domain is configured for SAML 2.0"));
        }
        self.signature(root, &[outer, inner], "AssertionID", &federated)?;
        let conditions = assertion
            .only(ASSERTION_1, "Conditions")
            .ok_or_else(|| invalid("the assertion has no conditions"))?;
        if !self.within(conditions) {
            return Err(invalid("it is not valid now"));
        }
        let audience = conditions.only(ASSERTION_1, "AudienceRestrictionCondition");
        let for_us = audience.is_some_and(|one| {
            one.all(ASSERTION_1, "Audience")
                .any(|audience| audience.text().as_deref() == Some(MICROSOFT))
        });
        if !for_us {
            return Err(invalid("its audience is another"));
        }
        let statements: Vec<&Element> = assertion.all(ASSERTION_1, "AttributeStatement").collect();
        let values = |space: &str, name: &str| -> Vec<String> {
            let attributes = statements
                .iter()
                .flat_map(|statement| statement.all(ASSERTION_1, "Attribute"));
            let named = attributes.filter(|one| {
                one.attribute("AttributeNamespace") == Some(space)
                    && one.attribute("AttributeName") == Some(name)
            });
            named
                .flat_map(|one| one.all(ASSERTION_1, "AttributeValue"))
                .filter_map(Element::text)
                .collect()
        };
        let authenticated = assertion
            .only(ASSERTION_1, "AuthenticationStatement")
            .ok_or_else(|| invalid("the assertion has no AuthenticationStatement"))?;
        let mut immutable = values(LIVE_ID, "ImmutableID");
        let Some(immutable_id) = immutable.pop().filter(|_| immutable.is_empty()) else {
            return Err(refusal(
                90_020,
                "The SAML 1.1 Assertion is missing ImmutableID of the user.",
            ));
        };
        let mut names = values(CLAIMS, "UPN");
        let factor = authenticated.attribute("AuthenticationMethod") == Some(MULTIPLE)
            || FACTOR
                .iter()
                .any(|(space, name)| values(space, name).iter().any(|value| value == MULTIPLE));
        Ok(Claims {
            id: assertion.attribute("AssertionID").unwrap_or_default().to_owned(),
            immutable_id,
            email: names.pop().filter(|_| names.is_empty()),
            factor,
            answers: None,
            index: None,
            federated,
        })
    }
}

/// Where the only child of this name stands.
fn place(element: &Element, space: &str, name: &str) -> Option<usize> {
    element
        .children
        .iter()
        .position(|node| matches!(node, Node::Element(child) if child.is(space, name)))
}

/// The one value of the one attribute `IDPEmail`.
fn email(assertion: &Element) -> Option<String> {
    let statements = assertion.all(ASSERTION, "AttributeStatement");
    let mut found = statements
        .flat_map(|statement| statement.all(ASSERTION, "Attribute"))
        .filter(|one| one.attribute("Name") == Some("IDPEmail"));
    let one = found.next().filter(|_| found.next().is_none())?;
    one.only(ASSERTION, "AttributeValue").and_then(Element::text)
}
