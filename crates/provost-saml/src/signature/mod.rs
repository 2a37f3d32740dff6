//! One fixed profile of XML Signature: enveloped, exclusive canonicalisation, RSA, one reference to the signature's own
//! parent, and keys that were known before.
//!
//! Source: SAML 2.0 Core section 5.4; W3C XML Signature sections 3.2 and 4; RFC 9231 section 2.3.

mod algorithm;
mod make;
mod verify;

pub(crate) use algorithm::RSA_SHA256;
pub use algorithm::{Hash, Sha1};
pub(crate) use make::{Place, sign};
pub(crate) use verify::{Signed, Trust, check_places, signature_of, verify};
