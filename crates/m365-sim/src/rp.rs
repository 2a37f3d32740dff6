//! Microsoft 365 as the one that relies on a federated domain's identity provider: who signs whom in, the request to the
//! provider, and what is made of its answer (Entra documentation, "Use a SAML 2.0 Identity Provider for Single Sign On";
//! OASIS WS-Federation 1.2 section 13).

mod answer;
mod claims;
mod realm;
mod start;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Serialize;

use crate::SigningKey;

pub(crate) use answer::{Outcome, answer, signed_out};
pub(crate) use realm::{Realm, realm};
pub(crate) use start::{Start, Wish, begin, sign_out};

/// Sign-ins that are remembered.
const MAX_REMEMBERED: usize = 1_000;

/// A sign-in through a federated domain, or that it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignIn {
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// Who, once that is known.
    pub user_principal_name: Option<String>,
    /// Their object id.
    pub user_id: Option<String>,
    /// The domain whose identity provider answered.
    pub domain: Option<String>,
    /// `saml` or `wsFed`.
    pub protocol: &'static str,
    /// Whose second factor counts: `federated`, `microsoft`, or `none`.
    pub mfa: Option<&'static str>,
    /// Microsoft's number of the refusal, such as `AADSTS51004`.
    pub error: Option<String>,
    /// What is said about it.
    pub description: Option<String>,
}

/// A request that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub domain: String,
    pub at: i64,
    /// A second factor is asked for.
    pub factor: bool,
    /// It has been sent back for one already.
    pub again: bool,
}

/// Somebody who is signed in in a browser.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub login: String,
    pub domain: Option<String>,
    pub name_id: String,
    pub index: Option<String>,
}

/// What the sign-in service keeps about federated domains.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    /// By the id of the request, which is also the context that comes back.
    pub pending: BTreeMap<String, Pending>,
    /// Issuers and ids of assertions that were used.
    pub used: BTreeSet<(String, String)>,
    pub sessions: BTreeMap<String, Session>,
    /// Ids of requests to sign out.
    pub leaving: BTreeSet<String>,
    log: Vec<SignIn>,
    signer: OnceLock<Option<SigningKey>>,
}

impl Logins {
    pub(crate) fn note(&mut self, sign_in: SignIn) {
        if self.log.len() == MAX_REMEMBERED {
            self.log.remove(0);
        }
        self.log.push(sign_in);
    }

    /// The latest, the oldest first.
    pub(crate) fn log(&self) -> &[SignIn] {
        &self.log
    }

    /// The key that signs requests where a domain asks for that.
    pub(crate) fn signer(&self, now: i64) -> Option<SigningKey> {
        let life = 3 * 365 * 24 * 60 * 60 * 1_000;
        let made = self
            .signer
            .get_or_init(|| SigningKey::generate("MicrosoftOnline", now, now + life));
        made.clone()
    }
}
