//! Who may open the console. Until there is a sign-in, it is whoever has a one-time link: the command that
//! starts the server prints one. Keys and sessions live in memory, so a restart ends them all.

use super::refusal::Refusal;
use crate::state::State;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The name of the session's cookie.
const COOKIE_NAME: &str = "provost_session";
/// How long a session lasts, and how long a link may wait for its use.
const LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// Links and sessions that may be open at once; the oldest give way.
const OPEN: usize = 64;

/// Somebody with a session. A handler that takes one cannot be reached without.
pub(crate) struct Visitor;

impl FromRequestParts<State> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let is_open = state
            .console()
            .is_some_and(|access| access.is_open_to(&parts.headers));
        if is_open { Ok(Self) } else { Err(Refusal::Closed) }
    }
}

/// Hands out one-time keys and knows the sessions that they opened. A clone is the same.
#[derive(Clone, Default)]
pub struct ConsoleAccess(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    keys: HashMap<String, Instant>,
    sessions: HashMap<String, Instant>,
}

impl ConsoleAccess {
    /// Access that nobody has yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new key for `/signin?key=…`. It opens one session, within twelve hours.
    #[must_use]
    pub fn one_time_key(&self) -> String {
        let key = random_text();
        remember(&mut self.open().keys, key.clone());
        key
    }

    /// Uses up a key and opens a session.
    pub(crate) fn redeem(&self, key: &str) -> Option<String> {
        let mut open = self.open();
        open.keys.remove(key).filter(|made| made.elapsed() < LIFE)?;
        let session = random_text();
        remember(&mut open.sessions, session.clone());
        Some(session)
    }

    /// Whether the request carries the cookie of a session that is still open.
    pub(crate) fn is_open_to(&self, headers: &HeaderMap) -> bool {
        let open = self.open();
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies.flat_map(|list| list.split(';')).any(|pair| {
            let session = pair
                .trim()
                .strip_prefix(COOKIE_NAME)
                .and_then(|rest| rest.strip_prefix('='));
            session
                .and_then(|text| open.sessions.get(text))
                .is_some_and(|made| made.elapsed() < LIFE)
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ConsoleAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsoleAccess")
    }
}

/// The cookie that carries a session. Over HTTPS it is kept from plain connections.
pub(super) fn cookie(session: &str, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!(
        "{COOKIE_NAME}={session}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        LIFE.as_secs()
    )
}

fn remember(known: &mut HashMap<String, Instant>, text: String) {
    known.retain(|_, made| made.elapsed() < LIFE);
    while known.len() >= OPEN {
        let Some(oldest) = known
            .iter()
            .min_by_key(|(_, made)| **made)
            .map(|(text, _)| text.clone())
        else {
            break;
        };
        known.remove(&oldest);
    }
    known.insert(text, Instant::now());
}

/// 244 random bits from the operating system.
fn random_text() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with_cookie(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, text.parse().unwrap());
        headers
    }

    #[test]
    fn a_key_opens_one_session_once() {
        let access = ConsoleAccess::new();
        let key = access.one_time_key();
        let session = access.redeem(&key).unwrap();
        assert_eq!(access.redeem(&key), None);
        assert!(access.is_open_to(&with_cookie(&format!("theme=dark; provost_session={session}"))));
        for cookie in ["provost_session=", "provost_session=guess", "theme=dark"] {
            assert!(!access.is_open_to(&with_cookie(cookie)), "{cookie}");
        }
        assert!(
            !access.is_open_to(&with_cookie(&format!("provost_session={key}"))),
            "a key is no session"
        );
        assert!(!access.is_open_to(&HeaderMap::new()));
    }

    #[test]
    fn links_and_sessions_do_not_pile_up() {
        let access = ConsoleAccess::new();
        for _ in 0..OPEN * 2 {
            let _ = access.one_time_key();
        }
        assert_eq!(access.open().keys.len(), OPEN);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_of_plain_connections() {
        assert_eq!(
            cookie("s", true),
            "provost_session=s; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!cookie("s", false).contains("Secure"));
    }
}
