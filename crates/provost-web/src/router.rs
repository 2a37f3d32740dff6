//! Which address is answered where.

use crate::metrics::requests;
use crate::state::State;
use crate::{api, console, health, import, metrics, oauth, scim};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};

/// The whole service: SCIM at `/scim/v2`, access tokens at `/oauth/token`, records at `/import/`, the
/// administrators' interface at `/api/v1`, the console from `/` on, `/metrics` and `/healthz`.
///
/// SCIM's own paths are read by the service itself, because endpoint names come in any letter case and with
/// doubled or trailing slashes.
pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/scim", any(scim::dispatch))
        .route("/scim/", any(scim::dispatch))
        .route("/scim/{*path}", any(scim::dispatch))
        .route("/oauth/token", any(oauth::answer_token))
        .route("/import/{provider}/bulkUpload", any(import::bulk_upload))
        .nest("/api/v1", api::routes())
        .route("/metrics", get(metrics::show))
        .merge(console::routes())
        .route("/healthz", get(health::check))
        .fallback(console::not_found)
        .layer(from_fn_with_state(state.clone(), requests::count))
        .with_state(state)
}
