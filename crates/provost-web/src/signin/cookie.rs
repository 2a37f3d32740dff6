//! The cookies of the sign-in. Over HTTPS their names begin with `__Host-`: browsers then hold them to this host, to
//! HTTPS and to the whole of it, and no neighbour can plant one (RFC 6265bis section 4.1.3.2).

use super::me;
use crate::console::address::escaped;
use crate::state::State;
use crate::visitor::cookie_name;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use provost_signin::LIFE;
use uuid::Uuid;

/// Seconds for which a browser is known between two steps of a sign-in.
const STEP: i64 = 10 * 60;
/// Seconds for which a browser is known that comes with requests of Microsoft 365.
const DAY: i64 = 24 * 3_600;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Which browser began a sign-in.
    Browser,
    /// Where to go on when a provider has sent the browser back.
    To,
    /// Which browser came with a request of Microsoft 365.
    Federation,
}

impl Cookie {
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Browser, true) => "__Host-provost-browser",
            (Self::Browser, false) => "provost_browser",
            (Self::To, true) => "__Host-provost-to",
            (Self::To, false) => "provost_to",
            (Self::Federation, true) => "__Host-provost-federation",
            (Self::Federation, false) => "provost_federation",
        }
    }

    /// Its value in a request.
    pub fn of(self, state: &State, headers: &HeaderMap) -> Option<String> {
        let found = crate::visitor::cookie(headers, self.name(state.is_https()))?;
        Some(percent_decode_str(found).decode_utf8().ok()?.into_owned())
    }

    /// Gives it to the browser for the next steps.
    pub fn give(self, state: &State, response: &mut Response, value: &str) {
        let is_https = state.is_https();
        let seconds = if self == Self::Federation { DAY } else { STEP };
        let mut given = line(self.name(is_https), &escaped(value), seconds, is_https);
        if self == Self::Federation && is_https {
            // Requests of Microsoft 365 are forms of another site, and two tabs bring two of them. The cookie says which
            // browser it is, and proves nothing: the session is `Lax`. Browsers take `None` with `Secure` only.
            given = given.replace("SameSite=Lax", "SameSite=None");
        }
        set(response, &given);
    }
}

/// Gives the browser the cookie of a session.
pub(super) fn open(state: &State, response: &mut Response, value: &str) {
    set(
        response,
        &line(cookie_name(state), value, LIFE / 1_000, state.is_https()),
    );
}

/// Takes the cookie of the session from the browser.
pub(super) fn close(state: &State, response: &mut Response) {
    set(response, &line(cookie_name(state), "", 0, state.is_https()));
}

/// Gives the browser the cookie of a person's session.
pub(super) fn open_person(state: &State, response: &mut Response, value: &str) {
    let (name, seconds) = (me::cookie_name(state), LIFE / 1_000);
    set(response, &line(name, value, seconds, state.is_https()));
}

/// Takes the cookie of a person's session from the browser.
pub(crate) fn close_person(state: &State, response: &mut Response) {
    set(response, &line(me::cookie_name(state), "", 0, state.is_https()));
}

/// A text that nobody guesses, by which a browser is known: 244 random bits of the operating system.
pub(super) fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// `Lax`, not `Strict`: a link in a mail opens a page in the session that there is, and a provider sends back from
/// another site. What changes something is asked for its origin and its secret.
fn line(name: &str, value: &str, seconds: i64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn set(response: &mut Response, line: &str) {
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_of_plain_connections() {
        assert_eq!(
            line("__Host-provost", "s", LIFE / 1_000, true),
            "__Host-provost=s; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!line("provost_session", "s", 1, false).contains("Secure"));
    }

    #[test]
    fn no_two_browsers_are_one() {
        assert_ne!(random(), random());
        assert_eq!(random().len(), 64);
    }
}
