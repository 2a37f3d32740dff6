//! Metadata: ours as service provider, as identity provider and as a token service of WS-Federation, also for
//! who asks by WS-MetadataExchange; and that of another
//! identity provider, read.
//!
//! The schema fixes the order of elements. There is no `validUntil`: what has one has to be kept fresh by somebody.
//!
//! Source: SAML 2.0 Metadata section 2; WS-Federation 1.2 section 3.

mod exchange;
mod make;
mod read;
mod service;

pub use exchange::exchange;
pub use make::{IdentityProviderAddresses, identity_provider, service_provider, service_provider_at};
pub use read::Peer;
pub use service::{TokenServiceAddresses, token_service};
