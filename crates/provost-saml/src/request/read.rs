//! Reading a request. Without a signature it is a hint about what to do, and never authority: the answer goes where the
//! application's registration says.

use jiff::Timestamp;

use crate::binding::Incoming;
use crate::error::{Error, Result};
use crate::names::{ASSERTION, PROTOCOL};
use crate::response::Party;
use crate::signature::{Sha1, Trust, check_places, signature_of, verify};
use crate::time;
use crate::xml::{Document, ElementId};
use crate::{Endpoint, EntityId};

/// The longest id of a request: it goes back in the answer.
const MAX_ID: usize = 256;

/// What an application asks, after every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its id, which the answer names.
    pub id: String,
    /// When it was asked, in the words of who asked.
    pub asked_at: Timestamp,
    /// Where the answer goes: always one of the application's registered addresses.
    pub reply: Endpoint,
    /// They have to prove again who they are.
    pub force_authn: bool,
    /// They must not be asked anything: an answer at once, or none.
    pub is_passive: bool,
    /// The kind of name that is asked for.
    pub name_id_format: Option<String>,
    /// Whether a signature of the application was verified.
    pub proven: bool,
}

impl AuthnRequest {
    /// Who a request says that it comes from: to find the registration that [`Self::read`] compares it with.
    ///
    /// # Errors
    /// [`Error::Root`], [`Error::Missing`], [`Error::Several`], [`Error::NotALeaf`].
    pub fn issuer(document: &Document) -> Result<&str> {
        if !document.is(document.root(), PROTOCOL, "AuthnRequest") {
            return Err(Error::Root {
                wanted: "AuthnRequest",
            });
        }
        let issuer = document.one(document.root(), ASSERTION, "Issuer")?;
        document.leaf(issuer, "Issuer")
    }

    /// Reads a request that came by HTTP-POST. Its signature, if the application has to sign, stands in it.
    ///
    /// # Errors
    /// [`Error::RequestUnsigned`] and the variants of a signature; then those of its content, [`Error::UnknownParty`],
    /// [`Error::ForeignReply`], [`Error::Destination`], [`Error::Subject`] among them.
    pub fn read(
        document: &Document,
        party: &Party,
        own: &Endpoint,
        sha1: Sha1,
        now: Timestamp,
    ) -> Result<Self> {
        let root = document.root();
        Self::issuer(document)?;
        check_places(document, &[root])?;
        let mut proven = false;
        if !party.requests.is_empty() {
            let signature = signature_of(document, root)?.ok_or(Error::RequestUnsigned)?;
            let trust = Trust {
                certificates: &party.requests,
                sha1,
                now,
            };
            verify(document, root, signature, "ID", trust)?;
            proven = true;
        }
        Self::content(document, party, own, proven)
    }

    /// Reads a request that came by HTTP-Redirect. Its signature covers the query.
    ///
    /// # Errors
    /// The same.
    pub fn read_redirect(
        incoming: &Incoming<'_>,
        party: &Party,
        own: &Endpoint,
        sha1: Sha1,
        now: Timestamp,
    ) -> Result<Self> {
        Self::issuer(&incoming.document)?;
        // The binding takes signatures out of the message (Bindings section 3.4.4.1).
        check_places(&incoming.document, &[])?;
        let proven = !party.requests.is_empty();
        if proven {
            incoming.verify(&party.requests, sha1, now)?;
        }
        Self::content(&incoming.document, party, own, proven)
    }

    fn content(document: &Document, party: &Party, own: &Endpoint, proven: bool) -> Result<Self> {
        let root = document.root();
        if Self::issuer(document)? != party.entity_id().as_str() {
            return Err(Error::UnknownParty);
        }
        if document.attribute(root, "Version") != Some("2.0") {
            return Err(Error::Version);
        }
        match document.attribute(root, "Destination") {
            // Who signs has to say for whom (Bindings section 3.4.5.2): else the request is good anywhere.
            None if proven => return Err(Error::Destination),
            Some(destination) if destination != own.as_str() => return Err(Error::Destination),
            _ => {}
        }
        if document.maybe_one(root, ASSERTION, "Subject")?.is_some() {
            return Err(Error::Subject);
        }
        if document
            .attribute(root, "AssertionConsumerServiceIndex")
            .is_some()
        {
            // Nobody here has numbers for addresses.
            return Err(Error::ForeignReply);
        }
        let format = document
            .maybe_one(root, PROTOCOL, "NameIDPolicy")?
            .and_then(|policy| document.attribute(policy, "Format"));
        Ok(Self {
            id: message_id(document, root)?.to_owned(),
            asked_at: time::read(
                document.attribute(root, "IssueInstant").unwrap_or_default(),
                "IssueInstant",
            )?,
            reply: party
                .reply(document.attribute(root, "AssertionConsumerServiceURL"))?
                .clone(),
            force_authn: truth(document, root, "ForceAuthn")?,
            is_passive: truth(document, root, "IsPassive")?,
            name_id_format: format.map(str::to_owned),
            proven,
        })
    }
}

/// The id of a request; it goes back in the answer, so it has an end.
pub(crate) fn message_id(document: &Document, root: ElementId) -> Result<&str> {
    document
        .attribute(root, "ID")
        .filter(|id| !id.is_empty() && id.len() <= MAX_ID)
        .ok_or(Error::Missing { what: "ID" })
}

/// `xs:boolean`.
fn truth(document: &Document, root: ElementId, what: &'static str) -> Result<bool> {
    match document.attribute(root, what) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Error::Missing { what }),
    }
}

impl Party {
    /// Whether an answer gives the kind of name that is asked for.
    ///
    /// # Errors
    /// [`Error::NameIdFormat`] when it does not: the application is told so by [`crate::response::NoAnswer`].
    pub fn gives(&self, given: &str, asked: Option<&str>) -> Result<()> {
        const ANY: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
        match asked {
            None | Some(ANY) => Ok(()),
            Some(asked) if asked == given => Ok(()),
            Some(_) => Err(Error::NameIdFormat),
        }
    }

    /// The application's name, compared octet for octet.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let own: &EntityId = self.entity_id();
        own.as_str() == name
    }
}
