//! `/{tenant}/federationmetadata/2007-06/federationmetadata.xml`: who signs, and where to sign in (Entra documentation,
//! "Federation metadata"). With `appid`, an application's own certificates; without, the tenant's general one.

use uuid::Uuid;

use super::issuer;
use crate::SigningKey;
use crate::saml::SIGNATURE;
use crate::saml::build::new;
use crate::saml::tree::Element;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const PROTOCOLS: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// The document.
pub(crate) fn document(root: &str, tenant: &str, keys: &[&SigningKey]) -> String {
    let at = format!("{root}/{tenant}/saml2");
    let service = |name: &str, binding: &str, location: &str| {
        new(name).with("Binding", binding).with("Location", location)
    };
    let provider = new("IDPSSODescriptor")
        .with("protocolSupportEnumeration", PROTOCOLS)
        .children(described(keys))
        .child(service("SingleLogoutService", REDIRECT, &at))
        .child(service("SingleSignOnService", REDIRECT, &at))
        .child(service("SingleSignOnService", POST, &at));
    let endpoint = |name: &str| {
        let address = new("wsa:Address").holding(&format!("{root}/{tenant}/wsfed"));
        let reference = new("wsa:EndpointReference")
            .space("wsa", "http://www.w3.org/2005/08/addressing")
            .child(address);
        new(name).child(reference)
    };
    let service = new("RoleDescriptor")
        .space("xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .space("fed", FEDERATION)
        .with("xsi:type", "fed:SecurityTokenServiceType")
        .with("protocolSupportEnumeration", FEDERATION)
        .children(described(keys))
        .child(endpoint("fed:SecurityTokenServiceEndpoint"))
        .child(endpoint("fed:PassiveRequestorEndpoint"));
    let whole = new("EntityDescriptor")
        .with("ID", &format!("_{}", Uuid::new_v4()))
        .with("entityID", &issuer(tenant))
        .space("", METADATA)
        .child(service)
        .child(provider);
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", whole.write())
}

/// What an application that receives answers of Microsoft 365 looks like: the other side of a federated domain.
pub(crate) fn receiver(entity: &str, reply: &str, key: Option<&SigningKey>) -> String {
    let keys: Vec<&SigningKey> = key.into_iter().collect();
    let consumer = new("AssertionConsumerService")
        .with("isDefault", "true")
        .with("index", "0")
        .with("Binding", POST)
        .with("Location", reply);
    let service = new("SPSSODescriptor")
        .with("WantAssertionsSigned", "true")
        .with("protocolSupportEnumeration", PROTOCOLS)
        .children(described(&keys))
        .child(
            new("SingleLogoutService")
                .with("Binding", REDIRECT)
                .with("Location", reply),
        )
        .child(new("NameIDFormat").holding("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"))
        .child(consumer);
    let whole = new("EntityDescriptor")
        .with("ID", &format!("_{}", Uuid::new_v4()))
        .with("entityID", entity)
        .space("", METADATA)
        .child(service);
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", whole.write())
}

fn described(keys: &[&SigningKey]) -> Vec<Element> {
    let one = |key: &&SigningKey| {
        let certificate = new("X509Certificate").holding(&key.certificate_base64());
        let info = new("KeyInfo")
            .space("", SIGNATURE)
            .child(new("X509Data").child(certificate));
        new("KeyDescriptor").with("use", "signing").child(info)
    };
    keys.iter().map(one).collect()
}
