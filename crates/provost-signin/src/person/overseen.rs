//! A person's sign-in as administrators see it, and what they may do about it.

use super::{Account, Closed, Grant, Passkey, People, Person, Session};
use crate::openid::{self, Used};
use crate::{Error, Result};
use provost_store::Tx;
use provost_store::person_signin::{self, account, grant, passkey, session};

/// How a person signs in.
#[derive(Debug, Clone)]
pub struct Overseen {
    /// Who it is.
    pub person: Person,
    /// Why they cannot sign in, if they cannot.
    pub closed: Option<Closed>,
    /// What they chose, and when they last signed in.
    pub account: Account,
    /// Their passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Their sessions, newest first.
    pub sessions: Vec<Session>,
    /// The links that were made for them, newest first, also those that have ended.
    pub links: Vec<Grant>,
    /// The applications that they have signed in to, by name, also those that they may not sign in to any more.
    pub applications: Vec<Used>,
}

/// A person of a workspace, and why they cannot sign in.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PERSON-GONE`) for whoever is not in it.
pub(super) fn of_workspace(tx: &mut Tx, workspace: i64, person: i64) -> Result<(Person, Option<Closed>)> {
    let found = person_signin::standing(tx, person)?.filter(|(person, _)| person.workspace == workspace);
    found.ok_or_else(|| {
        let hint = "Look among the deleted people.";
        Error::refused(
            "PRV-PERSON-GONE",
            "this person is no longer in the directory",
            hint,
        )
    })
}

impl People {
    /// How a person of a workspace signs in. `person` is the inside key.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PERSON-GONE`).
    pub async fn overseen(&self, workspace: i64, person: i64) -> Result<Overseen> {
        self.0
            .read(move |tx| {
                let (person, closed) = of_workspace(tx, workspace, person)?;
                Ok(Overseen {
                    closed,
                    account: account::get(tx, person.key)?,
                    passkeys: passkey::list(tx, person.key)?,
                    sessions: session::list(tx, person.key)?,
                    links: grant::list(tx, person.key)?,
                    applications: openid::used_by(tx, person.key)?,
                    person,
                })
            })
            .await
    }

    /// Withdraws a link. `false`: the person has no such link that works.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PERSON-GONE`).
    pub async fn withdraw_link(
        &self,
        actor: &str,
        workspace: i64,
        person: i64,
        key: i64,
        now: i64,
    ) -> Result<bool> {
        let actor = actor.to_owned();
        self.0
            .write(move |tx| {
                let (person, _) = of_workspace(tx, workspace, person)?;
                Ok(grant::withdraw(tx, &actor, now, &person, key)?)
            })
            .await
    }

    /// Ends a person's sessions, or the one with this key, and answers how many.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PERSON-GONE`).
    pub async fn end_sessions(
        &self,
        actor: &str,
        workspace: i64,
        person: i64,
        key: Option<i64>,
        now: i64,
    ) -> Result<u64> {
        let actor = actor.to_owned();
        self.0
            .write(move |tx| {
                let (person, _) = of_workspace(tx, workspace, person)?;
                Ok(match key {
                    Some(key) => u64::from(session::end(tx, &actor, now, &person, key)?),
                    None => session::end_all_of(tx, &actor, now, &person, None)?,
                })
            })
            .await
    }

    /// Takes a passkey from a person, also their last one; their sessions end. `false`: they have no such passkey.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PERSON-GONE`).
    pub async fn take_passkey(
        &self,
        actor: &str,
        workspace: i64,
        person: i64,
        key: i64,
        now: i64,
    ) -> Result<bool> {
        let actor = actor.to_owned();
        self.0
            .write(move |tx| {
                let (person, _) = of_workspace(tx, workspace, person)?;
                let done = passkey::remove(tx, &actor, now, &person, key)?;
                if done {
                    session::end_all_of(tx, &actor, now, &person, None)?;
                }
                Ok(done)
            })
            .await
    }
}
