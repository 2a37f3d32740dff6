//! Who may administer: inviting, roles, blocking, removing, resetting. The store keeps the last owner in the same
//! transaction; here it is decided who may ask.

use crate::{Actor, Error, Purpose, Result, SignIn, Signed, Ways, link, random, session, way};
use provost_store::administrator::{self, Administrator, Edit, Grant, Role};
use provost_store::{Tx, api_token, audit, one_time_link};
use uuid::Uuid;

/// An administrator as the list shows them.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Who it is.
    pub administrator: Administrator,
    /// What they may do, and where.
    pub grants: Vec<Grant>,
    /// How they can sign in.
    pub ways: Ways,
}

/// What is to change of an administrator; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// What to call them.
    pub name: Option<String>,
    /// The e-mail address, with which they sign in by password.
    pub email: Option<String>,
    /// The language of the pages; empty: as the browser says.
    pub language: Option<String>,
    /// The time zone of the pages; empty: as the browser says.
    pub zone: Option<String>,
}

impl Details {
    fn edit(&self) -> Edit<'_> {
        Edit {
            name: self.name.as_deref(),
            email: self.email.as_deref(),
            language: self.language.as_deref(),
            zone: self.zone.as_deref(),
        }
    }
}

/// The administrator with this public id.
pub(crate) fn by_id(tx: &mut Tx, id: Uuid) -> Result<Administrator> {
    administrator::by_id(tx, id)?.ok_or_else(|| {
        Error::refused(
            "PRV-ADMINISTRATOR-GONE",
            "this administrator is no longer there",
            "Look at the list of administrators.",
        )
    })
}

fn listed(tx: &mut Tx, administrator: Administrator) -> Result<Listed> {
    Ok(Listed {
        grants: administrator::grants(tx, administrator.key)?,
        ways: way::of(tx, administrator.key)?,
        administrator,
    })
}

