//! Signing in with a passkey, without a name: the authenticator says whose it is.

use super::{note_use, open};
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Subject};
use crate::session::Ticket;
use crate::{Error, Method, Opened, Result, SignIn, Visit, random};
use provost_store::passkey::{self, Passkey as Kept};
use provost_store::{Tx, administrator};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, Uuid};

impl SignIn {
    /// Begins a sign-in by passkey: the ceremony's key, and the options for `navigator.credentials.get`. `browser` is
    /// a cookie that this browser keeps until the end.
    ///
    /// # Errors
    /// [`Error::Wait`] when too many are begun from one network; [`Error::Refused`] where passkeys cannot be used
    /// (`PRV-PASSKEY-ADDRESS`).
    pub async fn passkey_begin_signin(
        &self,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<(String, Value)> {
        let (options, state) = self.0.begin_finding()?;
        let text = random::text()?;
        let (name, browser) = (text.clone(), Browser::of_cookie(browser));
        let network = Subject::beginning(visit.address);
        self.settle(move |tx| {
            let wait = limit::take(tx, now, &network, limit::BEGINNING)?;
            if let Some(seconds) = wait {
                return Ok(Err(Error::Wait { seconds }));
            }
            ceremony::begin(tx, now, &name, Kind::Passkey, None, &browser, &state)?;
            Ok(Ok(()))
        })
        .await?;
        Ok((text, options))
    }

    /// Opens a session for whoever proved that they have one of the passkeys.
    ///
    /// # Errors
    /// [`Error::Expired`] for a ceremony that is over or of another browser; [`Error::Denied`] for every other
    /// reason.
    pub async fn passkey_finish_signin(
        &self,
        ceremony: &str,
        browser: &str,
        answer: Value,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let (text, browser) = (ceremony.to_owned(), Browser::of_cookie(browser));
        let (_, state): (_, DiscoverableAuthentication) = self
            .write(move |tx| ceremony::take(tx, now, &text, Kind::Passkey, &browser))
            .await?;
        let claim = self.0.claim(answer)?;
        let (person, id) = (claim.owner, claim.id.clone());
        let kept = self.read(move |tx| claimed(tx, person, &id)).await?;
        let result = self.0.prove(&claim, state, &open(kept.key, &kept.credential)?)?;
        let (ticket, network) = (Ticket::new(visit)?, Subject::beginning(visit.address));
        self.write(move |tx| {
            note_use(tx, now, kept.administrator, &result)?;
            let opened = ticket.open(tx, now, kept.administrator, Method::Passkey, now)?;
            limit::give_back(tx, now, &network, limit::BEGINNING)?;
            Ok(opened)
        })
        .await
    }
}

/// The passkey, when it belongs to the person whom the authenticator names.
fn claimed(tx: &mut Tx, person: Uuid, id: &str) -> Result<Kept> {
    let kept = passkey::by_credential_id(tx, id)?.ok_or(Error::Denied)?;
    let owner = administrator::by_key(tx, kept.administrator)?.ok_or(Error::Denied)?;
    if owner.id == person {
        Ok(kept)
    } else {
        Err(Error::Denied)
    }
}
