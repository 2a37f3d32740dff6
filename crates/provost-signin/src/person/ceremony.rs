//! What lies between two requests of a person's sign-in: kept in the store under the hash of a random text, used once, in
//! one workspace, and only by the browser in which it was begun.

use super::SignedIn;
use crate::{Error, Result, random};
use provost_store::Tx;
use provost_store::person_signin::ceremony::{self, New, Wanted};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Milliseconds that a person has for a step.
pub(super) const LIFE: i64 = 5 * 60_000;

/// What was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sign-in with a passkey.
    SignIn,
    /// The first passkey, or one more, of somebody who came by a link.
    Enrol,
    /// A new passkey of somebody who is signed in.
    NewPasskey,
    /// Where a browser goes on.
    Return,
    /// The same, after another proof.
    ReturnAgain,
    /// What a tenant said of somebody, for the browser that asked.
    Onboard,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "signin",
            Self::Enrol => "enrol",
            Self::NewPasskey => "new_passkey",
            Self::Return => "return",
            Self::ReturnAgain => "return_again",
            Self::Onboard => "onboard",
        }
    }
}

/// Where a ceremony is: the workspace and the browser in which it was begun, and has to end.
#[derive(Clone)]
pub(super) struct Place {
    /// The workspace.
    pub workspace: i64,
    browser: Vec<u8>,
}

impl Place {
    /// A browser that is known by a cookie alone.
    pub fn of_cookie(workspace: i64, cookie: &str) -> Self {
        Self {
            workspace,
            browser: random::hash(&format!("cookie:{cookie}")),
        }
    }

    /// A browser that was known by its cookie, from what was kept of that.
    pub fn of_browser(workspace: i64, browser: &[u8]) -> Self {
        Self {
            workspace,
            browser: browser.to_vec(),
        }
    }

    /// What is kept of the browser.
    pub fn browser(&self) -> &[u8] {
        &self.browser
    }

    /// A browser in which a person is signed in.
    pub fn of_session(signed: &SignedIn) -> Self {
        Self {
            workspace: signed.person.workspace,
            browser: random::hash(&format!("session:{}", signed.session.key)),
        }
    }
}

/// What is begun.
pub(super) struct Begun<'a, S> {
    /// A text of [`random::text`], by which it is found again.
    pub text: &'a str,
    /// What it is for.
    pub kind: Kind,
    /// Who goes through it, where that is known.
    pub person: Option<i64>,
    /// What must be known at its end.
    pub state: &'a S,
    /// Milliseconds until it is over.
    pub life: i64,
}

/// Begins a ceremony.
pub(super) fn begin<S: Serialize>(tx: &mut Tx, now: i64, place: &Place, begun: &Begun<S>) -> Result<()> {
    let state = serde_json::to_string(begun.state)
        .map_err(|error| Error::Machine(format!("the state of a sign-in cannot be written: {error}")))?;
    let new = New {
        kind: begun.kind.as_str(),
        workspace: place.workspace,
        person: begun.person,
        browser: &place.browser,
        state: &state,
        expires: now.saturating_add(begun.life),
    };
    ceremony::begin(tx, now, &random::hash(begun.text), &new)?;
    Ok(())
}

/// Takes a ceremony: nobody gets it again. Answers whose it is, where that was known, and its state.
///
/// # Errors
/// [`Error::Expired`] when there is none of this kind at this place.
pub(super) fn take<S: DeserializeOwned>(
    tx: &mut Tx,
    now: i64,
    place: &Place,
    text: &str,
    kind: Kind,
) -> Result<(Option<i64>, S)> {
    if !random::is_well_formed(text) {
        return Err(Error::Expired);
    }
    let wanted = Wanted {
        kind: kind.as_str(),
        workspace: place.workspace,
        browser: &place.browser,
    };
    let (person, state) = ceremony::take(tx, &random::hash(text), wanted, now)?.ok_or(Error::Expired)?;
    // A state that an older version has written is as good as none.
    let state = serde_json::from_str(&state).map_err(|_| Error::Expired)?;
    Ok((person, state))
}
