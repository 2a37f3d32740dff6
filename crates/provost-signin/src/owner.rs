//! The first owner: made by a link that the server prints, once in the life of an installation.

use crate::session::Ticket;
use crate::{Error, Opened, Result, SignIn, Visit, link, random};
use provost_store::administrator::{self, Role};
use provost_store::installation;
use provost_store::one_time_link::{self, Purpose};
use provost_store::session::Method;

/// The flag that closes this door for ever, also when every administrator is gone.
const OWNER_MADE: &str = "owner_made";
/// Who the audit log says made the link and the owner.
const ACTOR: &str = "first start";

impl SignIn {
    /// A key for `/welcome?key=`, with which the first owner is made; none once there was one. Every start makes a
    /// new one; those before stay good until they expire or one of them is used.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Machine`].
    pub async fn owner_link(&self, now: i64) -> Result<Option<String>> {
        let text = random::text()?;
        self.write(move |tx| {
            if installation::get(tx, OWNER_MADE)?.is_some() {
                return Ok(None);
            }
            link::make(tx, ACTOR, now, &text, Purpose::Owner, None)?;
            Ok(Some(text.clone()))
        })
        .await
    }

    /// Makes the first owner and signs them in. Of several who try, one becomes it.
    ///
    /// # Errors
    /// [`Error::Link`] when the link cannot be used (any more); [`Error::Store`] for a name or an address that is
    /// not possible, after which the link still works.
    pub async fn become_owner(
        &self,
        key: &str,
        name: &str,
        email: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        if !random::is_well_formed(key) {
            return Err(Error::Link);
        }
        let (hash, id) = (random::hash(key), random::id(now)?);
        let ticket = Ticket::new(visit)?;
        let (name, email) = (name.trim().to_owned(), email.trim().to_owned());
        self.write(move |tx| {
            let link = one_time_link::use_up(tx, &hash, now)?.ok_or(Error::Link)?;
            if link.purpose != Purpose::Owner {
                return Err(Error::Link);
            }
            let owner = administrator::create(tx, ACTOR, now, id, &name, &email)?;
            if !installation::set_once(tx, OWNER_MADE, &owner.id.to_string(), now)? {
                return Err(Error::Link);
            }
            administrator::grant(tx, ACTOR, now, owner.key, None, Role::Owner)?;
            ticket.open(tx, now, owner.key, Method::Link, now)
        })
        .await
    }
}
