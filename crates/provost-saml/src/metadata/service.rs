//! Our metadata in WS-Federation.

use super::make::{finish, keys};
use crate::certificate::Certificate;
use crate::error::Result;
use crate::names::{WS_FEDERATION, XSI, addressing, fed, md};
use crate::response::IdentityProvider;
use crate::xml::{Document, ElementId, NO_ATTRIBUTES, Tag};
use crate::{Endpoint, MessageId};

/// Where a token service of ours is reached.
#[derive(Debug, Clone)]
pub struct TokenServiceAddresses {
    /// Where browsers come with `wa=wsignin1.0`.
    pub passive: Endpoint,
}

/// The metadata of a token service: `FederationMetadata/2007-06/FederationMetadata.xml`, signed with its key.
///
/// # Errors
/// [`crate::Error::Key`] when the key cannot sign.
pub fn token_service(
    provider: &IdentityProvider,
    next: Option<&Certificate>,
    at: &TokenServiceAddresses,
    id: &MessageId,
) -> Result<String> {
    let mut document = Document::begin(
        md("EntityDescriptor"),
        [("ID", id.as_str()), ("entityID", provider.entity_id().as_str())],
    );
    let root = document.root();
    // The type's prefix stands in a value, where no writer sees that it is needed.
    document.declare(root, "fed", WS_FEDERATION);
    let role = document.add(
        root,
        md("RoleDescriptor"),
        [("protocolSupportEnumeration", WS_FEDERATION)],
    );
    document.attribute_in(role, Tag::new("xsi", XSI, "type"), "fed:SecurityTokenServiceType");
    keys(&mut document, role, provider.certificate(), next);
    let offered = document.add(role, fed("TokenTypesOffered"), NO_ATTRIBUTES);
    document.add(
        offered,
        fed("TokenType"),
        [("Uri", "urn:oasis:names:tc:SAML:1.0:assertion")],
    );
    for tag in [
        fed("SecurityTokenServiceEndpoint"),
        fed("PassiveRequestorEndpoint"),
    ] {
        let endpoint = document.add(role, tag, NO_ATTRIBUTES);
        reference(&mut document, endpoint, &at.passive);
    }
    finish(document, &provider.key, &provider.certificate, &["fed"], role)
}

fn reference(document: &mut Document, endpoint: ElementId, at: &Endpoint) {
    let reference = document.add(endpoint, addressing("EndpointReference"), NO_ATTRIBUTES);
    document.add_leaf(reference, addressing("Address"), NO_ATTRIBUTES, at.as_str());
}
