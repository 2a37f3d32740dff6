//! Microsoft 365 as a provider: adding it, its sections, its mode, its checklist, and taking it away. Whoever offers
//! this to people calls these functions and no others, so that a guard holds at every door; a refusal leaves an audit
//! row `microsoft_365.….refused`.
//!
//! A provider is a draft until its domain is proved to be the tenant's, which a public look at Microsoft's sign-in
//! service shows, or the credentials once there are some. Nobody can be assigned to it until its domain is federated,
//! unless it was declared for provisioning only: the store keeps that lock.

mod add;
mod checklist;
mod credentials;
mod draft;
mod edit;
mod field;
mod function;
mod look;
mod mode;
mod order;
mod provisioning;
mod reattach;
mod remove;
mod signing_key;
mod told;

pub use checklist::ChecklistLine;
pub use credentials::Credentials;
pub use draft::{FieldLine, ProviderChecked, ProviderDraft, ProviderEdit};
pub(crate) use function::foresee;
pub use function::{FUNCTIONS, functions, rights};
pub(crate) use look::initial_domain;
pub use order::{GUIDE, REGISTER};
pub use provisioning::ProviderTried;
pub use provost_store::microsoft_365::{Values, provider_values};

/// What ties a person to an account: the immutable id that Microsoft compares at every federated sign-in.
pub const LINK_KEY: &str = "User: UDI";
