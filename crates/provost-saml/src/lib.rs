//! SAML 2.0 and WS-Federation as pure functions.
//!
//! Nothing here reads a clock, draws a random number or touches a file or a network: the time, the random bits and the
//! memory for replays are arguments. The modules follow a message on its way in:
//!
//! - [`binding`] takes it out of a form or a query, [`xml`] reads it once, into one arena.
//! - [`signature`] verifies one fixed profile of XML Signature with keys that were pinned before; the keys are
//!   [`key`]s and [`certificate`]s.
//! - [`response`] and [`request`] check everything else, one check after the other, and read only below what the
//!   signature covers. [`response::Verified`] is the only way to what a response says about somebody, and only the
//!   verifier makes it.
//! - [`entra`] says who that is in a tenant of Microsoft Entra ID.
//!
//! And on the way out: [`response`], [`request`], [`logout`], [`metadata`] and [`wsfed`] build trees whose values the
//! one writer escapes, and sign them.
//!
//! Each refusal is a variant of [`Error`] with a code that never changes. The attacks that each check stops are vectors
//! in `tests/it/attacks`.
//!
//! Sources: OASIS SAML 2.0 Core, Bindings, Profiles, Metadata; SAML 1.1 Core; WS-Federation 1.2; W3C XML Signature,
//! Exclusive XML Canonicalization 1.0; RFC 9231.

pub mod binding;
pub mod certificate;
pub mod endpoint;
pub mod entra;
pub mod error;
pub mod id;
pub mod key;
pub mod logout;
pub mod metadata;
mod names;
pub mod request;
pub mod response;
pub mod signature;
pub mod time;
pub mod wsfed;
pub mod xml;

pub use endpoint::{Endpoint, EntityId};
pub use error::{Error, Result};
pub use id::MessageId;
