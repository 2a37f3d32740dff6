//! Links that work once: into a session, or to the first way to sign in.

use crate::administrator::by_id;
use crate::session::{Ticket, active};
use crate::{Actor, Error, Opened, Result, SignIn, Visit, random};
use provost_store::Tx;
use provost_store::administrator::{self, Administrator};
use provost_store::one_time_link::{self, Purpose};
use provost_store::session::Method;
use uuid::Uuid;

/// Milliseconds for which a link that opens a session can be used.
const SIGNIN_LIFE: i64 = 3_600_000;
/// Milliseconds for which an invitation can be used.
const ENROL_LIFE: i64 = 7 * 86_400_000;
/// Milliseconds for which the owner's link can be used; the next start makes another.
const OWNER_LIFE: i64 = 86_400_000;

/// A link as the page shows it before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSeen {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is; empty for the owner's, whom it makes.
    pub name: String,
    /// Their e-mail address; empty for the owner's.
    pub email: String,
    /// When it ends.
    pub expires: i64,
}

/// Makes a link inside a transaction.
pub(crate) fn make(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    text: &str,
    purpose: Purpose,
    whose: Option<i64>,
) -> Result<()> {
    let life = match purpose {
        Purpose::Owner => OWNER_LIFE,
        Purpose::Enrol => ENROL_LIFE,
        Purpose::Signin => SIGNIN_LIFE,
    };
    let hash = random::hash(text);
    one_time_link::make(tx, actor, now, &hash, purpose, whose, now.saturating_add(life))?;
    Ok(())
}

pub(crate) fn blocked(whose: &Administrator) -> Error {
    Error::refused(
        "PRV-ADMINISTRATOR-BLOCKED",
        format!("{} is blocked", whose.name),
        "Unblock them first.",
    )
}

impl SignIn {
    /// A link for an administrator: into a session, or to their first way to sign in. Answers the key for
    /// `/welcome?key=`, which is known only now.
    ///
    /// # Errors
    /// [`Error::Refused`] for an administrator who is blocked or gone, for a link that makes an owner, and for
    /// somebody who does not own the installation.
    pub async fn link(
        &self,
        actor: impl Into<Actor<'_>>,
        whose: Uuid,
        purpose: Purpose,
        now: i64,
    ) -> Result<String> {
        if purpose == Purpose::Owner {
            let hint = "It is printed when the server starts for the first time.";
            return Err(Error::refused(
                "PRV-SIGNIN-OWNER-LINK",
                "the owner's link is made by the server",
                hint,
            ));
        }
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        let text = random::text()?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            if !whose.is_active() {
                return Err(blocked(&whose));
            }
            make(tx, &acting.name, now, &text, purpose, Some(whose.key))?;
            Ok(text.clone())
        })
        .await
    }

    /// What a link is for, without using it: pages are opened by mail scanners too.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn look_at_link(&self, key: &str, now: i64) -> Result<Option<LinkSeen>> {
        if !random::is_well_formed(key) {
            return Ok(None);
        }
        let hash = random::hash(key);
        self.read(move |tx| {
            let Some(link) = one_time_link::look(tx, &hash, now)? else {
                return Ok(None);
            };
            let (name, email) = match link.administrator {
                None => (String::new(), String::new()),
                Some(whose) => match active(tx, whose)? {
                    Some(whose) => (whose.name, whose.email),
                    None => return Ok(None),
                },
            };
            Ok(Some(LinkSeen {
                purpose: link.purpose,
                name,
                email,
                expires: link.expires,
            }))
        })
        .await
    }

    /// Uses a link up and opens its session. Of several who try, one gets it.
    ///
    /// # Errors
    /// [`Error::Link`] when it cannot be used (any more), also because its administrator is blocked.
    pub async fn follow(&self, key: &str, visit: &Visit, now: i64) -> Result<Opened> {
        if !random::is_well_formed(key) {
            return Err(Error::Link);
        }
        let hash = random::hash(key);
        let ticket = Ticket::new(visit)?;
        self.write(move |tx| {
            let link = one_time_link::use_up(tx, &hash, now)?.ok_or(Error::Link)?;
            let whose = match (link.purpose, link.administrator) {
                (Purpose::Enrol | Purpose::Signin, Some(whose)) => whose,
                _ => return Err(Error::Link),
            };
            let whose = administrator::by_key(tx, whose)?.ok_or(Error::Link)?;
            match ticket.open(tx, now, whose.key, Method::Link, now) {
                Err(Error::Denied) => Err(Error::Link),
                other => other,
            }
        })
        .await
    }
}
