//! Names that the standards fix.

use crate::xml::Tag;

pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(crate) const SAML_11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
pub(crate) const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub(crate) const WS_TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
pub(crate) const WS_ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
pub(crate) const WS_POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
pub(crate) const WS_FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
pub(crate) const WS_UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

pub(crate) const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub(crate) const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

pub(crate) const fn samlp(local: &'static str) -> Tag {
    Tag::new("samlp", PROTOCOL, local)
}

pub(crate) const fn saml(local: &'static str) -> Tag {
    Tag::new("saml", ASSERTION, local)
}

/// SAML 1.1: the namespace says 1.0.
pub(crate) const fn saml_11(local: &'static str) -> Tag {
    Tag::new("saml", SAML_11, local)
}

pub(crate) const fn ds(local: &'static str) -> Tag {
    Tag::new("ds", XMLDSIG, local)
}

pub(crate) const fn md(local: &'static str) -> Tag {
    Tag::new("md", METADATA, local)
}

pub(crate) const fn trust(local: &'static str) -> Tag {
    Tag::new("t", WS_TRUST, local)
}

pub(crate) const fn addressing(local: &'static str) -> Tag {
    Tag::new("wsa", WS_ADDRESSING, local)
}

pub(crate) const fn fed(local: &'static str) -> Tag {
    Tag::new("fed", WS_FEDERATION, local)
}

pub(crate) const fn wsdl(local: &'static str) -> Tag {
    Tag::new("wsdl", WSDL, local)
}
