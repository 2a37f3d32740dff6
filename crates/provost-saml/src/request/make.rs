//! Making a request.

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::key::SigningKey;
use crate::names::{saml, samlp};
use crate::response::{Pending, ServiceProvider};
use crate::signature::{Place, sign};
use crate::xml::{Document, ElementId, NO_ATTRIBUTES};
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

/// The key with which a service provider signs its requests. Entra ID can be told to demand that.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    pub(crate) key: &'a SigningKey,
    pub(crate) certificate: &'a Certificate,
}

impl<'a> Signer<'a> {
    /// # Errors
    /// [`Error::KeyOfAnother`] when the certificate is not the key's.
    pub fn new(key: &'a SigningKey, certificate: &'a Certificate) -> Result<Self> {
        if key.is_of(certificate.key()) {
            Ok(Self { key, certificate })
        } else {
            Err(Error::KeyOfAnother)
        }
    }
}

impl ServiceProvider {
    /// The request with its signature in it, for HTTP-POST after [`crate::binding::encode`].
    ///
    /// # Errors
    /// [`Error::Key`] when the key cannot sign.
    pub fn ask_signed(&self, question: &Question<'_>, signer: Signer<'_>) -> Result<(String, Pending)> {
        let (mut document, issuer, pending) = self.question(question);
        let (root, place) = (document.root(), Place::After(issuer));
        sign(
            &mut document,
            root,
            "ID",
            place,
            &[],
            signer.key,
            signer.certificate,
        )?;
        Ok((document.write()?, pending))
    }

    /// The request, for [`crate::binding::outgoing`], which can sign it on its way, or for HTTP-POST without a signature;
    /// and what to keep until it is answered.
    ///
    /// # Errors
    /// [`Error::Canonical`] when it becomes too long, which it cannot.
    pub fn ask(&self, question: &Question<'_>) -> Result<(String, Pending)> {
        let (document, _, pending) = self.question(question);
        Ok((document.write()?, pending))
    }

    fn question(&self, question: &Question<'_>) -> (Document, ElementId, Pending) {
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
        let issuer = document.add_leaf(root, saml("Issuer"), NO_ATTRIBUTES, self.entity_id().as_str());
        let pending = Pending {
            request_id: question.id.as_str().to_owned(),
            asked_at: question.now,
            force_authn: question.force_authn,
        };
        (document, issuer, pending)
    }
}
