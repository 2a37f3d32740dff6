//! A person who is signed in.

use super::{Account, Method, Person, Session};
use crate::signed::FRESH;
use crate::{Error, Result};
use provost_store::Tx;
use provost_store::person_signin::session;

/// A person who is signed in: the session, who it is, and what they chose, as they were when the request came.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Who it is.
    pub person: Person,
    /// How pages look to them.
    pub account: Account,
}

impl SignedIn {
    /// When they signed in, in milliseconds since 1970.
    #[must_use]
    pub fn since(&self) -> i64 {
        self.session.created
    }

    /// When they last proved who they are: what assertions call the moment of authentication.
    #[must_use]
    pub fn proved(&self) -> i64 {
        self.session.fresh
    }

    /// Whether that was by two factors: a passkey is something they have, and it has verified its user by a PIN or a
    /// finger, which every ceremony here demands.
    #[must_use]
    pub fn is_two_factor(&self) -> bool {
        match self.session.method {
            Method::Passkey => true,
        }
    }

    /// Whether they proved who they are within the last ten minutes.
    #[must_use]
    pub fn is_fresh(&self, now: i64) -> bool {
        now.saturating_sub(self.session.fresh) < FRESH
    }

    /// What the audit log calls them.
    #[must_use]
    pub fn actor(&self) -> String {
        self.person.actor()
    }

    /// Refuses what needs a fresh sign-in.
    pub(super) fn require_fresh(&self, now: i64) -> Result<()> {
        if self.is_fresh(now) {
            Ok(())
        } else {
            Err(Error::Stale)
        }
    }

    /// The same person as they are now, inside the transaction that changes something on their word.
    ///
    /// # Errors
    /// [`Error::Denied`] when they were closed or their session ended in the meantime.
    pub(super) fn reload(&self, tx: &mut Tx) -> Result<Person> {
        let found = session::by_key(tx, self.session.key)?;
        let (_, person, _) = found.ok_or(Error::Denied)?;
        Ok(person)
    }
}
