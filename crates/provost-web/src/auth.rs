//! From a bearer token to a caller. A handler that takes a [`ScimCaller`] cannot be reached without one.

use crate::error::{Error, Result};
use crate::state::{State, now};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use provost_store::directory::{Change, Owner};
use provost_store::provider::Provider;
use provost_store::token::{self, Accepted};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long an accepted token is taken for good without asking the database: within this time a revoked
/// token stops working.
const FRESH: Duration = Duration::from_secs(5);
/// Milliseconds between two notes of a token's last use.
const NOTE_EVERY: i64 = 60_000;
/// Tokens remembered before those that are out of use are dropped.
const REMEMBERED: usize = 1_024;

const MISSING: &str =
    "no token was sent; send the header `Authorization: Bearer <token>` with a token of this provider";
const REFUSED: &str = "the token is unknown, expired or revoked; make a new one in Provost and enter it in your \
                       identity provider";

/// Who sends a SCIM request: the inbound provider that the token belongs to. It sees and touches only what
/// this provider owns.
#[derive(Debug, Clone)]
pub struct ScimCaller(Arc<Known>);

#[derive(Debug)]
struct Known {
    provider: Provider,
    actor: String,
}

impl ScimCaller {
    fn new(provider: Provider) -> Self {
        let actor = format!("provider {}", provider.name);
        Self(Arc::new(Known { provider, actor }))
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

    /// A change by this caller at `now`, milliseconds since 1970.
    pub(crate) fn change(&self, now: i64) -> Change<'_> {
        Change {
            owner: self.owner(),
            actor: &self.0.actor,
            now,
        }
    }
}

impl FromRequestParts<State> for ScimCaller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .ok_or(Error::Unauthorized(MISSING))?;
        let text = header
            .to_str()
            .ok()
            .and_then(bearer)
            .ok_or(Error::Unauthorized(MISSING))?;
        match state.tokens().remembered(text) {
            Some(caller) => Ok(caller),
            None => look_up(state, text).await,
        }
    }
}

/// The token after the scheme, whose name has no letter case (RFC 9110 section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// Asks the database about a token that is not remembered.
async fn look_up(state: &State, text: &str) -> Result<ScimCaller> {
    if !token::is_well_formed(text) {
        return Err(Error::Unauthorized(REFUSED));
    }
    // Taken before the read, so that a revocation during it is not outlived.
    let (asked, now) = (Instant::now(), now());
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
            Err(Error::Unauthorized(REFUSED))
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

/// Tokens that were accepted a moment ago. The texts stay in memory only and are never printed.
#[derive(Default)]
pub(crate) struct Tokens(RwLock<HashMap<String, Entry>>);

struct Entry {
    caller: ScimCaller,
    asked: Instant,
    noted: i64,
}

impl Tokens {
    fn remembered(&self, text: &str) -> Option<ScimCaller> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(text)
            .filter(|entry| entry.asked.elapsed() < FRESH)
            .map(|entry| entry.caller.clone())
    }

    /// Remembers an accepted token. Also answers the token's key when its use must be noted.
    fn remember(
        &self,
        text: &str,
        accepted: Accepted,
        asked: Instant,
        now: i64,
    ) -> (ScimCaller, Option<i64>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, entry| entry.asked.elapsed() < FRESH);
        }
        let noted = known.get(text).map_or(0, |entry| entry.noted);
        let is_due = now - noted >= NOTE_EVERY;
        let caller = ScimCaller::new(accepted.provider);
        let entry = Entry {
            caller: caller.clone(),
            asked,
            noted: if is_due { now } else { noted },
        };
        known.insert(text.to_owned(), entry);
        (caller, is_due.then_some(accepted.key))
    }

    fn forget(&self, text: &str) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(text);
    }
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
