//! The pages of the sign-in service: who it is, and whether they accept. Made on the server, without script.

use askama::Template;
use axum::body::Body;
use axum::http::Response;

use super::Refusal;
use super::account::Account;
use crate::server::page;

/// Nothing from another host and no script. Where forms lead is left open: browsers hold a form to it along the whole
/// way back to the application.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is asked.
pub(crate) struct Choice<'a> {
    /// The application's name and id.
    pub name: &'a str,
    pub client_id: &'a str,
    /// What it asks for; empty where it only asks who it is.
    pub scopes: Vec<&'a str>,
    /// Where the form goes.
    pub action: &'a str,
    /// The parameters of the request, which come back with the answer.
    pub fields: &'a [(String, String)],
    pub accounts: Vec<Account>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    tenant: &'a str,
    choice: &'a Choice<'a>,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    description: &'a str,
}

/// The page that asks.
pub(crate) fn choose(tenant: &str, choice: &Choice<'_>) -> Response<Body> {
    html(200, Page { tenant, choice }.render())
}

/// The page of a refusal that nobody is sent back with.
pub(crate) fn refused(refusal: &Refusal, now: i64) -> Response<Body> {
    let description = refusal.description(now);
    html(
        400,
        Refused {
            description: &description,
        }
        .render(),
    )
}

fn html(status: u16, rendered: askama::Result<String>) -> Response<Body> {
    page(status, POLICY, rendered)
}
