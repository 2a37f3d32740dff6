//! People sign in to applications: the OpenID provider of each workspace, at `/oidc/{workspace}`. What is checked stands in
//! `provost_signin::openid`; here it gets addresses.
//!
//! Browsers come here from other sites, and programs without one of our sessions: nothing here believes a form because of
//! where it was sent from, but for the one that a person confirms.

mod front;
mod leave;
mod program;

use super::signin;
use crate::console::refusal::{Refusal, Result};
use crate::policy::{Policy, Routes};
use crate::state::State;
use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use provost_signin::openid::{Openid, Parameters};
use provost_store::workspace::Workspace;

/// Bytes of a form.
const MOST: usize = 64 * 1024;

const APPLICATION: Policy = Policy::Public("the application proves itself in the request");
const BROWSER: Policy = Policy::Public(
    "an application sends the browser; the person's session and the application are both asked",
);
const DESCRIBED: Policy =
    Policy::Public("it says what every application has to know, and nothing of anybody");
const TOKEN: Policy = Policy::Public("the access token is the proof");
const CONFIRMED: Policy = Policy::Open("whoever signs out may be signed out already");

/// The addresses of the provider.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(
            "/oidc/{workspace}/.well-known/openid-configuration",
            DESCRIBED,
            program::description,
        )
        .get(
            "/.well-known/oauth-authorization-server/oidc/{workspace}",
            DESCRIBED,
            program::description,
        )
        .get("/oidc/{workspace}/jwks", DESCRIBED, program::keys)
        .get("/oidc/{workspace}/authorize", BROWSER, front::authorize)
        .post("/oidc/{workspace}/authorize", BROWSER, front::anew)
        .post("/oidc/{workspace}/par", APPLICATION, program::push)
        .post("/oidc/{workspace}/token", APPLICATION, program::token)
        .get("/oidc/{workspace}/userinfo", TOKEN, program::userinfo)
        .post("/oidc/{workspace}/userinfo", TOKEN, program::userinfo)
        .post("/oidc/{workspace}/introspect", APPLICATION, program::introspect)
        .post("/oidc/{workspace}/revoke", APPLICATION, program::revoke)
        .get("/oidc/{workspace}/logout", BROWSER, leave::show)
        .post("/oidc/{workspace}/logout", BROWSER, front::anew)
        .post("/oidc/{workspace}/logout/confirm", CONFIRMED, leave::confirm)
}

/// The provider of this server, with the engine's word on who is in scope.
pub(crate) fn provider(state: &State) -> Result<Openid> {
    Ok(signin(state)?.openid(provost_sync::is_meant))
}

/// The provider, and the workspace that the address names.
async fn within(state: &State, id: &str) -> Result<(Openid, Workspace)> {
    let provider = provider(state)?;
    match provider.workspace(id).await? {
        Some(workspace) => Ok((provider, workspace)),
        None => Err(Refusal::Absent(
            "No application signs in here. Copy the whole of the issuer.".to_owned(),
        )),
    }
}

/// The parameters of a body.
async fn form(body: Body) -> std::result::Result<Parameters, StatusCode> {
    let bytes = to_bytes(body, MOST)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    Ok(Parameters::read(&bytes))
}
