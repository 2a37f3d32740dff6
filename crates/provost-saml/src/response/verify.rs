//! Verifying a response, row by row of the table of checks: structure, then the signature, then everything else, read
//! below what the signature covers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::claims::Verified;
use super::confirm;
use super::party::{Pending, Replay, Seen, ServiceProvider};
use crate::binding;
use crate::error::{Error, Result};
use crate::names::{ASSERTION, PROTOCOL, SUCCESS};
use crate::signature::{Signed, Trust, check_places, signature_of, verify as verify_signature};
use crate::time::{self, SKEW};
use crate::xml::{Document, ElementId};

/// Reads the form field `SAMLResponse` and verifies what is in it.
///
/// # Errors
/// Those of [`binding::decode`] and of [`verify`].
pub fn receive(
    field: &str,
    provider: &ServiceProvider,
    pending: Option<&Pending>,
    now: Timestamp,
    replay: &mut impl Replay,
) -> Result<Verified> {
    verify(&binding::decode(field)?, provider, pending, now, replay)
}

/// Verifies a response to a question that this browser asked.
///
/// # Errors
/// Each check has a variant of [`Error`]. Whoever brought the response is told none of them.
pub fn verify(
    document: &Document,
    provider: &ServiceProvider,
    pending: Option<&Pending>,
    now: Timestamp,
    replay: &mut impl Replay,
) -> Result<Verified> {
    let response = Response::find(document)?;
    let assertion = response.verify_signatures(provider, now)?;
    response.check_envelope(provider, assertion)?;
    // Only an answer to a question counts: there is no sign-in that the other side begins.
    let pending = pending.ok_or(Error::Unsolicited)?;
    response.check_question(pending)?;

    let assertion = assertion.element();
    let (name_id, name_id_format) = subject(document, assertion)?;
    let confirmed = confirm::subject(document, assertion, provider, pending, now)?;
    let valid = confirm::conditions(document, assertion, provider, now)?;
    let statement = authn_statement(document, assertion, pending, now)?;
    let attributes = attributes(document, assertion)?;
    let assertion_id = required(document, assertion, "ID")?;
    let until = time::after(confirmed.max(valid), SKEW);
    match replay.keep(provider.issuer.as_str(), assertion_id, until) {
        Seen::First => {}
        Seen::Again => return Err(Error::Replay),
        Seen::Unknown => return Err(Error::ReplayUnknown),
    }
    Ok(Verified {
        issuer: provider.issuer.as_str().to_owned(),
        assertion_id: assertion_id.to_owned(),
        name_id: name_id.to_owned(),
        name_id_format: name_id_format.map(str::to_owned),
        authn_instant: statement.at,
        // Only told: what the assertion is good for is in its conditions.
        issued: document
            .attribute(assertion, "IssueInstant")
            .and_then(|text| time::read(text, "IssueInstant").ok()),
        session_index: statement.session_index,
        context: statement.context,
        attributes,
    })
}

/// A response with exactly one assertion, where it belongs.
struct Response<'a> {
    document: &'a Document,
    root: ElementId,
    assertion: ElementId,
}

impl<'a> Response<'a> {
    fn find(document: &'a Document) -> Result<Self> {
        let root = document.root();
        if !document.is(root, PROTOCOL, "Response") {
            return Err(Error::Root { wanted: "Response" });
        }
        check_version(document, root)?;
        // By local name and everywhere: what a look-alike namespace calls an assertion has no place here either.
        for hidden in ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute"] {
            if document.count(hidden) > 0 {
                return Err(Error::Encrypted);
            }
        }
        let found = document.count("Assertion");
        let assertion = document.named(root, ASSERTION, "Assertion").next();
        let (1, Some(assertion)) = (found, assertion) else {
            // Who was refused has no assertion: the reason is worth more than its absence.
            status(document, root)?;
            return Err(Error::Assertions { found });
        };
        check_version(document, assertion)?;
        check_places(document, &[root, assertion])?;
        Ok(Self {
            document,
            root,
            assertion,
        })
    }

    fn verify_signatures(&self, provider: &ServiceProvider, now: Timestamp) -> Result<Signed> {
        let trust = Trust {
            certificates: &provider.certificates,
            sha1: provider.sha1,
            now,
        };
        let of_response = signature_of(self.document, self.root)?;
        let Some(of_assertion) = signature_of(self.document, self.assertion)? else {
            return Err(match of_response {
                Some(_) => Error::ResponseSignedOnly,
                None => Error::Unsigned,
            });
        };
        let signed = verify_signature(self.document, self.assertion, of_assertion, "ID", trust)?;
        if let Some(signature) = of_response {
            verify_signature(self.document, self.root, signature, "ID", trust)?;
        }
        Ok(signed)
    }

    /// Whose it is, for which address, and whether it signs somebody in at all.
    fn check_envelope(&self, provider: &ServiceProvider, assertion: Signed) -> Result<()> {
        let document = self.document;
        let issuer = document.one(assertion.element(), ASSERTION, "Issuer")?;
        if document.leaf(issuer, "Issuer")? != provider.issuer.as_str() {
            return Err(Error::Issuer);
        }
        if let Some(issuer) = document.maybe_one(self.root, ASSERTION, "Issuer")?
            && document.leaf(issuer, "Issuer")? != provider.issuer.as_str()
        {
            return Err(Error::Issuer);
        }
        if document.attribute(self.root, "Destination") != Some(provider.acs.as_str()) {
            return Err(Error::Destination);
        }
        status(document, self.root)
    }

    fn check_question(&self, pending: &Pending) -> Result<()> {
        match self.document.attribute(self.root, "InResponseTo") {
            None => Err(Error::Unsolicited),
            Some(id) if id == pending.request_id => Ok(()),
            Some(_) => Err(Error::InResponseTo),
        }
    }
}

