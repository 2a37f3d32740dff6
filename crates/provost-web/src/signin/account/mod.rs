//! `/account`: who is signed in, how they sign in, and where they are signed in. Changing a way in needs a fresh
//! sign-in; whoever came by a link and has none yet adds their first one without.

mod codes;
mod details;
mod identities;
mod passkeys;
mod password;
mod sessions;
mod show;

pub(super) use details::{languages, wrong, zones};
pub(super) use passkeys::{NewPasskey, OnePasskey, device};
pub(super) use show::{language, zone};

use super::signin;
use crate::console::refusal::{Refusal, Result};
use crate::policy::{Policy, Routes};
use crate::state::{State, now};
use crate::visitor::Visitor;
use provost_signin::{Error, Method, Ways};

/// The pages of the account.
pub(super) fn routes(routes: Routes) -> Routes {
    let signed = Policy::Signed;
    routes
        .get("/account", signed, show::show)
        .get("/account/details", signed, details::form)
        .post("/account/details", signed, details::send)
        .get("/account/passkeys/new", signed, passkeys::form)
        .post("/account/passkeys/options", signed, passkeys::options)
        .post("/account/passkeys/new", signed, passkeys::answer)
        .get("/account/passkeys/{key}", signed, passkeys::one)
        .post("/account/passkeys/{key}", signed, passkeys::rename)
        .post("/account/passkeys/{key}/remove", signed, passkeys::remove)
        .get("/account/password", signed, password::form)
        .post("/account/password", signed, password::send)
        .post("/account/password/remove", signed, password::remove)
        .get("/account/codes", signed, codes::form)
        .post("/account/codes/begin", signed, codes::begin)
        .post("/account/codes", signed, codes::confirm)
        .post("/account/codes/remove", signed, codes::remove)
        .post("/account/recovery-codes", signed, codes::renew)
        .post("/account/provider", signed, identities::tie)
        .post("/account/provider/remove", signed, identities::untie)
        .post("/account/sessions/{key}/end", signed, sessions::end)
        .post("/account/sessions/end-others", signed, sessions::end_others)
}

/// How the visitor signs in.
async fn ways(state: &State, visitor: &Visitor) -> Result<Ways> {
    Ok(signin(state)?.ways(&visitor.signed).await?)
}

/// Lets on who may change how they sign in; others prove first who they are, before they have typed anything.
///
/// # Errors
/// [`Refusal::Stale`], which leads there and back.
fn require_may_change(visitor: &Visitor, ways: &Ways) -> Result<()> {
    let is_first = ways.is_empty() && visitor.signed.session.method == Method::Link;
    if is_first || visitor.signed.is_fresh(now()) {
        return Ok(());
    }
    Err(Refusal::Stale(visitor.here.clone()))
}

/// What a refusal of a form without fields becomes: the way to prove who one is, or the page that says why.
fn refused(error: Error, page: &str) -> Refusal {
    match error {
        Error::Stale => Refusal::Stale(page.to_owned()),
        other => other.into(),
    }
}

/// There is no such thing on this account.
fn nothing() -> Refusal {
    Refusal::Absent("It is not on your account any more. Your account shows what there is.".to_owned())
}
