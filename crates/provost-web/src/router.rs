//! Which address is answered where.

use crate::state::State;
use crate::{console, health, oauth, scim};
use axum::Router;
use axum::routing::{any, get};

/// The whole service: SCIM at `/scim/v2`, access tokens at `/oauth/token`, the console at `/`, its files at
/// `/assets/`, and `/healthz`.
///
/// SCIM's own paths are read by the service itself, because endpoint names come in any letter case and with
/// doubled or trailing slashes.
pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/scim", any(scim::dispatch))
        .route("/scim/", any(scim::dispatch))
        .route("/scim/{*path}", any(scim::dispatch))
        .route("/oauth/token", any(oauth::answer_token))
        .route("/", get(console::overview))
        .route("/signin", get(console::signin))
        .route("/assets/{name}", get(console::asset))
        .route("/healthz", get(health::check))
        .fallback(console::not_found)
        .with_state(state)
}