fn check_version(document: &Document, element: ElementId) -> Result<()> {
    if document.attribute(element, "Version") == Some("2.0") {
        Ok(())
    } else {
        Err(Error::Version)
    }
}

fn required<'a>(document: &'a Document, element: ElementId, what: &'static str) -> Result<&'a str> {
    document
        .attribute(element, what)
        .filter(|value| !value.is_empty())
        .ok_or(Error::Missing { what })
}

/// The status of a response: success, or why not.
pub(crate) fn status(document: &Document, response: ElementId) -> Result<()> {
    let status = document.one(response, PROTOCOL, "Status")?;
    let code = document.one(status, PROTOCOL, "StatusCode")?;
    let top = required(document, code, "Value")?;
    if top == SUCCESS {
        return Ok(());
    }
    let second = document
        .maybe_one(code, PROTOCOL, "StatusCode")?
        .and_then(|code| document.attribute(code, "Value"));
    let message = match document.maybe_one(status, PROTOCOL, "StatusMessage")? {
        Some(message) => document.leaf(message, "StatusMessage")?,
        None => "",
    };
    Err(crate::entra::status(second.unwrap_or(top), message))
}

/// Row 17: exactly one name, a leaf, of exactly one subject.
fn subject(document: &Document, assertion: ElementId) -> Result<(&str, Option<&str>)> {
    let subject = document.one(assertion, ASSERTION, "Subject")?;
    let name = document
        .maybe_one(subject, ASSERTION, "NameID")?
        .ok_or(Error::NameId)?;
    let value = document.leaf(name, "NameID")?;
    if value.trim().is_empty() {
        return Err(Error::NameId);
    }
    Ok((value, document.attribute(name, "Format")))
}

struct Statement {
    at: Timestamp,
    session_index: Option<String>,
    context: Option<String>,
}

/// Row 16. Statements may stand in any order: Entra ID puts this one last.
fn authn_statement(
    document: &Document,
    assertion: ElementId,
    pending: &Pending,
    now: Timestamp,
) -> Result<Statement> {
    let statement = document.one(assertion, ASSERTION, "AuthnStatement")?;
    let at = time::read(required(document, statement, "AuthnInstant")?, "AuthnInstant")?;
    if at > time::after(now, SKEW) {
        return Err(Error::AuthnFuture);
    }
    if pending.force_authn && at < time::before(pending.asked_at, SKEW) {
        return Err(Error::AuthnOld);
    }
    if let Some(end) = document.attribute(statement, "SessionNotOnOrAfter")
        && time::before(now, SKEW) >= time::read(end, "SessionNotOnOrAfter")?
    {
        return Err(Error::SessionOver);
    }
    let context = match document.maybe_one(statement, ASSERTION, "AuthnContext")? {
        None => None,
        Some(context) => document
            .maybe_one(context, ASSERTION, "AuthnContextClassRef")?
            .map(|class| document.leaf(class, "AuthnContextClassRef"))
            .transpose()?,
    };
    Ok(Statement {
        at,
        session_index: document.attribute(statement, "SessionIndex").map(str::to_owned),
        context: context.map(str::to_owned),
    })
}

/// The claims. One that stands there twice is refused: nobody knows which of the two another reader takes.
fn attributes(document: &Document, assertion: ElementId) -> Result<BTreeMap<String, Vec<String>>> {
    let mut found = BTreeMap::new();
    for statement in document.named(assertion, ASSERTION, "AttributeStatement") {
        for attribute in document.named(statement, ASSERTION, "Attribute") {
            let name = required(document, attribute, "Name")?;
            let values = document
                .named(attribute, ASSERTION, "AttributeValue")
                .map(|value| document.leaf(value, "AttributeValue").map(str::to_owned))
                .collect::<Result<Vec<_>>>()?;
            if found.insert(name.to_owned(), values).is_some() {
                return Err(Error::SameAssertionAttribute);
            }
        }
    }
    Ok(found)
}
