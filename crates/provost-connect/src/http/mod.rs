//! The one HTTP client: every outbound call of every connector goes through [`Client::send`].
//!
//! What it guarantees, whatever the target does: a deadline for the whole call, a cap on the
//! decompressed answer, no redirect, no proxy from the environment, an address check at the moment
//! of connecting, and that a request only ever leaves for an origin that the connection was set up
//! for. Credentials are therefore sent to no other host, not even along a paging link.

mod address;
mod answer;
mod client;
mod document;
mod origin;
mod resolve;
mod retry_after;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::pace::{Pace, Pacer};
use crate::{Error, Result};

pub use address::{Network, refusal};
pub use answer::Answer;
pub(crate) use client::speaks_of_tls;
pub use client::{Client, Request};
pub use document::document;
pub use origin::Origin;
/// The verb of a [`Request`], so that who sends one needs no HTTP library of its own.
pub use reqwest::Method;
pub use resolve::Lookup;
pub(crate) use retry_after::{http_date, parse as parse_retry_after};

/// The largest answer that is read, in bytes after decompression.
pub const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name resolution, TCP and TLS together. Default 10 s.
    pub connect: Duration,
    /// One whole call with its answer's body. Default 60 s.
    pub call: Duration,
    /// How long one operation waits in all for a target that asks to slow down, before it gives
    /// up with [`Error::Throttled`]. Default 10 minutes.
    pub patience: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(60),
            patience: Duration::from_secs(600),
        }
    }
}

/// Where a connection may go.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The only origins that requests may be sent to.
    pub origins: Vec<Origin>,
    /// Whether private, loopback and link-local addresses and plain `http` are allowed. Metadata
    /// services, multicast and unspecified addresses stay forbidden.
    pub allow_private_network: bool,
    /// Private networks that are allowed even without `allow_private_network`.
    pub allowed_networks: Vec<Network>,
}

/// Who shares a pacer: calls with the same host, tenant and client share the target's budget.
pub type PaceKey = (String, String, String);

/// Makes the clients of all connections of this process. One per process, so that connections to
/// the same application share its pacing.
#[derive(Clone, Default)]
pub struct Factory {
    deadlines: Deadlines,
    lookup: Option<Lookup>,
    pacers: Arc<Mutex<HashMap<PaceKey, Arc<Pacer>>>>,
}

impl Factory {
    /// A factory with the default deadlines and the system's name resolution.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with other deadlines.
    #[must_use]
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// The same with another name resolution. The address check applies to its answers too.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = Some(lookup);
        self
    }

    /// The deadlines of all clients made here.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// A client that follows `policy`.
    ///
    /// # Errors
    /// [`Error::AddressRefused`] or [`Error::Settings`] when an origin itself breaks the policy,
    /// [`Error::Local`] when this machine has no usable root certificates.
    pub fn client(&self, policy: Policy) -> Result<Client> {
        Client::new(policy, self.deadlines, self.lookup.clone())
    }

    /// The pacer shared by everybody with this key. The first caller's pace counts.
    #[must_use]
    pub fn pacer(&self, key: PaceKey, pace: Pace) -> Arc<Pacer> {
        let mut pacers = self.pacers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pacers.entry(key).or_insert_with(|| Arc::new(Pacer::new(pace))))
    }
}

impl std::fmt::Debug for Factory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Factory")
            .field("deadlines", &self.deadlines)
            .finish_non_exhaustive()
    }
}

/// An address that the policy refuses, as it travels through the HTTP library's errors.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{address} is not allowed: {reason}")]
pub(crate) struct Refused {
    pub host: String,
    pub address: IpAddr,
    pub reason: &'static str,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::AddressRefused {
            host: refused.host,
            address: refused.address.to_string(),
            reason: refused.reason,
        }
    }
}

#[cfg(test)]
mod tests;
