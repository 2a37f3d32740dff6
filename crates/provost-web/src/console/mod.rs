//! The console: pages for administrators, rendered on the server, without script.
//!
//! Every page needs a session; see [`access`] for how one begins.

mod access;
mod address;
mod advice;
mod asset;
mod bar;
mod connection;
mod doubts;
mod history;
mod holders;
mod licences;
mod overview;
mod page;
mod person;
mod place;
mod refusal;
mod status;
mod tested;
mod time;
mod view;

pub use access::ConsoleAccess;
pub(crate) use page::not_found;

use crate::state::State;
use axum::Router;
use axum::extract::{self, Query};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use std::collections::HashMap;

/// The pages, and the files that they need.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/", get(overview::overview))
        .route("/signin", get(signin))
        .route("/assets/{name}", get(asset::asset))
        .route("/connections/{name}", get(connection::show))
        .route("/connections/{name}/status/{rule}/{status}", get(status::list))
        .route("/connections/{name}/licences", get(licences::list))
        .route(
            "/connections/{name}/licences/{product}/holders",
            get(holders::list),
        )
        .route("/connections/{name}/doubts", get(doubts::list))
        .route("/people/{id}", get(person::person))
        .route("/groups/{id}", get(person::group))
}

/// `GET /signin?key=…`: trades a one-time key for a session and goes to the overview. HEAD, with which mail
/// scanners look at links, does not use the key up.
async fn signin(
    extract::State(state): extract::State<State>,
    method: Method,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    if method == Method::HEAD {
        return page::plain(StatusCode::OK);
    }
    let key = parameters.get("key").map(String::as_str).unwrap_or_default();
    let Some(session) = state.console().and_then(|access| access.redeem(key)) else {
        return page::closed("This sign-in link has been used already, or it is not one of this server's.");
    };
    let is_https = state
        .settings()
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    let mut response = page::plain(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/"));
    if let Ok(cookie) = HeaderValue::try_from(access::cookie(&session, is_https)) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}
