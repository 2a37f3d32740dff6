//! The link by which a person begins: an administrator makes it, the person opens it, makes a passkey and is signed in.
//! Opening it uses nothing up; the passkey does.

use super::ceremony::{self, Begun, Kind, LIFE, Place};
use super::passkey::{opened, owner};
use super::{Closed, Grant, Method, Opened, People, Person, session};
use crate::limit::{self, Subject};
use crate::session::Ticket;
use crate::{Error, Result, Visit, random};
use provost_store::person_signin::{self, grant, passkey};
use provost_store::{Tx, hex};
use serde_json::Value;
use webauthn_rs::prelude::PasskeyRegistration;

/// Milliseconds for which a link can be used.
pub const LINK_LIFE: i64 = 7 * 86_400_000;

/// A link that can be used, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// For whom it is.
    pub person: Person,
    /// When it ends.
    pub expires: i64,
}

/// Why a link cannot be used. Whoever has it is told: nobody guesses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// There is no such link in this workspace, or it is long forgotten.
    Unknown,
    /// A passkey was made with it at this time.
    Used(i64),
    /// It has expired at this time.
    Expired(i64),
    /// It was withdrawn at this time.
    Withdrawn(i64),
    /// Its person cannot sign in.
    Closed,
    /// It is for one browser alone, and this is another.
    Elsewhere,
}

type Looked = std::result::Result<(Grant, Person), Unusable>;

fn look(tx: &mut Tx, workspace: i64, key: &str, now: i64) -> Result<Looked> {
    if !random::is_well_formed(key) {
        return Ok(Err(Unusable::Unknown));
    }
    let Some(grant) = grant::find(tx, workspace, &random::hash(key))? else {
        return Ok(Err(Unusable::Unknown));
    };
    if let Some(at) = grant.used {
        return Ok(Err(Unusable::Used(at)));
    }
    if let Some(at) = grant.withdrawn {
        return Ok(Err(Unusable::Withdrawn(at)));
    }
    if grant.expires <= now {
        return Ok(Err(Unusable::Expired(grant.expires)));
    }
    let person = person_signin::open(tx, grant.person)?;
    Ok(person.map(|person| (grant, person)).ok_or(Unusable::Closed))
}

/// The same for whoever goes on with it. A link that is for one browser alone works in no other.
fn live(tx: &mut Tx, workspace: i64, key: &str, browser: &str, now: i64) -> Result<(Grant, Person)> {
    look_from(tx, workspace, key, browser, now)?.map_err(|_| Error::Link)
}

/// What is behind a link for who opens it in this browser.
fn look_from(tx: &mut Tx, workspace: i64, key: &str, browser: &str, now: i64) -> Result<Looked> {
    let here = hex(Place::of_cookie(workspace, browser).browser());
    Ok(look(tx, workspace, key, now)?.and_then(|(grant, person)| {
        match grant.browser.is_empty() || grant.browser == here {
            true => Ok((grant, person)),
            false => Err(Unusable::Elsewhere),
        }
    }))
}

