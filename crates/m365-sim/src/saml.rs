//! The little of XML and SAML that both sides of federation need here: a strict reader, exclusive canonicalisation,
//! signatures made and checked, requests read (OASIS SAML 2.0 Core and Bindings; W3C XML Signature and Exclusive XML
//! Canonicalization). Written for the simulator alone, so that it can be held against other implementations.

pub(crate) mod build;
pub(crate) mod canon;
pub(crate) mod certificate;
pub(crate) mod check;
pub(crate) mod key;
mod legacy;
pub(crate) mod request;
pub(crate) mod seal;
pub(crate) mod tree;

/// Messages of SAML 2.0.
pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Assertions of SAML 2.0.
pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Assertions of SAML 1.1.
pub(crate) const ASSERTION_1: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// XML Signature.
pub(crate) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Exclusive canonicalisation without comments.
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The transform that takes the signature itself out.
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Says that nothing else is in the way of a success.
pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// Whoever brings it is meant.
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// The class by which an identity provider says that it has asked for a second factor.
pub(crate) const MULTIPLE: &str = "http://schemas.microsoft.com/claims/multipleauthn";
/// Who receives the answers of a federated domain.
pub(crate) const MICROSOFT: &str = "urn:federation:MicrosoftOnline";
