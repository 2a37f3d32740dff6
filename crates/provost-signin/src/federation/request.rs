//! Reading what a browser brings, and keeping it.

use super::keep::{self, Browser, Pending};
use super::{Door, Federation, Told, Why, party, tell};
use crate::limit::{self, Subject};
use crate::{Error, Result, Visit, random};
use jiff::Timestamp;
use provost_saml::binding::{self, Incoming, Kind};
use provost_saml::entra::PERSISTENT;
use provost_saml::request::AuthnRequest;
use provost_saml::response::Party;
use provost_saml::signature::Sha1;
use provost_saml::wsfed::SignInRequest;
use provost_saml::{Endpoint, Error as Saml};
use provost_store::federated_signin::Protocol;

/// The longest RelayState that goes back: Microsoft's is longer than the 80 bytes of the standard.
const MAX_STATE: usize = 8 * 1024;

/// A request as a browser brought it.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// SAML by POST: the fields `SAMLRequest` and `RelayState`.
    Post(&'a str, Option<&'a str>),
    /// SAML by redirect: the query.
    Redirect(&'a str),
    /// WS-Federation: the query, or the body of a form.
    Passive(&'a str),
}

impl Asked<'_> {
    fn protocol(self) -> Protocol {
        match self {
            Self::Passive(_) => Protocol::WsFederation,
            Self::Post(..) | Self::Redirect(_) => Protocol::Saml,
        }
    }
}

/// What was read.
enum Read {
    Kept(Pending),
    /// It is no request to sign in but one to sign out.
    Leaving,
}

impl Federation {
    /// Reads a request and keeps it for this browser; answers the handle with which it is gone on. None: it asks to sign
    /// out, which [`Federation::leave`] does.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-FEDERATION-REQUEST`) for one that cannot be answered: what is wrong with it stands in the
    /// audit log only. [`Error::Wait`] when too many came from one network.
    pub async fn ask(
        &self,
        door: &Door,
        asked: Asked<'_>,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Option<String>> {
        let read = read(door, asked, now);
        let pending = match read {
            Ok(Read::Leaving) => return Ok(None),
            Ok(Read::Kept(pending)) => pending,
            Err(error) => return Err(self.refused(door, asked.protocol(), &error, visit, now).await?),
        };
        let handle = random::text()?;
        let (name, place) = (handle.clone(), Browser::of(door.provider.workspace, browser));
        let network = Subject::federation(visit.address);
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::FEDERATION)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                Ok(Ok(keep::keep(tx, now, &place, &name, &pending)?))
            })
            .await?;
        Ok(Some(handle))
    }

    /// Notes a request that cannot be answered; strangers do not fill the log with them.
    async fn refused(
        &self,
        door: &Door,
        protocol: Protocol,
        error: &Saml,
        visit: &Visit,
        now: i64,
    ) -> Result<Error> {
        let network = Subject::bad_federation(visit.address);
        let (provider, why) = (
            door.provider.clone(),
            format!("{}:{}", Why::Request.as_str(), error.code()),
        );
        let address = visit.address.to_canonical().to_string();
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::BAD_FEDERATION)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let told = Told {
                    provider: &provider,
                    protocol,
                    who: None,
                    why: Some(&why),
                    name: "",
                    assertion: "",
                    method: "",
                    address: &address,
                };
                Ok(Ok(tell(tx, now, &told)?))
            })
            .await?;
        Ok(Error::refused(
            "PRV-FEDERATION-REQUEST",
            "this request to sign in cannot be answered",
            "Begin again at the application; an administrator finds the reason among the sign-ins of the provider.",
        ))
    }
}

fn read(door: &Door, asked: Asked<'_>, now: i64) -> std::result::Result<Read, Saml> {
    let Some(party) = party::of(&door.provider.settings) else {
        return Err(Saml::UnknownParty);
    };
    let at = moment(now);
    match asked {
        Asked::Post(message, state) => {
            let document = binding::decode(message)?;
            let own = Endpoint::parse(&door.addresses.sign_in)?;
            let request = AuthnRequest::read(&document, &party, &own, Sha1::Refused, at)?;
            saml(door, &party, request, state.map(str::to_owned), now)
        }
        Asked::Redirect(query) => {
            let incoming = Incoming::parse(query, Kind::Request)?;
            let own = Endpoint::parse(&door.addresses.sign_in)?;
            let request = AuthnRequest::read_redirect(&incoming, &party, &own, Sha1::Refused, at)?;
            saml(door, &party, request, incoming.relay_state.clone(), now)
        }
        Asked::Passive(query) => match SignInRequest::parse(query, &party)? {
            SignInRequest::SignOut | SignInRequest::CleanUp => Ok(Read::Leaving),
            SignInRequest::SignIn(wish) => Ok(Read::Kept(Pending {
                provider: door.provider.key,
                passive: true,
                id: None,
                state: wish.context,
                max_age: wish.max_age_minutes.map(|minutes| i64::from(minutes) * 60_000),
                silent: false,
                name_fits: true,
                came: now,
            })),
        },
    }
}

fn saml(
    door: &Door,
    party: &Party,
    request: AuthnRequest,
    state: Option<String>,
    now: i64,
) -> std::result::Result<Read, Saml> {
    if state.as_ref().is_some_and(|state| state.len() > MAX_STATE) {
        return Err(Saml::RelayState);
    }
    Ok(Read::Kept(Pending {
        provider: door.provider.key,
        passive: false,
        name_fits: party.gives(PERSISTENT, request.name_id_format.as_deref()).is_ok(),
        id: Some(request.id),
        state,
        max_age: request.force_authn.then_some(0),
        silent: request.is_passive,
        came: now,
    }))
}

/// A moment of ours in the words of the protocol.
pub(super) fn moment(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}