impl SignIn {
    /// Administrators with keys above `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn administrators(&self, after: i64, limit: i64) -> Result<Vec<Listed>> {
        let read = move |tx: &mut Tx| {
            let found = administrator::list(tx, after, limit)?;
            found.into_iter().map(|one| listed(tx, one)).collect()
        };
        self.0.db.read(read).await
    }

    /// The administrator with this public id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn administrator(&self, id: Uuid) -> Result<Option<Listed>> {
        self.read(move |tx| match administrator::by_id(tx, id)? {
            Some(found) => listed(tx, found).map(Some),
            None => Ok(None),
        })
        .await
    }

    /// Makes an administrator with these roles, and a link by which they add their first way to sign in: the key for
    /// `/welcome?key=`, known only now.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] for an actor who does not own what the roles are for
    /// (`PRV-SIGNIN-ROLE`), or without any role (`PRV-ADMINISTRATOR-ROLELESS`); [`Error::Store`] for a name or an
    /// address that is not possible or taken.
    pub async fn invite(
        &self,
        actor: impl Into<Actor<'_>>,
        name: &str,
        email: &str,
        grants: &[Grant],
        now: i64,
    ) -> Result<(Administrator, String)> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        if grants.is_empty() {
            let sentence = "an administrator without a role could do nothing";
            return Err(Error::refused(
                "PRV-ADMINISTRATOR-ROLELESS",
                sentence,
                "Give them a role.",
            ));
        }
        let (id, text) = (random::id(now)?, random::text()?);
        let (name, email) = (name.trim().to_owned(), email.trim().to_owned());
        let grants = grants.to_vec();
        self.write(move |tx| {
            let invited = administrator::create(tx, &acting.name, now, id, &name, &email)?;
            for grant in &grants {
                acting.require_owner(tx, grant.workspace)?;
                administrator::grant(tx, &acting.name, now, invited.key, grant.workspace, grant.role)?;
            }
            link::make(tx, &acting.name, now, &text, Purpose::Enrol, Some(invited.key))?;
            Ok((invited, text.clone()))
        })
        .await
    }

    /// Gives a role in a workspace, or (none) in all of them, in the place of the one they had there.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-GONE`); [`Error::Store`] when the
    /// installation would lose its last owner (`PRV-OWNER-LAST`).
    pub async fn set_role(
        &self,
        actor: impl Into<Actor<'_>>,
        whose: Uuid,
        workspace: Option<i64>,
        role: Role,
        now: i64,
    ) -> Result<()> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, workspace)?;
            let whose = by_id(tx, whose)?;
            administrator::grant(tx, &acting.name, now, whose.key, workspace, role)?;
            Ok(())
        })
        .await
    }

    /// Takes the role in a workspace, or (none) the one in all of them. `false`: they had none there.
    ///
    /// # Errors
    /// As [`SignIn::set_role`].
    pub async fn take_role(
        &self,
        actor: impl Into<Actor<'_>>,
        whose: Uuid,
        workspace: Option<i64>,
        now: i64,
    ) -> Result<bool> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, workspace)?;
            let whose = by_id(tx, whose)?;
            Ok(administrator::revoke(
                tx,
                &acting.name,
                now,
                whose.key,
                workspace,
            )?)
        })
        .await
    }

    /// Refuses everything to an administrator from now on. It needs no fresh sign-in: it is done in a hurry.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-SELF`, `PRV-ADMINISTRATOR-GONE`); [`Error::Store`]
    /// for the last owner (`PRV-OWNER-LAST`).
    pub async fn block(&self, actor: impl Into<Actor<'_>>, whose: Uuid, now: i64) -> Result<Administrator> {
        let acting = actor.into().acting();
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            acting.require_other(&whose, "block")?;
            Ok(administrator::block(tx, &acting.name, now, whose.key)?)
        })
        .await
    }

    /// Lets an administrator sign in again. What was ended stays ended.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-GONE`).
    pub async fn unblock(&self, actor: impl Into<Actor<'_>>, whose: Uuid, now: i64) -> Result<Administrator> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            Ok(administrator::unblock(tx, &acting.name, now, whose.key)?)
        })
        .await
    }

    /// Removes an administrator with everything by which they could sign in.
    ///
    /// # Errors
    /// [`Error::Stale`], and as [`SignIn::block`].
    pub async fn remove(&self, actor: impl Into<Actor<'_>>, whose: Uuid, now: i64) -> Result<()> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            acting.require_other(&whose, "remove")?;
            Ok(administrator::remove(tx, &acting.name, now, whose.key)?)
        })
        .await
    }

    /// Changes what somebody is called, their address, and how pages look to them. Another address needs a fresh
    /// sign-in: it is what they sign in with.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Stale`]; [`Error::Store`] for what is not possible.
    pub async fn edit_self(&self, signed: &Signed, details: Details, now: i64) -> Result<Administrator> {
        if details
            .email
            .as_ref()
            .is_some_and(|new| *new != signed.administrator.email)
        {
            signed.require_fresh(now)?;
        }
        let signed = signed.clone();
        self.write(move |tx| {
            let own = signed.reload(tx)?;
            Ok(administrator::edit(
                tx,
                &signed.actor(),
                now,
                own.key,
                details.edit(),
            )?)
        })
        .await
    }

    /// The same for another administrator, by an owner of the installation.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-GONE`); [`Error::Store`] for what
    /// is not possible.
    pub async fn edit(
        &self,
        actor: impl Into<Actor<'_>>,
        whose: Uuid,
        details: Details,
        now: i64,
    ) -> Result<Administrator> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            Ok(administrator::edit(
                tx,
                &acting.name,
                now,
                whose.key,
                details.edit(),
            )?)
        })
        .await
    }

    /// Ends every way in of an administrator who has lost theirs (or somebody else has it), all their sessions,
    /// links and API tokens, and makes a link by which they begin anew.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-SELF`, `PRV-ADMINISTRATOR-GONE`,
    /// `PRV-ADMINISTRATOR-BLOCKED`).
    pub async fn reset(&self, actor: impl Into<Actor<'_>>, whose: Uuid, now: i64) -> Result<String> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        let text = random::text()?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            acting.require_other(&whose, "reset")?;
            if !whose.is_active() {
                return Err(link::blocked(&whose));
            }
            // The new link comes first: an owner who has it is not lost.
            one_time_link::end_of(tx, whose.key)?;
            link::make(tx, &acting.name, now, &text, Purpose::Enrol, Some(whose.key))?;
            way::remove_all(tx, &acting.name, now, whose.key)?;
            api_token::revoke_of(tx, now, whose.key)?;
            session::end_all(tx, &acting.name, now, whose.key)?;
            audit::append_installation(tx, now, &acting.name, "administrator.reset", &whose.email, "")?;
            Ok(text.clone())
        })
        .await
    }

    /// Ends every session of an administrator, and answers how many. They may sign in again.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-SIGNIN-ROLE`, `PRV-ADMINISTRATOR-GONE`).
    pub async fn end_sessions(&self, actor: impl Into<Actor<'_>>, whose: Uuid, now: i64) -> Result<u64> {
        let acting = actor.into().acting();
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let whose = by_id(tx, whose)?;
            session::end_all(tx, &acting.name, now, whose.key)
        })
        .await
    }
}
