//! Metadata: ours is read again, Entra's has its shapes.

use provost_saml::Error;
use provost_saml::metadata::{
    IdentityProviderAddresses, Peer, TokenServiceAddresses, identity_provider, service_provider,
    token_service,
};
use provost_saml::request::Signer;
use provost_saml::xml::Document;

use crate::kit::{FOREIGN, ISSUER, TRUSTED, endpoint, entity, id, identity_provider as idp, provider};

const IDP: &str = "https://hub.contoso.example/idp/contoso";
const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";

fn addresses() -> IdentityProviderAddresses {
    IdentityProviderAddresses {
        sign_in: endpoint("https://hub.contoso.example/idp/contoso/sso"),
        sign_out: endpoint("https://hub.contoso.example/idp/contoso/logout"),
    }
}

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

#[test]
fn ours_as_identity_provider_can_be_read_by_a_peer() {
    let next = Some(&FOREIGN.certificate);
    let text = identity_provider(&idp(IDP), next, &addresses(), &id(6)).unwrap();
    let document = parse(&text);
    let peer = Peer::read(&document, &entity(IDP)).unwrap();
    assert_eq!(peer.sign_in, Some(addresses().sign_in));
    assert_eq!(peer.sign_out, Some(addresses().sign_out));
    assert_eq!(
        peer.certificates,
        [TRUSTED.certificate.clone(), FOREIGN.certificate.clone()]
    );
    let role = document
        .named(document.root(), MD, "IDPSSODescriptor")
        .next()
        .unwrap();
    let order: Vec<&str> = document.children(role).map(|part| document.local(part)).collect();
    assert_eq!(
        order,
        [
            "KeyDescriptor",
            "KeyDescriptor",
            "SingleLogoutService",
            "NameIDFormat",
            "SingleSignOnService",
            "SingleSignOnService"
        ]
    );
    assert_eq!(
        document.local(document.children(document.root()).next().unwrap()),
        "Signature"
    );
    assert_eq!(
        Peer::read(&document, &entity("https://other.example")).unwrap_err(),
        Error::Issuer
    );
}

#[test]
fn ours_as_service_provider() {
    let document = parse(&service_provider(&provider(), None).unwrap());
    let role = document
        .named(document.root(), MD, "SPSSODescriptor")
        .next()
        .unwrap();
    assert_eq!(document.attribute(role, "WantAssertionsSigned"), Some("true"));
    let service = document.children(role).next().unwrap();
    assert_eq!(document.attribute(service, "Location"), Some(crate::kit::ACS));
    // It is no identity provider.
    let name = entity(crate::kit::SP);
    assert_eq!(
        Peer::read(&document, &name).unwrap_err(),
        Error::Missing {
            what: "IDPSSODescriptor"
        }
    );
}

#[test]
fn ours_as_service_provider_that_signs_its_requests() {
    let (key, own) = (TRUSTED.signing(), id(6));
    let signer = Signer::new(&key, &TRUSTED.certificate).unwrap();
    let document = parse(&service_provider(&provider(), Some((signer, &own))).unwrap());
    let parts: Vec<&str> = document
        .children(document.root())
        .map(|part| document.local(part))
        .collect();
    assert_eq!(parts, ["Signature", "SPSSODescriptor"]);
    let role = document
        .named(document.root(), MD, "SPSSODescriptor")
        .next()
        .unwrap();
    assert_eq!(document.attribute(role, "AuthnRequestsSigned"), Some("true"));
    let parts: Vec<&str> = document.children(role).map(|part| document.local(part)).collect();
    assert_eq!(parts, ["KeyDescriptor", "AssertionConsumerService"]);
    assert_eq!(
        Signer::new(&key, &FOREIGN.certificate).unwrap_err(),
        Error::KeyOfAnother
    );
}

