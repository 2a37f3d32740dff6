//! Requests to sign somebody in: made as a service provider, read as an identity provider.
//!
//! Source: SAML 2.0 Core section 3.4.1, Profiles section 4.1.4.1; Microsoft, "Single sign-on SAML protocol".

mod make;
mod read;

pub use make::{Question, Signer};
pub use read::AuthnRequest;
pub(crate) use read::message_id;
