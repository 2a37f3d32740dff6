//! From a bearer token to a caller whose request may be answered. A handler that takes an [`Admission`] cannot
//! be reached without a token, from a network that its provider does not allow, or faster than it may.

mod presence;
mod tokens;

pub(crate) use tokens::Tokens;

use crate::budget::{Budget, Pace};
use crate::error::{Error, Result};
use crate::network::{self, Peer};
use crate::state::{State, now};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use presence::{Place, Presence};
use provost_scim::leniency::Leniency;
use provost_scim::schema::Catalogue;
use provost_store::directory::{Change, Owner};
use provost_store::provider::Provider;
use provost_store::token::{self, Refusal};
use std::sync::Arc;
use std::time::Instant;

const MISSING: &str =
    "no token was sent; send the header `Authorization: Bearer <token>` with a token of this provider";
const REFUSED: &str = "the token is unknown, expired or revoked; make a new one in Provost and enter it in your \
                       identity provider";
const NOT_SAVED: &str = "the provider of this token is a draft, and nothing is accepted from it yet; save it in \
                         Provost and try again";
const OFF: &str = "the provider of this token is switched off in Provost; switch it on there and try again";

/// Who sends a SCIM request: the inbound provider that the token belongs to. It sees and touches only what
/// this provider owns.
#[derive(Debug, Clone)]
pub struct ScimCaller(Arc<Known>);

#[derive(Debug)]
struct Known {
    provider: Provider,
    catalogue: Arc<Catalogue>,
    leniency: Leniency,
    actor: String,
    pace: Option<Pace>,
    budget: Arc<Budget>,
    presence: Arc<Presence>,
}

impl ScimCaller {
    fn new(
        provider: Provider,
        catalogue: Arc<Catalogue>,
        budget: Arc<Budget>,
        presence: Arc<Presence>,
    ) -> Self {
        let settings = &provider.settings;
        Self(Arc::new(Known {
            leniency: settings.dialect.map_or_else(Leniency::default, Leniency::of),
            actor: format!("provider {}", provider.name),
            pace: Pace::new(settings.requests_per_second, settings.burst),
            provider,
            catalogue,
            budget,
            presence,
        }))
    }

    /// The provider that the token belongs to.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.0.provider
    }

    /// Whose objects the caller sees and touches.
    #[must_use]
    pub fn owner(&self) -> Owner {
        self.0.provider.owner()
    }

    /// The resource types of the caller's workspace.
    pub(crate) fn catalogue(&self) -> &Arc<Catalogue> {
        &self.0.catalogue
    }

    /// What is tolerated of the caller beyond the RFC: everything, unless an administrator chose a dialect.
    pub(crate) fn leniency(&self) -> Leniency {
        self.0.leniency
    }

    /// What is known of the caller's provider while the server runs.
    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// A change by this caller at `now`, milliseconds since 1970.
    pub(crate) fn change(&self, now: i64) -> Change<'_> {
        Change {
            owner: self.owner(),
            actor: &self.0.actor,
            now,
        }
    }

    /// Takes `more` requests off what the token may still send: a bulk request stands for many.
    pub(crate) fn charge(&self, state: &State, more: usize) {
        if let Some(pace) = self.0.pace {
            let now = state.tokens().nanoseconds(Instant::now());
            self.0.budget.charge(now, pace, more as u64);
        }
    }

    /// Lets a request pass that comes from where it may, and is not one too many.
    fn admit(&self, parts: &Parts, state: &State, started: Instant) -> Result<Place> {
        self.check_network(parts, state)?;
        if let Some(pace) = self.0.pace {
            let taken = self.0.budget.take(state.tokens().nanoseconds(started), pace);
            taken.map_err(|seconds| Error::TooMany {
                seconds,
                what: "this token sends more requests than its provider is set to",
            })?;
        }
        Presence::enter(&self.0.presence, state.settings().limits.in_flight).ok_or(Error::TooMany {
            seconds: 1,
            what: "too many requests of this provider are being answered already",
        })
    }

    fn check_network(&self, parts: &Parts, state: &State) -> Result<()> {
        let allowed = &self.0.provider.settings.networks;
        if allowed.is_empty() {
            return Ok(());
        }
        let peer = parts.extensions.get::<Peer>();
        let client =
            peer.map(|peer| network::client(*peer, &parts.headers, &state.settings().trusted_proxies));
        if client.is_some_and(|client| network::contains(allowed, client)) {
            return Ok(());
        }
        let from = client.map_or_else(|| "an unknown address".to_owned(), |client| client.to_string());
        let detail = format!(
            "this provider does not accept requests from {from}; add the network to the provider in Provost"
        );
        Err(provost_scim::Error::forbidden(detail).into())
    }
}

/// A request of a known caller that may be answered now.
pub(crate) struct Admission {
    /// Who asks.
    pub caller: ScimCaller,
    /// When the request began to be looked at.
    pub started: Instant,
    /// Kept until the answer is made.
    pub place: Place,
}

impl FromRequestParts<State> for Admission {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let started = Instant::now();
        let caller = authenticate(parts, state, started).await?;
        match caller.admit(parts, state, started) {
            Ok(place) => Ok(Self {
                caller,
                started,
                place,
            }),
            Err(error) => {
                state.request_log().refused(&caller, parts, started, &error);
                Err(error)
            }
        }
    }
}

async fn authenticate(parts: &Parts, state: &State, started: Instant) -> Result<ScimCaller> {
    let header = parts.headers.get(AUTHORIZATION);
    let text = header
        .and_then(|header| header.to_str().ok())
        .and_then(bearer)
        .ok_or(Error::Unauthorized(MISSING))?;
    match state.tokens().remembered(text, started) {
        Some(caller) => Ok(caller),
        None => look_up(state, text, started).await,
    }
}

/// The token after the scheme, whose name has no letter case (RFC 9110 section 11.1).
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// Asks the database about a token that is not remembered. `asked` lies before the read, so that a revocation
/// during it is not outlived.
async fn look_up(state: &State, text: &str, asked: Instant) -> Result<ScimCaller> {
    if !token::is_well_formed(text) {
        return Err(Error::Unauthorized(REFUSED));
    }
    let now = now();
    let wanted = text.to_owned();
    match state
        .db()
        .read_short(move |tx| token::accept(tx, &wanted, now).map_err(Error::from))
        .await?
    {
        Ok(accepted) => {
            let (caller, is_due) = state.tokens().remember(text, accepted, asked, now);
            if let Some(key) = is_due {
                note_use(state, key, now);
            }
            Ok(caller)
        }
        Err(refusal) => {
            state.tokens().forget(text);
            tracing::info!(?refusal, "a SCIM request was refused by its token");
            Err(Error::Unauthorized(match refusal {
                Refusal::NotSaved => NOT_SAVED,
                Refusal::Off => OFF,
                _ => REFUSED,
            }))
        }
    }
}

/// Notes the use beside the request: nobody waits for it, and losing it loses a minute's note.
fn note_use(state: &State, key: i64, now: i64) {
    let db = state.db().clone();
    tokio::spawn(async move {
        if let Err(error) = db.write(move |tx| token::note_use(tx, key, now)).await {
            tracing::debug!(%error, "a token's use could not be noted");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn the_scheme_has_no_letter_case_and_a_token_must_follow() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bEARER  abc "), Some("abc"));
        for header in ["Bearer", "Bearer ", "Basic abc", "abc", ""] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }
}
