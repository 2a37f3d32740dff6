//! Who the two sides are. None of these types can be made without what the checks need.

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::signature::Sha1;
use crate::{Endpoint, EntityId};

/// A service provider of ours, and the one identity provider that it trusts.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    pub(super) entity_id: EntityId,
    pub(super) acs: Endpoint,
    pub(super) issuer: EntityId,
    pub(super) certificates: Vec<Certificate>,
    pub(super) sha1: Sha1,
}

impl ServiceProvider {
    /// `entity_id` is our name, which is the audience; `acs` the address at which responses are received; `issuer` and
    /// `certificates` whose responses count. Two certificates are for a time of change.
    ///
    /// # Errors
    /// [`Error::NoCertificate`] without one: nothing would be verified.
    pub fn new(
        entity_id: EntityId,
        acs: Endpoint,
        issuer: EntityId,
        certificates: Vec<Certificate>,
    ) -> Result<Self> {
        if certificates.is_empty() {
            return Err(Error::NoCertificate);
        }
        Ok(Self {
            entity_id,
            acs,
            issuer,
            certificates,
            sha1: Sha1::Refused,
        })
    }

    /// Accepts SHA-1, by somebody's decision.
    #[must_use]
    pub fn with_sha1(mut self, sha1: Sha1) -> Self {
        self.sha1 = sha1;
        self
    }

    /// Our name.
    #[must_use]
    pub fn entity_id(&self) -> &EntityId {
        &self.entity_id
    }

    /// Where responses are received.
    #[must_use]
    pub fn acs(&self) -> &Endpoint {
        &self.acs
    }

    /// Whose responses count.
    #[must_use]
    pub fn issuer(&self) -> &EntityId {
        &self.issuer
    }
}

/// An application that people sign in to through us, as it is registered here.
#[derive(Debug, Clone)]
pub struct Party {
    pub(crate) entity_id: EntityId,
    pub(crate) replies: Vec<Endpoint>,
    pub(crate) requests: Vec<Certificate>,
}

impl Party {
    /// `entity_id` is the application's name, which is the audience; answers go to `reply`.
    #[must_use]
    pub fn new(entity_id: EntityId, reply: Endpoint) -> Self {
        Self {
            entity_id,
            replies: vec![reply],
            requests: Vec::new(),
        }
    }

    /// Another address at which the application may ask for its answer.
    #[must_use]
    pub fn or_at(mut self, reply: Endpoint) -> Self {
        self.replies.push(reply);
        self
    }

    /// From now on its requests must be signed with the key of one of these certificates. With none of them nothing
    /// changes.
    #[must_use]
    pub fn signing_requests(mut self, certificates: Vec<Certificate>) -> Self {
        self.requests = certificates;
        self
    }

    /// The application's name.
    #[must_use]
    pub fn entity_id(&self) -> &EntityId {
        &self.entity_id
    }

    /// Where its answer goes: to the address that the request names if that one is registered, octet for octet, and to
    /// the first one if the request names none.
    ///
    /// # Errors
    /// [`Error::ForeignReply`] for an address that is not registered.
    pub fn reply(&self, wanted: Option<&str>) -> Result<&Endpoint> {
        let mut replies = self.replies.iter();
        match wanted {
            None => replies.next(),
            Some(wanted) => replies.find(|reply| reply.as_str() == wanted),
        }
        .ok_or(Error::ForeignReply)
    }
}

/// A question that this browser asked, and that was not answered yet. Whoever keeps it takes it away with the first
/// answer, also with a wrong one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The id of the request.
    pub request_id: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Whether a fresh sign-in was asked for.
    pub force_authn: bool,
}

/// The memory of assertions that were used: a table with a unique key, shared by all nodes.
pub trait Replay {
    /// Keeps an assertion until a moment, and says whether it was there. It is asked after the signature was verified:
    /// nobody fills the table with forged ones.
    fn keep(&mut self, issuer: &str, assertion_id: &str, until: Timestamp) -> Seen;
}

/// What the memory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It was not there, and now is.
    First,
    /// It was there.
    Again,
    /// The memory could not be asked. Nobody is signed in then.
    Unknown,
}
