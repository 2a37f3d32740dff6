//! Our own metadata in SAML 2.0.

use crate::certificate::Certificate;
use crate::error::Result;
use crate::key::SigningKey;
use crate::names::{POST_BINDING, PROTOCOL, REDIRECT_BINDING, ds, md};
use crate::request::Signer;
use crate::response::{IdentityProvider, ServiceProvider};
use crate::signature::{Place, sign};
use crate::xml::{Document, ElementId, NO_ATTRIBUTES};
use crate::{Endpoint, EntityId, MessageId};

/// Where an identity provider of ours is reached.
#[derive(Debug, Clone)]
pub struct IdentityProviderAddresses {
    /// Where requests are received, by redirect and by POST.
    pub sign_in: Endpoint,
    /// Where requests to sign out are received, by redirect.
    pub sign_out: Endpoint,
}

/// The metadata of a service provider that trusts nobody yet: its name and where it receives responses, which is all that
/// the other side needs. Nothing in it is signed.
///
/// # Errors
/// [`crate::Error::Canonical`] when it becomes too long, which it cannot.
pub fn service_provider_at(entity_id: &EntityId, acs: &Endpoint) -> Result<String> {
    let (document, _) = receiver(entity_id, acs, None);
    document.write()
}

/// The metadata of a service provider: what an administrator uploads at the other side instead of typing. With a signer
/// and a new id it says that requests are signed, carries the certificate, and is signed itself.
///
/// # Errors
/// [`crate::Error::Key`] when the key cannot sign.
pub fn service_provider(
    provider: &ServiceProvider,
    signer: Option<(Signer<'_>, &MessageId)>,
) -> Result<String> {
    let (document, role) = receiver(provider.entity_id(), provider.acs(), signer);
    match signer {
        None => document.write(),
        Some((signer, _)) => finish(document, signer.key, signer.certificate, &[], role),
    }
}

/// The document of a service provider before it is signed, and its role.
fn receiver(
    entity_id: &EntityId,
    acs: &Endpoint,
    signer: Option<(Signer<'_>, &MessageId)>,
) -> (Document, ElementId) {
    let mut attributes = vec![("entityID", entity_id.as_str())];
    attributes.extend(signer.map(|(_, id)| ("ID", id.as_str())));
    let mut document = Document::begin(md("EntityDescriptor"), attributes);
    let root = document.root();
    let role = document.add(
        root,
        md("SPSSODescriptor"),
        [
            ("protocolSupportEnumeration", PROTOCOL),
            (
                "AuthnRequestsSigned",
                if signer.is_some() { "true" } else { "false" },
            ),
            ("WantAssertionsSigned", "true"),
        ],
    );
    if let Some((signer, _)) = signer {
        keys(&mut document, role, signer.certificate, None);
    }
    document.add(
        role,
        md("AssertionConsumerService"),
        [
            ("index", "0"),
            ("isDefault", "true"),
            ("Binding", POST_BINDING),
            ("Location", acs.as_str()),
        ],
    );
    (document, role)
}

/// The metadata of an identity provider, signed with its key. `next` is the certificate that will be used after this
/// one: whoever reads the metadata knows it before it is needed.
///
/// # Errors
/// [`crate::Error::Key`] when the key cannot sign.
pub fn identity_provider(
    provider: &IdentityProvider,
    next: Option<&Certificate>,
    at: &IdentityProviderAddresses,
    id: &MessageId,
) -> Result<String> {
    let mut document = Document::begin(
        md("EntityDescriptor"),
        [("ID", id.as_str()), ("entityID", provider.entity_id().as_str())],
    );
    let root = document.root();
    let role = document.add(
        root,
        md("IDPSSODescriptor"),
        [
            ("protocolSupportEnumeration", PROTOCOL),
            ("WantAuthnRequestsSigned", "false"),
        ],
    );
    keys(&mut document, role, provider.certificate(), next);
    document.add(
        role,
        md("SingleLogoutService"),
        [("Binding", REDIRECT_BINDING), ("Location", at.sign_out.as_str())],
    );
    document.add_leaf(role, md("NameIDFormat"), NO_ATTRIBUTES, crate::entra::PERSISTENT);
    for binding in [REDIRECT_BINDING, POST_BINDING] {
        document.add(
            role,
            md("SingleSignOnService"),
            [("Binding", binding), ("Location", at.sign_in.as_str())],
        );
    }
    finish(document, &provider.key, &provider.certificate, &[], role)
}

/// One `KeyDescriptor` for each certificate.
pub(super) fn keys(
    document: &mut Document,
    role: ElementId,
    current: &Certificate,
    next: Option<&Certificate>,
) {
    for certificate in std::iter::once(current).chain(next) {
        let key = document.add(role, md("KeyDescriptor"), [("use", "signing")]);
        let info = document.add(key, ds("KeyInfo"), NO_ATTRIBUTES);
        let data = document.add(info, ds("X509Data"), NO_ATTRIBUTES);
        document.add_leaf(data, ds("X509Certificate"), NO_ATTRIBUTES, &certificate.base64());
    }
}

/// Signs the whole and writes it. The signature stands before everything else in it.
pub(super) fn finish(
    mut document: Document,
    key: &SigningKey,
    certificate: &Certificate,
    prefixes: &[&str],
    first: ElementId,
) -> Result<String> {
    let root = document.root();
    let place = Place::Before(first);
    sign(&mut document, root, "ID", place, prefixes, key, certificate)?;
    document.write_with(prefixes)
}