#[test]
fn a_type_in_a_value_has_its_prefix_declared() {
    let at = TokenServiceAddresses {
        passive: endpoint("https://hub.contoso.example/idp/contoso/wsfed"),
    };
    let text = token_service(&idp(IDP), None, &at, &id(6)).unwrap();
    let role = text.find("<md:RoleDescriptor").unwrap();
    let declared = text
        .find("xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\"")
        .unwrap();
    assert!(declared < role, "{text}");
    assert!(text.contains("xsi:type=\"fed:SecurityTokenServiceType\""));
    let document = parse(&text);
    let role = document
        .named(document.root(), MD, "RoleDescriptor")
        .next()
        .unwrap();
    let order: Vec<&str> = document.children(role).map(|part| document.local(part)).collect();
    assert_eq!(
        order,
        [
            "KeyDescriptor",
            "TokenTypesOffered",
            "SecurityTokenServiceEndpoint",
            "PassiveRequestorEndpoint"
        ]
    );
}

/// The shape of Entra's metadata: a byte order mark, other roles beside ours, keys without a `use`.
fn entra(role: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EntityDescriptor ID=\"_1\" entityID=\"{ISSUER}\" xmlns=\"{MD}\"><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo></SignedInfo></Signature><RoleDescriptor xsi:type=\"fed:SecurityTokenServiceType\" protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\"></RoleDescriptor>{role}</EntityDescriptor>"
    )
}

fn role(keys: &str, protocol: &str) -> String {
    format!(
        "<IDPSSODescriptor protocolSupportEnumeration=\"{protocol}\">{keys}<SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://login.microsoftonline.com/t/saml2\"/><SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://login.microsoftonline.com/post\"/><SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://login.microsoftonline.com/t/saml2\"/></IDPSSODescriptor>"
    )
}

fn key(usage: &str, certificate: &str) -> String {
    format!(
        "<KeyDescriptor{usage}><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
    )
}

const SAML_2: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

#[test]
fn entras_shape() {
    let (one, two) = (TRUSTED.certificate.base64(), FOREIGN.certificate.base64());
    let keys = [
        key(" use=\"signing\"", &one),
        key(" use=\"encryption\"", "bm90aGluZw=="),
        key("", &two),
        key(" use=\"signing\"", &one),
    ]
    .concat();
    let peer = Peer::read(&parse(&entra(&role(&keys, SAML_2))), &entity(ISSUER)).unwrap();
    assert_eq!(
        peer.sign_in.unwrap().as_str(),
        "https://login.microsoftonline.com/t/saml2"
    );
    assert_eq!(
        peer.certificates,
        [TRUSTED.certificate.clone(), FOREIGN.certificate.clone()]
    );
}

#[test]
fn metadata_that_is_of_no_use() {
    let good = key("", &TRUSTED.certificate.base64());
    let read = |text: &str| Peer::read(&parse(text), &entity(ISSUER)).unwrap_err();
    assert_eq!(read(&entra(&role("", SAML_2))), Error::NoCertificate);
    assert_eq!(
        read(&entra("")),
        Error::Missing {
            what: "IDPSSODescriptor"
        }
    );
    let two = [role(&good, SAML_2), role(&good, SAML_2)].concat();
    assert_eq!(
        read(&entra(&two)),
        Error::Several {
            what: "IDPSSODescriptor"
        }
    );
    let old = role(&good, "urn:oasis:names:tc:SAML:1.1:protocol");
    assert_eq!(
        read(&entra(&old)),
        Error::Missing {
            what: "IDPSSODescriptor"
        }
    );
    assert_eq!(
        read(&entra(&role(&key("", "AAAA"), SAML_2))),
        Error::NotACertificate
    );
    let bad = role(&good, SAML_2).replace("https://login.microsoftonline.com/t/saml2", "javascript:alert(1)");
    assert_eq!(read(&entra(&bad)), Error::Endpoint);
    let other = entra(&role(&good, SAML_2)).replace("EntityDescriptor", "EntitiesDescriptor");
    assert_eq!(
        read(&other),
        Error::Root {
            wanted: "EntityDescriptor"
        }
    );
}
