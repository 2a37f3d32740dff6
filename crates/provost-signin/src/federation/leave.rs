//! Signing out at Microsoft 365's request. A request without a signature is a question of the browser that carries it, and
//! ends no more than the session in that browser; nothing leads to an address of the request.
//!
//! Source: SAML 2.0 Profiles section 4.4; WS-Federation 1.2 section 13.2.4.

use super::issue::{identity, inside, message_id};
use super::request::moment;
use super::{Door, Federation, party};
use crate::person::SignedIn;
use crate::{Error, Result};
use provost_saml::binding::{self, Incoming, Kind, MAX_RELAY_STATE};
use provost_saml::logout::{self, LogoutRequest, Outgoing};
use provost_saml::wsfed::SignInRequest;
use provost_saml::{Endpoint, Error as Saml};

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// The session of this browser has ended; a page says so.
    Left,
    /// The same, and the browser carries the answer to this address of Microsoft 365.
    Answer(String),
    /// The application has ended its own session: there is nothing to do here.
    Noted,
}

/// What was asked.
enum Wish {
    Left,
    Saml { id: String, state: Option<String> },
    Noted,
}

impl Federation {
    /// Reads a request to sign out and ends the session of this browser, if there is one. A query that asks for nothing
    /// is a link that somebody followed, and does the same.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-FEDERATION-REQUEST`) for a request that cannot be read; nothing has ended then.
    pub async fn leave(
        &self,
        door: &Door,
        query: &str,
        signed: Option<&SignedIn>,
        now: i64,
    ) -> Result<Leaving> {
        let wish = read(door, query, now).map_err(|_| {
            Error::refused(
                "PRV-FEDERATION-REQUEST",
                "this request to sign out cannot be answered",
                "Close the browser to end your session, or sign out at your own page.",
            )
        })?;
        if matches!(wish, Wish::Noted) {
            return Ok(Leaving::Noted);
        }
        if let Some(signed) = signed {
            self.0.people().end(signed, signed.session.key, now).await?;
        }
        match wish {
            Wish::Saml { id, state } => self.answer_leaving(door, &id, state.as_deref(), now).await,
            Wish::Left | Wish::Noted => Ok(Leaving::Left),
        }
    }

    async fn answer_leaving(
        &self,
        door: &Door,
        asked: &str,
        state: Option<&str>,
        now: i64,
    ) -> Result<Leaving> {
        let Some(party) = party::of(&door.provider.settings) else {
            return Ok(Leaving::Left);
        };
        let signing = self.signing(&door.provider, now).await?;
        let key = signing.key.clone();
        let provider = identity(door, signing)?;
        let (reply, id) = (party.reply(None).map_err(inside)?, message_id()?);
        let out = Outgoing {
            id: &id,
            issuer: provider.entity_id(),
            destination: reply,
            now: moment(now),
        };
        let text = logout::response(&out, asked).map_err(inside)?;
        // A longer state than the standard allows does not fit into an address for sure.
        let state = state.filter(|state| state.len() <= MAX_RELAY_STATE);
        let (state, to) = (state.map(str::to_owned), reply.as_str().to_owned());
        let making =
            move || binding::outgoing(Kind::Response, &text, state.as_deref(), Some(&key)).map_err(inside);
        let query = self.0.0.signers.run(making).await?;
        Ok(Leaving::Answer(format!("{to}?{query}")))
    }
}

fn read(door: &Door, query: &str, now: i64) -> std::result::Result<Wish, Saml> {
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let party = party::of(&door.provider.settings).ok_or(Saml::UnknownParty)?;
    if has("wa") {
        return Ok(match SignInRequest::parse(query, &party)? {
            SignInRequest::CleanUp => Wish::Noted,
            SignInRequest::SignOut => Wish::Left,
            SignInRequest::SignIn(_) => return Err(Saml::Action),
        });
    }
    if !has("SAMLRequest") {
        return Ok(Wish::Left);
    }
    let incoming = Incoming::parse(query, Kind::Request)?;
    let own = Endpoint::parse(&door.addresses.sign_out)?;
    let request = LogoutRequest::read(&incoming.document, &party, &own, moment(now))?;
    Ok(Wish::Saml {
        id: request.id,
        state: incoming.relay_state,
    })
}
