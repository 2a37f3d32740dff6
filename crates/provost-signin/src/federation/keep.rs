//! What is kept of a request until its answer: under a handle that works once, in one browser, for ten minutes.

use crate::{Error, Result, random};
use provost_store::Tx;
use provost_store::federated_signin::Protocol;
use provost_store::person_signin::ceremony::{self, New, Wanted};
use serde::{Deserialize, Serialize};

/// Milliseconds for which a request is kept.
const LIFE: i64 = 10 * 60_000;
/// What the store calls it.
const KIND: &str = "federation";

/// A request that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// The key of the provider that was asked.
    pub provider: i64,
    /// Whether it was asked by WS-Federation.
    pub passive: bool,
    /// The id of the request, which the answer names (SAML).
    pub id: Option<String>,
    /// What goes back unchanged: RelayState, or wctx.
    pub state: Option<String>,
    /// How old the person's proof may be when the request came, in milliseconds; 0: they have to prove it anew.
    pub max_age: Option<i64>,
    /// Nobody may be asked anything.
    pub silent: bool,
    /// Whether the kind of name that is asked for is given.
    pub name_fits: bool,
    /// When it came.
    pub came: i64,
}

impl Pending {
    pub fn protocol(&self) -> Protocol {
        if self.passive {
            Protocol::WsFederation
        } else {
            Protocol::Saml
        }
    }

    /// Whether a proof of this moment is fresh enough for it.
    pub fn accepts(&self, proved: i64) -> bool {
        self.max_age
            .is_none_or(|age| proved >= self.came.saturating_sub(age))
    }
}

/// The browser that brought it.
#[derive(Clone)]
pub(super) struct Browser {
    workspace: i64,
    hash: Vec<u8>,
}

impl Browser {
    pub fn of(workspace: i64, cookie: &str) -> Self {
        Self {
            workspace,
            hash: random::hash(&format!("federation:{cookie}")),
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            kind: KIND,
            workspace: self.workspace,
            browser: &self.hash,
        }
    }
}

/// Keeps a request under a text of [`random::text`].
pub(super) fn keep(tx: &mut Tx, now: i64, browser: &Browser, handle: &str, pending: &Pending) -> Result<()> {
    let state = serde_json::to_string(pending)
        .map_err(|error| Error::Machine(format!("the state of a sign-in cannot be written: {error}")))?;
    let new = New {
        kind: KIND,
        workspace: browser.workspace,
        person: None,
        browser: &browser.hash,
        state: &state,
        expires: now.saturating_add(LIFE),
    };
    Ok(ceremony::begin(tx, now, &random::hash(handle), &new)?)
}

/// Looks at a request; it stays.
///
/// # Errors
/// [`Error::Expired`] for one that is over, used, of another browser, or never was.
pub(super) fn look(tx: &mut Tx, now: i64, browser: &Browser, handle: &str) -> Result<Pending> {
    if !random::is_well_formed(handle) {
        return Err(Error::Expired);
    }
    let found = ceremony::look(tx, &random::hash(handle), browser.wanted(), now)?;
    read(found)
}

/// Takes a request: nobody gets it again.
///
/// # Errors
/// As [`look`].
pub(super) fn take(tx: &mut Tx, now: i64, browser: &Browser, handle: &str) -> Result<Pending> {
    let found = ceremony::take(tx, &random::hash(handle), browser.wanted(), now)?;
    read(found)
}

fn read(found: Option<(Option<i64>, String)>) -> Result<Pending> {
    let (_, state) = found.ok_or(Error::Expired)?;
    // A state that an older version has written is as good as none.
    serde_json::from_str(&state).map_err(|_| Error::Expired)
}

#[cfg(test)]
mod tests {
    use super::Pending;

    #[test]
    fn a_proof_is_as_fresh_as_the_request_asks() {
        let of = |max_age| Pending {
            provider: 1,
            passive: false,
            id: None,
            state: None,
            max_age,
            silent: false,
            name_fits: true,
            came: 1_000_000,
        };
        assert!(of(None).accepts(0));
        assert!(!of(Some(0)).accepts(999_999) && of(Some(0)).accepts(1_000_000));
        assert!(of(Some(60_000)).accepts(940_000) && !of(Some(60_000)).accepts(939_999));
    }
}
