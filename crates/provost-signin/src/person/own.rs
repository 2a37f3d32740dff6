//! What a person changes about their own sign-in.

use super::ceremony::{self, Begun, Kind, LIFE, Place};
use super::passkey::{opened, owner};
use super::{Passkey, People, SignedIn, session};
use crate::{Error, Result, random};
use provost_store::person_signin::{account, passkey};
use serde_json::Value;
use webauthn_rs::prelude::PasskeyRegistration;

impl People {
    /// A person's own passkeys, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn passkeys(&self, signed: &SignedIn) -> Result<Vec<Passkey>> {
        let whose = signed.person.key;
        self.0.read(move |tx| Ok(passkey::list(tx, whose)?)).await
    }

    /// Begins to add a passkey: the ceremony's key, and the options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] where passkeys cannot be used (`PRV-PASSKEY-ADDRESS`).
    pub async fn begin_passkey(&self, signed: &SignedIn, now: i64) -> Result<(String, Value)> {
        signed.require_fresh(now)?;
        let whose = signed.person.key;
        let known = self.0.read(move |tx| opened(tx, whose)).await?;
        let (options, state) = self.0.0.begin_making(owner(&signed.person), &known)?;
        let text = random::text()?;
        let (name, place) = (text.clone(), Place::of_session(signed));
        self.0
            .write(move |tx| {
                let begun = Begun {
                    text: &name,
                    kind: Kind::NewPasskey,
                    person: Some(whose),
                    state: &state,
                    life: LIFE,
                };
                ceremony::begin(tx, now, &place, &begun)
            })
            .await?;
        Ok((text, options))
    }

    /// Adds the passkey that the browser made. All other sessions of the person end.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Expired`] for a ceremony that is over or somebody else's; [`Error::Refused`] for what
    /// the browser answered (`PRV-PASSKEY-ANSWER`); [`Error::Store`] for a name that is not possible, and a passkey that
    /// is known.
    pub async fn finish_passkey(
        &self,
        signed: &SignedIn,
        ceremony: &str,
        answer: Value,
        name: &str,
        now: i64,
    ) -> Result<Passkey> {
        signed.require_fresh(now)?;
        let (text, place) = (ceremony.to_owned(), Place::of_session(signed));
        let (of, state): (Option<i64>, PasskeyRegistration) = self
            .0
            .write(move |tx| ceremony::take(tx, now, &place, &text, Kind::NewPasskey))
            .await?;
        if of != Some(signed.person.key) {
            return Err(Error::Expired);
        }
        let made = self.0.0.finish_making(answer, &state)?;
        let (signed, name) = (signed.clone(), name.trim().to_owned());
        self.0
            .write(move |tx| {
                let person = signed.reload(tx)?;
                let new = passkey::New {
                    credential_id: &made.id,
                    name: &name,
                    credential: &made.credential,
                };
                let added = passkey::add(tx, now, &person, &new)?;
                session::end_others(tx, now, &person, Some(signed.session.key))?;
                Ok(added)
            })
            .await
    }

    /// Gives one of a person's own passkeys another name. `false`: it is none of theirs.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`] for a name that is not possible.
    pub async fn rename_passkey(&self, signed: &SignedIn, key: i64, name: &str, now: i64) -> Result<bool> {
        let (signed, name) = (signed.clone(), name.trim().to_owned());
        self.0
            .write(move |tx| {
                let person = signed.reload(tx)?;
                Ok(passkey::rename(tx, now, &person, key, &name)?)
            })
            .await
    }

    /// Removes one of a person's own passkeys; their other sessions end. `false`: it is none of theirs.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] for their last one (`PRV-SIGNIN-LAST-WAY`).
    pub async fn remove_passkey(&self, signed: &SignedIn, key: i64, now: i64) -> Result<bool> {
        signed.require_fresh(now)?;
        let signed = signed.clone();
        self.0
            .write(move |tx| {
                let person = signed.reload(tx)?;
                let done = passkey::remove(tx, &person.actor(), now, &person, key)?;
                if done {
                    if passkey::list(tx, person.key)?.is_empty() {
                        return Err(last());
                    }
                    session::end_others(tx, now, &person, Some(signed.session.key))?;
                }
                Ok(done)
            })
            .await
    }

    /// Keeps a language and a time zone, which the caller has checked; empty: as the browser says.
    ///
    /// # Errors
    /// [`Error::Denied`] for a session that has ended.
    pub async fn choose(&self, signed: &SignedIn, language: &str, zone: &str, now: i64) -> Result<()> {
        let (signed, language, zone) = (signed.clone(), language.to_owned(), zone.to_owned());
        self.0
            .write(move |tx| {
                let person = signed.reload(tx)?;
                Ok(account::choose(tx, now, &person, &language, &zone)?)
            })
            .await
    }
}

/// The transaction takes the removal back.
fn last() -> Error {
    Error::refused(
        "PRV-SIGNIN-LAST-WAY",
        "this is your last way to sign in",
        "Add another one first.",
    )
}
