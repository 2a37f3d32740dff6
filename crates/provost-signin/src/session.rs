//! Sessions: opened by a proof, found by a cookie, refused when anything about them is not as it was.

use crate::signed::still_counts;
use crate::{Error, Result, SignIn, Signed, random};
use provost_store::session::{self, Method, New, Session};
use provost_store::{Tx, administrator};
use std::net::IpAddr;

/// Milliseconds after which a session ends, however much it is used.
pub const LIFE: i64 = 12 * 3_600_000;
/// Milliseconds without a request after which a session ends.
pub const IDLE: i64 = 2 * 3_600_000;
/// Milliseconds between two notes of a session's use: not every request writes.
pub(crate) const TOUCH_EVERY: i64 = 60_000;
/// Characters of a browser's name that are kept.
const AGENT: usize = 200;

/// Who knocks: where a request comes from.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The browser's address, as the server or a trusted proxy saw it.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session that was opened just now.
#[derive(Clone)]
pub struct Opened {
    /// The value of the cookie. It is known only now.
    pub cookie: String,
    /// Who is signed in.
    pub signed: Signed,
}

/// Never the cookie.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("session", &self.signed.session.key)
            .field("administrator", &self.signed.administrator.id)
            .finish_non_exhaustive()
    }
}

/// What a session is opened with, made before the transaction, which may run more than once.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub cookie: String,
    pub csrf: String,
    pub address: String,
    pub agent: String,
}

impl Ticket {
    pub fn new(visit: &Visit) -> Result<Self> {
        let printable = visit.agent.chars().filter(|c| !c.is_control());
        Ok(Self {
            cookie: random::text()?,
            csrf: random::text()?,
            address: visit.address.to_canonical().to_string(),
            agent: printable.take(AGENT).collect(),
        })
    }

    /// Opens a session for somebody who proved at the time `fresh` who they are.
    ///
    /// # Errors
    /// [`Error::Denied`] for an administrator who is blocked or gone.
    pub fn open(&self, tx: &mut Tx, now: i64, whose: i64, method: Method, fresh: i64) -> Result<Opened> {
        let hash = random::hash(&self.cookie);
        let new = New {
            administrator: whose,
            method,
            csrf: &self.csrf,
            fresh,
            expires: now.saturating_add(LIFE),
            address: &self.address,
            agent: &self.agent,
        };
        match session::open(tx, now, &hash, &new) {
            Ok(_) => {}
            Err(provost_store::Error::Refused { .. }) => return Err(Error::Denied),
            Err(error) => return Err(error.into()),
        }
        let (session, administrator, grants) = session::find(tx, &hash)?.ok_or(Error::Denied)?;
        Ok(Opened {
            cookie: self.cookie.clone(),
            signed: Signed {
                session,
                administrator,
                grants,
            },
        })
    }

    /// Puts a new session in the place of one whose owner has proved again who they are: a stolen cookie does not
    /// become fresh with it. Forms that are open in the browser stay good.
    pub fn replace(
        &self,
        tx: &mut Tx,
        now: i64,
        signed: &Signed,
        method: Method,
        fresh: i64,
    ) -> Result<Opened> {
        signed.reload(tx)?;
        if !session::end(tx, &signed.actor(), now, signed.session.key)? {
            return Err(Error::Expired);
        }
        let ticket = Self {
            csrf: signed.session.csrf.clone(),
            ..self.clone()
        };
        ticket.open(tx, now, signed.administrator.key, method, fresh)
    }
}

impl SignIn {
    /// Who a cookie belongs to; none when its session has ended, or its administrator is blocked.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot answer.
    pub async fn check(&self, cookie: &str, now: i64) -> Result<Option<Signed>> {
        if !random::is_well_formed(cookie) {
            return Ok(None);
        }
        let hash = random::hash(cookie);
        let found = self.read(move |tx| Ok(session::find(tx, &hash)?)).await?;
        let Some((session, administrator, grants)) = found else {
            return Ok(None);
        };
        let is_over = now >= session.expires || now.saturating_sub(session.seen) >= IDLE;
        if is_over || !still_counts(&administrator, session.stamp) {
            return Ok(None);
        }
        if now.saturating_sub(session.seen) >= TOUCH_EVERY {
            self.touch(session.key, now);
        }
        Ok(Some(Signed {
            session,
            administrator,
            grants,
        }))
    }

    /// Notes the use of a session beside the request, which need not wait for it.
    fn touch(&self, key: i64, now: i64) {
        let signin = self.clone();
        tokio::spawn(async move {
            let noted = signin.write(move |tx| Ok(session::touch(tx, key, now)?)).await;
            if let Err(error) = noted {
                tracing::warn!(%error, session = key, "the use of a session could not be noted");
            }
        });
    }

    /// Opens a session for somebody whose proof the caller answers for.
    ///
    /// # Errors
    /// [`Error::Denied`] for an administrator who is blocked or gone.
    pub async fn open(&self, administrator: i64, method: Method, visit: &Visit, now: i64) -> Result<Opened> {
        let ticket = Ticket::new(visit)?;
        self.write(move |tx| ticket.open(tx, now, administrator, method, now))
            .await
    }

    /// Somebody's sessions, newest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sessions(&self, signed: &Signed) -> Result<Vec<Session>> {
        let whose = signed.administrator.key;
        self.read(move |tx| Ok(session::list(tx, whose)?)).await
    }

    /// Ends one of somebody's own sessions, also the present one. `false`: they have no such session.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn end(&self, signed: &Signed, key: i64, now: i64) -> Result<bool> {
        let signed = signed.clone();
        self.write(move |tx| {
            let own = session::list(tx, signed.administrator.key)?;
            if !own.iter().any(|session| session.key == key) {
                return Ok(false);
            }
            Ok(session::end(tx, &signed.actor(), now, key)?)
        })
        .await
    }

    /// Ends all of somebody's sessions but the present one, and answers how many.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn end_others(&self, signed: &Signed, now: i64) -> Result<u64> {
        let signed = signed.clone();
        self.write(move |tx| {
            signed.reload(tx)?;
            end_others(tx, &signed, now)
        })
        .await
    }
}

/// Ends the other sessions of somebody who changed how they sign in: whoever has taken one of them is out.
pub(crate) fn end_others(tx: &mut Tx, signed: &Signed, now: i64) -> Result<u64> {
    let (whose, kept) = (signed.administrator.key, signed.session.key);
    Ok(session::end_all_of(tx, &signed.actor(), now, whose, Some(kept))?)
}

/// The administrator, when they are there and may sign in. The one place where a proof meets the state.
pub(crate) fn active(tx: &mut Tx, key: i64) -> Result<Option<administrator::Administrator>> {
    let found = administrator::by_key(tx, key)?;
    Ok(found.filter(administrator::Administrator::is_active))
}

/// Ends every session of somebody, and whatever they have begun.
pub(crate) fn end_all(tx: &mut Tx, actor: &str, now: i64, whose: i64) -> Result<u64> {
    Ok(session::end_all_of(tx, actor, now, whose, None)?)
}
