//! Responses: verified as a service provider, issued as an identity provider.
//!
//! Source: SAML 2.0 Core sections 2 and 3, Profiles section 4.1, Bindings section 3.5.

mod claims;
mod confirm;
mod issue;
mod party;
mod verify;

pub use claims::Verified;
pub use issue::{Answer, Authn, Context, IdentityProvider, Ids, NoAnswer, Subject};
pub(crate) use issue::{EARLIER, LIFE};
pub use party::{Party, Pending, Replay, Seen, ServiceProvider};
pub(crate) use verify::status;
pub use verify::{receive, verify};
