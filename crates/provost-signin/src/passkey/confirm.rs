//! Proving again, with one of their own passkeys, that the person who is signed in is still there.

use super::{denied, note_use, opened, options};
use crate::ceremony::{self, Browser, Kind};
use crate::session::Ticket;
use crate::{Error, Method, Opened, Result, SignIn, Signed, Visit, random};
use serde_json::Value;
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential};

impl SignIn {
    /// Begins to confirm by passkey: the ceremony's key, and the options for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`Error::Refused`] for somebody without a passkey (`PRV-PASSKEY-NONE`), and where passkeys cannot be used
    /// (`PRV-PASSKEY-ADDRESS`).
    pub async fn passkey_begin_confirm(&self, signed: &Signed, now: i64) -> Result<(String, Value)> {
        let whose = signed.administrator.key;
        let own = self.read(move |tx| opened(tx, whose)).await?;
        if own.is_empty() {
            let hint = "Confirm in another way.";
            return Err(Error::refused("PRV-PASSKEY-NONE", "you have no passkey", hint));
        }
        let (challenge, state) = self
            .0
            .passkeys()?
            .start_passkey_authentication(&own)
            .map_err(|error| Error::Machine(format!("a sign-in by passkey cannot be begun: {error}")))?;
        let options = options(&challenge)?;
        let text = random::text()?;
        let (name, signed) = (text.clone(), signed.clone());
        self.write(move |tx| {
            let browser = Browser::of_session(&signed);
            ceremony::begin(
                tx,
                now,
                &name,
                Kind::ConfirmByPasskey,
                Some(whose),
                &browser,
                &state,
            )
        })
        .await?;
        Ok((text, options))
    }

    /// Puts a new, fresh session in the place of the present one.
    ///
    /// # Errors
    /// [`Error::Expired`] for a ceremony that is over or somebody else's; [`Error::Denied`] for every other reason.
    pub async fn passkey_finish_confirm(
        &self,
        signed: &Signed,
        ceremony: &str,
        answer: Value,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let webauthn = self.0.passkeys()?;
        let (text, session) = (ceremony.to_owned(), Browser::of_session(signed));
        let (of, state): (_, PasskeyAuthentication) = self
            .write(move |tx| ceremony::take(tx, now, &text, Kind::ConfirmByPasskey, &session))
            .await?;
        if of != Some(signed.administrator.key) {
            return Err(Error::Expired);
        }
        let answer: PublicKeyCredential = serde_json::from_value(answer).map_err(|_| Error::Denied)?;
        let result = webauthn
            .finish_passkey_authentication(&answer, &state)
            .map_err(|error| denied(&error))?;
        let (ticket, signed) = (Ticket::new(visit)?, signed.clone());
        self.write(move |tx| {
            note_use(tx, now, signed.administrator.key, &result)?;
            ticket.replace(tx, now, &signed, Method::Passkey, now)
        })
        .await
    }
}
