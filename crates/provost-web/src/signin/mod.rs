//! How a session begins and ends: one-time links, passkeys, passwords with codes, other systems; the account page, on
//! which somebody keeps their ways in; and who else may administer.
//!
//! What is checked stands in `provost_signin`; here it gets pages. Those that are there before somebody has signed in
//! are [`Policy::Open`]: they take forms from our own pages only.

mod account;
mod administrator;
mod administrators;
mod code;
mod confirm;
pub(crate) mod consent;
mod cookie;
mod doors;
mod enter;
mod knock;
mod leave;
pub(crate) mod me;
mod onboard;
pub(crate) mod openid;
mod passkey;
mod provider;
mod providers;
mod to;
mod tokens;
mod told;
mod welcome;

pub(crate) use administrator::role_name;
pub(crate) use administrators::LinkPage;
pub(crate) use cookie::close_person;
pub(crate) use knock::Knock;

use crate::console::refusal::{Refusal, Result};
use crate::policy::{Act, Policy, Routes};
use crate::state::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cookie::Cookie;
use provost_signin::{CALLBACK, CONSENT, SignIn};

const ENTER: Policy = Policy::Open("whoever signs in is not signed in yet");
const STATE: Policy =
    Policy::Open("the state in the address works once, in the browser and the session that began");
const LINK: Policy = Policy::Open("the link is the proof, and it works once");

/// The pages of the sign-in.
pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .get("/signin", ENTER, enter::show)
        .post("/signin", ENTER, enter::send)
        .post("/signin/code", ENTER, code::send)
        .post("/signin/passkey/options", ENTER, passkey::options)
        .post("/signin/passkey", ENTER, passkey::answer)
        .post("/signin/provider", ENTER, provider::enter)
        .get(CALLBACK, ENTER, provider::back)
        .get(CONSENT, STATE, consent::back)
        .get("/welcome", LINK, welcome::show)
        .post("/welcome", LINK, welcome::send)
        .post("/signout", Policy::Signed, leave::send)
        .get("/confirm", Policy::Signed, confirm::show)
        .post("/confirm", Policy::Signed, confirm::send)
        .post("/confirm/passkey/options", Policy::Signed, confirm::options)
        .post("/confirm/passkey", Policy::Signed, confirm::answer)
        .post("/confirm/provider", Policy::Signed, provider::confirm);
    let routes = onboard::routes(me::routes(account::routes(routes)));
    openid::routes(installation(administration(routes)))
}

/// Who administers a workspace, and its tokens.
fn administration(routes: Routes) -> Routes {
    let (own, fresh) = (Policy::Workspace(Act::Own), Policy::Fresh(Act::Own));
    routes
        .get("/w/{workspace}/administrators", own, administrators::list)
        .get("/w/{workspace}/administrators/new", fresh, administrators::form)
        .post("/w/{workspace}/administrators/new", fresh, administrators::invite)
        .get("/w/{workspace}/administrators/{id}", own, administrator::show)
        .post(
            "/w/{workspace}/administrators/{id}/role",
            fresh,
            administrator::role,
        )
        .post(
            "/w/{workspace}/administrators/{id}/block",
            own,
            administrator::block,
        )
        .post(
            "/w/{workspace}/administrators/{id}/unblock",
            fresh,
            administrator::unblock,
        )
        .post(
            "/w/{workspace}/administrators/{id}/sessions",
            own,
            administrator::end_sessions,
        )
        .post(
            "/w/{workspace}/administrators/{id}/link",
            fresh,
            administrator::link,
        )
        .post(
            "/w/{workspace}/administrators/{id}/reset",
            fresh,
            administrator::reset,
        )
        .post(
            "/w/{workspace}/administrators/{id}/remove",
            fresh,
            administrator::remove,
        )
        .get("/w/{workspace}/api-tokens", own, tokens::list)
        .get("/w/{workspace}/api-tokens/new", fresh, tokens::form)
        .post("/w/{workspace}/api-tokens/new", fresh, tokens::add)
        .post("/w/{workspace}/api-tokens/{key}/revoke", own, tokens::revoke)
}

/// The systems that administrators may sign in with.
fn installation(routes: Routes) -> Routes {
    let (own, fresh) = (
        Policy::Installation(Act::Own),
        Policy::FreshInstallation(Act::Own),
    );
    routes
        .get("/signin-providers", own, providers::list)
        .get("/signin-providers/new", fresh, providers::form)
        .post("/signin-providers/new", fresh, providers::add)
        .get("/signin-providers/{key}", fresh, providers::show)
        .post("/signin-providers/{key}", fresh, providers::edit)
        .post("/signin-providers/{key}/remove", fresh, providers::remove)
}

/// The sign-in of this server.
pub(crate) fn signin(state: &State) -> Result<&SignIn> {
    state
        .signin()
        .ok_or_else(|| Refusal::Absent("Nobody signs in to this server: it has no console.".to_owned()))
}

/// By what a browser is known that comes with a request of Microsoft 365, and whether it has to be told.
pub(crate) fn known_browser(state: &State, headers: &HeaderMap) -> (String, bool) {
    let known = Cookie::Federation
        .of(state, headers)
        .filter(|text| text.len() == 64);
    let is_new = known.is_none();
    (known.unwrap_or_else(cookie::random), is_new)
}

/// Tells a browser by what it is known.
pub(crate) fn know_browser(state: &State, response: &mut Response, value: &str) {
    Cookie::Federation.give(state, response, value);
}
