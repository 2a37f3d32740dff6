//! What lies between two requests of a sign-in: kept in the store under the hash of a random text, used once, and only
//! by the browser in which it was begun.

use crate::{Error, Result, Signed, random};
use provost_store::{Tx, ceremony};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Milliseconds that a person has for a step.
pub(crate) const LIFE: i64 = 10 * 60_000;

/// What was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new passkey of somebody who is signed in.
    NewPasskey,
    /// A sign-in with a passkey.
    Passkey,
    /// The present person proves with a passkey who they are.
    ConfirmByPasskey,
    /// A right password; the code is missing.
    Code,
    /// Somebody was sent to a sign-in provider.
    Provider,
    /// Somebody was sent to consent for their tenant.
    Consent,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::NewPasskey => "new_passkey",
            Self::Passkey => "passkey",
            Self::ConfirmByPasskey => "confirm_by_passkey",
            Self::Code => "code",
            Self::Provider => "provider",
            Self::Consent => "consent",
        }
    }
}

/// Where a ceremony was begun, and has to end.
#[derive(Clone)]
pub(crate) struct Browser(Vec<u8>);

impl Browser {
    /// A browser that is known by a cookie alone.
    pub fn of_cookie(cookie: &str) -> Self {
        Self(random::hash(&format!("cookie:{cookie}")))
    }

    /// A browser in which somebody is signed in.
    pub fn of_session(signed: &Signed) -> Self {
        Self(random::hash(&format!("session:{}", signed.session.key)))
    }
}

/// Begins a ceremony under a text of [`random::text`].
pub(crate) fn begin<S: Serialize>(
    tx: &mut Tx,
    now: i64,
    text: &str,
    kind: Kind,
    administrator: Option<i64>,
    browser: &Browser,
    state: &S,
) -> Result<()> {
    let state = serde_json::to_string(state)
        .map_err(|error| Error::Machine(format!("the state of a sign-in cannot be written: {error}")))?;
    let new = ceremony::New {
        kind: kind.as_str(),
        administrator,
        browser: &browser.0,
        state: &state,
        expires: now.saturating_add(LIFE),
    };
    ceremony::begin(tx, now, &random::hash(text), &new)?;
    Ok(())
}

/// Takes a ceremony: nobody gets it again. Answers whose it is, where that was known, and its state.
///
/// # Errors
/// [`Error::Expired`] when there is none of this kind for this browser.
pub(crate) fn take<S: DeserializeOwned>(
    tx: &mut Tx,
    now: i64,
    text: &str,
    kind: Kind,
    browser: &Browser,
) -> Result<(Option<i64>, S)> {
    if !random::is_well_formed(text) {
        return Err(Error::Expired);
    }
    let hash = random::hash(text);
    let taken = ceremony::take(tx, &hash, kind.as_str(), &browser.0, now)?.ok_or(Error::Expired)?;
    // A state that an older version has written is as good as none.
    let state = serde_json::from_str(&taken.state).map_err(|_| Error::Expired)?;
    Ok((taken.administrator, state))
}
