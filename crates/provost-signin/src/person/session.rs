//! Sessions of people: opened by a proof, found by a cookie, refused when their person is closed.

use super::{Account, Method, People, Person, Session, SignedIn};
use crate::session::{IDLE, LIFE, TOUCH_EVERY, Ticket};
use crate::{Error, Result, random};
use provost_store::Tx;
use provost_store::application::entry;
use provost_store::person_signin::{account, session};

/// A person's session that was opened just now.
#[derive(Clone)]
pub struct Opened {
    /// The value of the cookie. It is known only now.
    pub cookie: String,
    /// Who is signed in.
    pub signed: SignedIn,
}

/// Never the cookie.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("session", &self.signed.session.key)
            .field("person", &self.signed.person.id)
            .finish_non_exhaustive()
    }
}

/// Opens a session for a person who has just proved who they are.
///
/// # Errors
/// [`Error::Denied`] for somebody who cannot sign in.
pub(super) fn open(tx: &mut Tx, now: i64, ticket: &Ticket, person: i64, method: Method) -> Result<Opened> {
    let new = session::New {
        person,
        method,
        csrf: &ticket.csrf,
        expires: now.saturating_add(LIFE),
        address: &ticket.address,
        agent: &ticket.agent,
    };
    let (session, person) = match session::open(tx, now, &random::hash(&ticket.cookie), &new) {
        Ok(opened) => opened,
        Err(provost_store::Error::Refused { .. }) => return Err(Error::Denied),
        Err(error) => return Err(error.into()),
    };
    let account = account::get(tx, person.key)?;
    Ok(Opened {
        cookie: ticket.cookie.clone(),
        signed: SignedIn {
            session,
            person,
            account,
        },
    })
}

/// Ends a person's sessions but this one, and answers how many: whoever has taken one of them is out.
pub(super) fn end_others(tx: &mut Tx, now: i64, person: &Person, kept: Option<i64>) -> Result<u64> {
    Ok(session::end_all_of(tx, &person.actor(), now, person, kept)?)
}

impl People {
    /// Who a cookie belongs to in this workspace; none when the session has ended, is of another workspace, or its
    /// person cannot sign in (any more).
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot answer.
    pub async fn check(&self, cookie: &str, workspace: i64, now: i64) -> Result<Option<SignedIn>> {
        if !random::is_well_formed(cookie) {
            return Ok(None);
        }
        let hash = random::hash(cookie);
        let found: Option<(Session, Person, Account)> =
            self.0.read(move |tx| Ok(session::find(tx, &hash)?)).await?;
        let Some((session, person, account)) = found else {
            return Ok(None);
        };
        let is_over = now >= session.expires || now.saturating_sub(session.seen) >= IDLE;
        if is_over || person.workspace != workspace {
            return Ok(None);
        }
        if now.saturating_sub(session.seen) >= TOUCH_EVERY {
            self.touch(session.key, now);
        }
        Ok(Some(SignedIn {
            session,
            person,
            account,
        }))
    }

    /// Notes the use of a session beside the request, which need not wait for it.
    fn touch(&self, key: i64, now: i64) {
        let signin = self.0.clone();
        tokio::spawn(async move {
            let noted = signin.write(move |tx| Ok(session::touch(tx, key, now)?)).await;
            if let Err(error) = noted {
                tracing::warn!(%error, session = key, "the use of a session could not be noted");
            }
        });
    }

    /// A person's own sessions, newest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sessions(&self, signed: &SignedIn) -> Result<Vec<Session>> {
        let whose = signed.person.key;
        self.0.read(move |tx| Ok(session::list(tx, whose)?)).await
    }

    /// Ends a session in whose browser somebody has signed in anew. Where the same person is signed in at applications,
    /// that goes on with the new session.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn supersede(&self, before: &SignedIn, after: &SignedIn, now: i64) -> Result<()> {
        let (person, from) = (before.person.clone(), before.session.key);
        let (other, to) = (after.person.key, after.session.key);
        self.0
            .write(move |tx| {
                if person.key == other {
                    entry::carry(tx, other, from, to)?;
                }
                session::end(tx, &person.actor(), now, &person, from)?;
                Ok(())
            })
            .await
    }

    /// Ends one of a person's own sessions, also the present one. `false`: they have no such session.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn end(&self, signed: &SignedIn, key: i64, now: i64) -> Result<bool> {
        let person = signed.person.clone();
        self.0
            .write(move |tx| Ok(session::end(tx, &person.actor(), now, &person, key)?))
            .await
    }

    /// Ends all of a person's sessions but the present one, and answers how many.
    ///
    /// # Errors
    /// [`Error::Denied`] for a session that has ended.
    pub async fn end_others(&self, signed: &SignedIn, now: i64) -> Result<u64> {
        let signed = signed.clone();
        self.0
            .write(move |tx| {
                let person = signed.reload(tx)?;
                end_others(tx, now, &person, Some(signed.session.key))
            })
            .await
    }
}
