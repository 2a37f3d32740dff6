//! Who stands before the door: from where, with which browser, in which language.

use super::cookie::{self, Cookie};
use super::signin;
use crate::console::refusal::Refusal;
use crate::network::{self, Peer};
use crate::state::State;
use crate::texts::Language;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::response::Response;
use provost_signin::Visit;
use std::net::{IpAddr, Ipv4Addr};
use url::{Host, Url};

/// Who stands before the door.
#[derive(Debug, Clone)]
pub(crate) struct Knock {
    /// Where the request comes from.
    pub visit: Visit,
    /// The language of the browser.
    pub language: Language,
    /// By what the browser is known from one step to the next.
    pub browser: String,
    /// The cookies, for what only some pages look for.
    pub headers: HeaderMap,
    /// Whether the browser has to be told by what it is known.
    is_new: bool,
}

impl Knock {
    /// Gives the browser the cookie by which it is known, where it has none.
    pub fn tell(&self, state: &State, mut response: Response) -> Response {
        if self.is_new {
            Cookie::Browser.give(state, &mut response, &self.browser);
        }
        response
    }

    /// Gives the browser that cookie once more: its time begins anew.
    pub fn keep(&self, state: &State, mut response: Response) -> Response {
        Cookie::Browser.give(state, &mut response, &self.browser);
        response
    }

    /// How passkeys can be used at the address at which the browser stands.
    pub fn passkeys(&self, state: &State) -> Passkeys {
        if !signin(state).is_ok_and(provost_signin::SignIn::has_passkeys) {
            return Passkeys::None;
        }
        match self.named(state) {
            Some(address) => Passkeys::At(address),
            None => Passkeys::Here,
        }
    }

    /// Where browsers reach this server.
    pub fn origin(&self, state: &State) -> String {
        if let Some(url) = &state.settings().public_url {
            return url.clone();
        }
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok());
        self.named(state)
            .unwrap_or_else(|| format!("http://{}", host.unwrap_or("localhost")))
    }

    /// The same server by its name, where the browser stands at an IP address of this machine.
    fn named(&self, state: &State) -> Option<String> {
        if state.settings().public_url.is_some() {
            return None;
        }
        let host = self.headers.get(HOST)?.to_str().ok()?;
        let url = Url::parse(&format!("http://{host}")).ok()?;
        let is_loopback = match url.host()? {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(_) => false,
        };
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        is_loopback.then(|| format!("http://localhost{port}"))
    }
}

/// Whether a passkey can be used. It belongs to a name, never to an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passkeys {
    /// Yes.
    Here,
    /// Where the server is called by its name, which is this address.
    At(String),
    /// No: the server has no name.
    None,
}

impl FromRequestParts<State> for Knock {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        let trusted = &state.settings().trusted_proxies;
        let peer = parts.extensions.get::<Peer>().copied();
        // Requests come by connections only; without one they are counted as this machine's.
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| {
            network::client(peer, headers, trusted)
        });
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let browser = Cookie::Browser.of(state, headers).filter(|text| text.len() == 64);
        Ok(Self {
            visit: Visit {
                address,
                agent: agent.unwrap_or_default().to_owned(),
            },
            language: Language::chosen("", headers.get(ACCEPT_LANGUAGE)),
            is_new: browser.is_none(),
            browser: browser.unwrap_or_else(cookie::random),
            headers: headers.clone(),
        })
    }
}
