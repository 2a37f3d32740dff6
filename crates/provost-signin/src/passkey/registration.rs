//! Adding a passkey to the person who is signed in.

use super::{Owner, opened};
use crate::ceremony::{self, Browser, Kind};
use crate::{Error, Result, SignIn, Signed, random, session};
use provost_store::passkey::{self, New, Passkey};
use serde_json::Value;
use webauthn_rs::prelude::PasskeyRegistration;

impl SignIn {
    /// Begins to add a passkey: the ceremony's key, and the options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] where passkeys cannot be used (`PRV-PASSKEY-ADDRESS`).
    pub async fn passkey_begin_registration(&self, signed: &Signed, now: i64) -> Result<(String, Value)> {
        let whose = signed.clone();
        let known = self
            .read(move |tx| {
                whose.require_may_enrol(tx, now)?;
                opened(tx, whose.administrator.key)
            })
            .await?;
        let own = &signed.administrator;
        let owner = Owner {
            id: own.id,
            name: &own.email,
            shown: &own.name,
        };
        let (options, state) = self.0.begin_making(owner, &known)?;
        let text = random::text()?;
        let (name, signed) = (text.clone(), signed.clone());
        self.write(move |tx| {
            let browser = Browser::of_session(&signed);
            let whose = Some(signed.administrator.key);
            ceremony::begin(tx, now, &name, Kind::NewPasskey, whose, &browser, &state)
        })
        .await?;
        Ok((text, options))
    }

    /// Adds the passkey that the browser made. All other sessions of the person end.
    ///
    /// # Errors
    /// [`Error::Expired`] for a ceremony that is over or somebody else's; [`Error::Refused`] for what the browser
    /// answered (`PRV-PASSKEY-ANSWER`); [`Error::Store`] for a name that is not possible, and a passkey that is known.
    pub async fn passkey_finish_registration(
        &self,
        signed: &Signed,
        ceremony: &str,
        answer: Value,
        name: &str,
        now: i64,
    ) -> Result<Passkey> {
        let (text, whose) = (ceremony.to_owned(), signed.clone());
        let (of, state): (Option<i64>, PasskeyRegistration) = self
            .write(move |tx| ceremony::take(tx, now, &text, Kind::NewPasskey, &Browser::of_session(&whose)))
            .await?;
        if of != Some(signed.administrator.key) {
            return Err(Error::Expired);
        }
        let made = self.0.finish_making(answer, &state)?;
        let (signed, name) = (signed.clone(), name.trim().to_owned());
        self.write(move |tx| {
            signed.require_may_enrol(tx, now)?;
            let new = New {
                administrator: signed.administrator.key,
                credential_id: &made.id,
                name: &name,
                credential: &made.credential,
            };
            let added = passkey::add(tx, &signed.actor(), now, &new)?;
            session::end_others(tx, &signed, now)?;
            Ok(added)
        })
        .await
    }

    /// Gives one of somebody's passkeys another name. `false`: it is none of theirs.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`] for a name that is not possible.
    pub async fn passkey_rename(&self, signed: &Signed, key: i64, name: &str, now: i64) -> Result<bool> {
        let (signed, name) = (signed.clone(), name.trim().to_owned());
        self.write(move |tx| {
            let own = signed.reload(tx)?;
            Ok(passkey::rename(tx, &signed.actor(), now, own.key, key, &name)?)
        })
        .await
    }

    /// Removes one of somebody's passkeys; their other sessions end. `false`: it is none of theirs.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] for their last way in (`PRV-SIGNIN-LAST-WAY`).
    pub async fn passkey_remove(&self, signed: &Signed, key: i64, now: i64) -> Result<bool> {
        signed.require_fresh(now)?;
        let signed = signed.clone();
        self.write(move |tx| {
            let own = signed.reload(tx)?;
            let done = passkey::remove(tx, &signed.actor(), now, own.key, key)?;
            if done {
                signed.require_way_left(tx)?;
                session::end_others(tx, &signed, now)?;
            }
            Ok(done)
        })
        .await
    }
}
