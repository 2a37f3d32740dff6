//! Making a request.

use jiff::Timestamp;

use crate::error::Result;
use crate::names::{saml, samlp};
use crate::response::{Pending, ServiceProvider};
use crate::xml::{Document, NO_ATTRIBUTES};
use crate::{Endpoint, MessageId, time};

/// What we ask of an identity provider. There is no `NameIDPolicy` and no `RequestedAuthnContext` in it: a wrong one is
/// an error at Entra ID, and a name is no identity here.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Its id.
    pub id: &'a MessageId,
    /// Where it goes.
    pub destination: &'a Endpoint,
    /// Whether they have to prove again who they are.
    pub force_authn: bool,
    /// When it is asked.
    pub now: Timestamp,
}

impl ServiceProvider {
    /// The request, for [`crate::binding::outgoing`], and what to keep until it is answered.
    ///
    /// # Errors
    /// [`crate::Error::Canonical`] when it becomes too long, which it cannot.
    pub fn ask(&self, question: &Question<'_>) -> Result<(String, Pending)> {
        let at = time::write(question.now);
        let mut attributes = vec![
            ("ID", question.id.as_str()),
            ("Version", "2.0"),
            ("IssueInstant", at.as_str()),
            ("Destination", question.destination.as_str()),
            ("AssertionConsumerServiceURL", self.acs().as_str()),
        ];
        if question.force_authn {
            attributes.push(("ForceAuthn", "true"));
        }
        let mut document = Document::begin(samlp("AuthnRequest"), attributes);
        let root = document.root();
        document.add_leaf(root, saml("Issuer"), NO_ATTRIBUTES, self.entity_id().as_str());
        let pending = Pending {
            request_id: question.id.as_str().to_owned(),
            asked_at: question.now,
            force_authn: question.force_authn,
        };
        Ok((document.write()?, pending))
    }
}
