//! Signing in with a passkey, without a name: the authenticator says whose it is. Whoever tries learns nothing from a
//! refusal: an unknown passkey, one of another workspace and one of somebody who is closed look the same.

use super::ceremony::{self, Begun, Kind, LIFE, Place};
use super::passkey::note_use;
use super::{Method, Opened, Passkey, People, session};
use crate::limit::{self, Subject};
use crate::passkey::open;
use crate::session::Ticket;
use crate::{Error, Result, Visit, random};
use provost_store::Tx;
use provost_store::person_signin::{self, passkey};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, Uuid};

/// Stands for a workspace that there is not: nobody signs in to it, and nothing else tells it from the others.
const NOWHERE: i64 = 0;

impl People {
    /// Begins a sign-in: the ceremony's key, and the options for `navigator.credentials.get`. `browser` is a cookie that
    /// this browser keeps until the end. None for the workspace: there is none of that name.
    ///
    /// # Errors
    /// [`Error::Wait`] when too many are begun from one network; [`Error::Refused`] where passkeys cannot be used
    /// (`PRV-PASSKEY-ADDRESS`).
    pub async fn begin_signin(
        &self,
        workspace: Option<i64>,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<(String, Value)> {
        let (options, state) = self.0.0.begin_finding()?;
        let text = random::text()?;
        let name = text.clone();
        let place = Place::of_cookie(workspace.unwrap_or(NOWHERE), browser);
        let network = Subject::people(visit.address);
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::PEOPLE)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let begun = Begun {
                    text: &name,
                    kind: Kind::SignIn,
                    person: None,
                    state: &state,
                    life: LIFE,
                };
                Ok(Ok(ceremony::begin(tx, now, &place, &begun)?))
            })
            .await?;
        Ok((text, options))
    }

    /// Opens a session for whoever proved that they have one of the workspace's passkeys.
    ///
    /// # Errors
    /// [`Error::Expired`] for a ceremony that is over, of another browser or workspace; [`Error::Denied`] for every other
    /// reason.
    pub async fn finish_signin(
        &self,
        workspace: Option<i64>,
        ceremony: &str,
        browser: &str,
        answer: Value,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let place = Place::of_cookie(workspace.unwrap_or(NOWHERE), browser);
        let (text, at) = (ceremony.to_owned(), place.clone());
        let (_, state): (_, DiscoverableAuthentication) = self
            .0
            .write(move |tx| ceremony::take(tx, now, &at, &text, Kind::SignIn))
            .await?;
        let claim = self.0.0.claim(answer)?;
        let (owner, id, within) = (claim.owner, claim.id.clone(), place.workspace);
        let kept = self.0.read(move |tx| claimed(tx, within, owner, &id)).await?;
        let result = self
            .0
            .0
            .prove(&claim, state, &open(kept.key, &kept.credential)?)?;
        let (ticket, network) = (Ticket::new(visit)?, Subject::people(visit.address));
        self.0
            .write(move |tx| {
                note_use(tx, now, kept.person, &result)?;
                let opened = session::open(tx, now, &ticket, kept.person, Method::Passkey)?;
                limit::give_back(tx, now, &network, limit::PEOPLE)?;
                Ok(opened)
            })
            .await
    }
}

/// The passkey, when it belongs to the person whom the authenticator names, in this workspace, and they may sign in.
fn claimed(tx: &mut Tx, workspace: i64, owner: Uuid, id: &str) -> Result<Passkey> {
    let kept = passkey::by_credential_id(tx, id)?.ok_or(Error::Denied)?;
    let person = person_signin::open(tx, kept.person)?.ok_or(Error::Denied)?;
    if person.id == owner && person.workspace == workspace {
        Ok(kept)
    } else {
        Err(Error::Denied)
    }
}