impl People {
    /// What a link is for, without using it: pages are opened by mail scanners too. `browser` is the cookie by which the
    /// one that opens it is known.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn look_at_link(
        &self,
        workspace: i64,
        key: &str,
        browser: &str,
        now: i64,
    ) -> Result<std::result::Result<Invitation, Unusable>> {
        let (key, here) = (key.to_owned(), browser.to_owned());
        let looked = self
            .0
            .read(move |tx| look_from(tx, workspace, &key, &here, now))
            .await?;
        Ok(looked.map(|(grant, person)| Invitation {
            person,
            expires: grant.expires,
        }))
    }

    /// Begins to make a passkey by a link: the ceremony's key, and the options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that cannot be used (any more); [`Error::Wait`]; [`Error::Refused`] where passkeys
    /// cannot be used (`PRV-PASSKEY-ADDRESS`).
    pub async fn begin_enrolment(
        &self,
        workspace: i64,
        key: &str,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<(String, Value)> {
        let (link, here) = (key.to_owned(), browser.to_owned());
        let (person, known) = self
            .0
            .read(move |tx| {
                let (_, person) = live(tx, workspace, &link, &here, now)?;
                let known = opened(tx, person.key)?;
                Ok((person, known))
            })
            .await?;
        let (options, state) = self.0.0.begin_making(owner(&person), &known)?;
        let text = random::text()?;
        let (name, place) = (text.clone(), Place::of_cookie(workspace, browser));
        let network = Subject::people(visit.address);
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::PEOPLE)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let begun = Begun {
                    text: &name,
                    kind: Kind::Enrol,
                    person: Some(person.key),
                    state: &state,
                    life: LIFE,
                };
                Ok(Ok(ceremony::begin(tx, now, &place, &begun)?))
            })
            .await?;
        Ok((text, options))
    }

    /// Adds the passkey that the browser made, uses the link up, and opens the session: all of it, or nothing. The
    /// person's other sessions end.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that cannot be used (any more); [`Error::Expired`] for a ceremony that is over or
    /// somebody else's; [`Error::Refused`] for what the browser answered (`PRV-PASSKEY-ANSWER`); [`Error::Store`] for a
    /// name that is not possible, and a passkey that is known.
    pub async fn finish_enrolment(
        &self,
        workspace: i64,
        key: &str,
        came: Enrolling<'_>,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let place = Place::of_cookie(workspace, came.browser);
        let text = came.ceremony.to_owned();
        let (of, state): (Option<i64>, PasskeyRegistration) = self
            .0
            .write(move |tx| ceremony::take(tx, now, &place, &text, Kind::Enrol))
            .await?;
        let made = self.0.0.finish_making(came.answer, &state)?;
        let (ticket, network) = (Ticket::new(visit)?, Subject::people(visit.address));
        let (link, here) = (key.to_owned(), came.browser.to_owned());
        let name = came.name.trim().to_owned();
        self.0
            .write(move |tx| {
                let (grant, person) = live(tx, workspace, &link, &here, now)?;
                if of != Some(person.key) {
                    return Err(Error::Expired);
                }
                if !grant::use_up(tx, now, &person, grant.key)? {
                    return Err(Error::Link);
                }
                let new = passkey::New {
                    credential_id: &made.id,
                    name: &name,
                    credential: &made.credential,
                };
                passkey::add(tx, now, &person, &new)?;
                session::end_others(tx, now, &person, None)?;
                let opened = session::open(tx, now, &ticket, person.key, Method::Passkey)?;
                limit::give_back(tx, now, &network, limit::PEOPLE)?;
                Ok(opened)
            })
            .await
    }

    /// Makes a link for a person of a workspace, in the place of those that were not used. Answers the text for
    /// `/me/{workspace}/enrol?key=`, which is known only now.
    ///
    /// # Errors
    /// [`Error::Refused`] for somebody who is not in the workspace (`PRV-PERSON-GONE`) or cannot sign in
    /// (`PRV-PERSON-CLOSED`).
    pub async fn make_link(
        &self,
        actor: &str,
        workspace: i64,
        person: i64,
        now: i64,
    ) -> Result<(String, Grant)> {
        let (text, actor) = (random::text()?, actor.to_owned());
        let hash = random::hash(&text);
        let made = self
            .0
            .write(move |tx| {
                let (person, closed) = super::overseen::of_workspace(tx, workspace, person)?;
                if let Some(closed) = closed {
                    return Err(refused(&person, closed));
                }
                for one in grant::list(tx, person.key)? {
                    if one.is_live(now) {
                        grant::withdraw(tx, &actor, now, &person, one.key)?;
                    }
                }
                Ok(grant::make(
                    tx,
                    &actor,
                    now,
                    &hash,
                    &person,
                    now.saturating_add(LINK_LIFE),
                )?)
            })
            .await?;
        Ok((text, made))
    }
}

/// What a browser brings at the end of an enrolment.
#[derive(Debug)]
pub struct Enrolling<'a> {
    /// The ceremony's key.
    pub ceremony: &'a str,
    /// The cookie by which the browser is known.
    pub browser: &'a str,
    /// What its authenticator made.
    pub answer: Value,
    /// What to call the passkey.
    pub name: &'a str,
}

fn refused(person: &Person, closed: Closed) -> Error {
    let (why, hint) = match closed {
        Closed::Inactive => (
            "is not active",
            "Their provider makes them active, or their page in the console, where they are kept by hand.",
        ),
        Closed::Blocked => ("is blocked", "Lift the block first."),
        Closed::ProviderOff => (
            "comes from a provider that is switched off",
            "Switch the provider on first.",
        ),
    };
    Error::refused(
        "PRV-PERSON-CLOSED",
        format!("{} {why}, and cannot sign in", person.label),
        hint,
    )
}
