//! Reading the metadata of another identity provider.

use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::names::{METADATA, PROTOCOL, REDIRECT_BINDING, XMLDSIG};
use crate::xml::{Document, ElementId};
use crate::{Endpoint, EntityId};

/// What another identity provider publishes about itself. It is a proposal: its certificates count when an administrator
/// has looked at them, and its own signature proves nothing to who has no key yet.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name.
    pub entity_id: EntityId,
    /// Where requests go, by redirect.
    pub sign_in: Option<Endpoint>,
    /// Where requests to sign out go, by redirect.
    pub sign_out: Option<Endpoint>,
    /// The certificates that it signs with, each once, in their order.
    pub certificates: Vec<Certificate>,
}

impl Peer {
    /// Reads the metadata of the identity provider of this name.
    ///
    /// # Errors
    /// [`Error::Root`]; [`Error::Issuer`] for the metadata of another one; [`Error::Missing`] when it is no identity
    /// provider of SAML 2.0; [`Error::NoCertificate`] when it names none that can be used, and those of an address.
    pub fn read(document: &Document, expected: &EntityId) -> Result<Self> {
        let root = document.root();
        if !document.is(root, METADATA, "EntityDescriptor") {
            return Err(Error::Root {
                wanted: "EntityDescriptor",
            });
        }
        if document.attribute(root, "entityID") != Some(expected.as_str()) {
            return Err(Error::Issuer);
        }
        let role = document.one(root, METADATA, "IDPSSODescriptor")?;
        let speaks = document
            .attribute(role, "protocolSupportEnumeration")
            .is_some_and(|list| list.split_ascii_whitespace().any(|name| name == PROTOCOL));
        if !speaks {
            return Err(Error::Missing {
                what: "IDPSSODescriptor",
            });
        }
        let certificates = certificates(document, role)?;
        if certificates.is_empty() {
            return Err(Error::NoCertificate);
        }
        Ok(Self {
            entity_id: expected.clone(),
            sign_in: address(document, role, "SingleSignOnService")?,
            sign_out: address(document, role, "SingleLogoutService")?,
            certificates,
        })
    }
}

/// The certificates of its keys for signing. A key without a use is for both.
fn certificates(document: &Document, role: ElementId) -> Result<Vec<Certificate>> {
    let mut found: Vec<Certificate> = Vec::new();
    for key in document.named(role, METADATA, "KeyDescriptor") {
        if !matches!(document.attribute(key, "use"), None | Some("signing")) {
            continue;
        }
        let info = document.one(key, XMLDSIG, "KeyInfo")?;
        for data in document.named(info, XMLDSIG, "X509Data") {
            for certificate in document.named(data, XMLDSIG, "X509Certificate") {
                let text = document.leaf(certificate, "X509Certificate")?;
                let certificate = Certificate::parse(text.as_bytes())?;
                if !found.contains(&certificate) {
                    found.push(certificate);
                }
            }
        }
    }
    Ok(found)
}

/// The address of a service by redirect, if it has one.
fn address(document: &Document, role: ElementId, service: &'static str) -> Result<Option<Endpoint>> {
    document
        .named(role, METADATA, service)
        .find(|found| document.attribute(*found, "Binding") == Some(REDIRECT_BINDING))
        .map(|found| Endpoint::parse(document.attribute(found, "Location").unwrap_or_default()))
        .transpose()
}
