//! Signing out: requests read and made, responses read and made.
//!
//! A request without a signature is a question, and ends at most the session of the browser that carries it. The answer
//! goes to a registered address, never to one that a message names.
//!
//! Source: SAML 2.0 Core section 3.7, Profiles section 4.4; Microsoft, "Single sign-out SAML protocol".

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::names::{ASSERTION, PROTOCOL, SUCCESS, saml, samlp};
use crate::request::message_id;
use crate::response::{Party, status};
use crate::xml::{Document, NO_ATTRIBUTES};
use crate::{Endpoint, EntityId, MessageId, time};

/// A request to sign somebody out, as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Its id, which the answer names.
    pub id: String,
    /// Whom it means, in the words of who asks.
    pub name_id: Option<String>,
    /// Which of their sessions; none means all.
    pub session_indexes: Vec<String>,
}

impl std::fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutRequest")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A message of ours about signing out.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    /// Its id.
    pub id: &'a MessageId,
    /// Whose it is.
    pub issuer: &'a EntityId,
    /// Where it goes.
    pub destination: &'a Endpoint,
    /// When it is sent.
    pub now: Timestamp,
}

impl LogoutRequest {
    /// Reads a request of a registered application.
    ///
    /// # Errors
    /// [`Error::Root`], [`Error::Version`], [`Error::UnknownParty`], [`Error::Destination`], [`Error::Late`] for one
    /// that is over, and those of a value that is missing or stands there twice.
    pub fn read(document: &Document, party: &Party, own: &Endpoint, now: Timestamp) -> Result<Self> {
        let root = document.root();
        check(document, "LogoutRequest", own)?;
        let issuer = document.one(root, ASSERTION, "Issuer")?;
        if !party.is(document.leaf(issuer, "Issuer")?) {
            return Err(Error::UnknownParty);
        }
        if let Some(end) = document.attribute(root, "NotOnOrAfter")
            && time::before(now, time::SKEW) >= time::read(end, "NotOnOrAfter")?
        {
            return Err(Error::Late);
        }
        let name_id = document
            .maybe_one(root, ASSERTION, "NameID")?
            .map(|name| document.leaf(name, "NameID").map(str::to_owned))
            .transpose()?;
        let session_indexes = document
            .named(root, PROTOCOL, "SessionIndex")
            .map(|index| document.leaf(index, "SessionIndex").map(str::to_owned))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            id: message_id(document, root)?.to_owned(),
            name_id,
            session_indexes,
        })
    }
}

/// Reads the answer to a request of ours.
///
/// # Errors
/// [`Error::Issuer`], [`Error::InResponseTo`], [`Error::Status`] when they were not signed out, and those of its shape.
pub fn read_response(document: &Document, issuer: &EntityId, own: &Endpoint, asked: &str) -> Result<()> {
    let root = document.root();
    check(document, "LogoutResponse", own)?;
    let found = document.one(root, ASSERTION, "Issuer")?;
    if document.leaf(found, "Issuer")? != issuer.as_str() {
        return Err(Error::Issuer);
    }
    if document.attribute(root, "InResponseTo") != Some(asked) {
        return Err(Error::InResponseTo);
    }
    status(document, root)
}

fn check(document: &Document, wanted: &'static str, own: &Endpoint) -> Result<()> {
    let root = document.root();
    if !document.is(root, PROTOCOL, wanted) {
        return Err(Error::Root { wanted });
    }
    if document.attribute(root, "Version") != Some("2.0") {
        return Err(Error::Version);
    }
    match document.attribute(root, "Destination") {
        Some(destination) if destination != own.as_str() => Err(Error::Destination),
        _ => Ok(()),
    }
}

/// A request to sign somebody out. `name_id` has to be there, though Entra ID does not use it.
///
/// # Errors
/// [`Error::Value`] without a name.
pub fn request(out: &Outgoing<'_>, name_id: &str, session_index: Option<&str>) -> Result<String> {
    if name_id.is_empty() {
        return Err(Error::Value {
            what: "the name of who is signed out",
        });
    }
    let mut document = envelope(out, "LogoutRequest", None);
    let root = document.root();
    document.add_leaf(root, saml("NameID"), NO_ATTRIBUTES, name_id);
    if let Some(index) = session_index {
        document.add_leaf(root, samlp("SessionIndex"), NO_ATTRIBUTES, index);
    }
    document.write()
}

/// The answer to a request: they are signed out here.
///
/// # Errors
/// [`Error::Canonical`] when it becomes too long, which it cannot.
pub fn response(out: &Outgoing<'_>, in_response_to: &str) -> Result<String> {
    let mut document = envelope(out, "LogoutResponse", Some(in_response_to));
    let root = document.root();
    let status = document.add(root, samlp("Status"), NO_ATTRIBUTES);
    document.add(status, samlp("StatusCode"), [("Value", SUCCESS)]);
    document.write()
}

fn envelope(out: &Outgoing<'_>, name: &'static str, in_response_to: Option<&str>) -> Document {
    let at = time::write(out.now);
    let mut attributes = vec![
        ("ID", out.id.as_str()),
        ("Version", "2.0"),
        ("IssueInstant", at.as_str()),
        ("Destination", out.destination.as_str()),
    ];
    attributes.extend(in_response_to.map(|id| ("InResponseTo", id)));
    let mut document = Document::begin(samlp(name), attributes);
    let root = document.root();
    document.add_leaf(root, saml("Issuer"), NO_ATTRIBUTES, out.issuer.as_str());
    document
}
