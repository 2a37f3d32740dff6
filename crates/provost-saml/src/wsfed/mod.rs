//! WS-Federation, the passive profile, with tokens of SAML 1.1: what Microsoft 365 speaks when Windows has to be joined.
//!
//! Source: WS-Federation 1.2 section 13; SAML 1.1 Core; Microsoft, [MS-MWBF]; "Satisfy MFA controls with MFA claims from
//! a federated IdP".

mod request;
mod token;

pub use request::{MAX_CONTEXT, SignIn, SignInRequest};
pub use token::{Claims, PassiveAnswer};
