//! Which address is answered where.

use crate::api::problem::Problem;
use crate::metrics::requests;
use crate::policy::{Declared, Policy, Routes};
use crate::state::State;
use crate::{api, console, health, idp, import, metrics, oauth, scim, signin};
use axum::Router;
use axum::extract::MatchedPath;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

/// The whole service: SCIM at `/scim/v2`, access tokens at `/oauth/token`, records at `/import/`, the administrators'
/// interface at `/api/v1`, the sign-in at `/signin`, the identity provider at `/idp`, the console from `/` on, `/metrics` and `/healthz`.
pub(crate) fn router(state: State) -> Router {
    let routes = all(&state);
    let allowed = allowed(routes.declared());
    routes
        .into_router()
        .method_not_allowed_fallback(move |method: Method, path: Option<MatchedPath>| {
            let allow = path.and_then(|path| allowed.get(path.as_str()).cloned());
            async move { not_allowed(&method, allow.unwrap_or_default()) }
        })
        .fallback(console::not_found)
        .layer(from_fn_with_state(state.clone(), requests::count))
        .with_state(state)
}

/// Every route with what it asks.
pub(crate) fn declared(state: &State) -> Vec<Declared> {
    all(state).declared().to_vec()
}

/// SCIM's own paths are read by the service itself, because endpoint names come in any letter case and with doubled or
/// trailing slashes.
fn all(state: &State) -> Routes {
    let routes = Routes::new(state)
        .any("/scim", Policy::Provider, scim::dispatch)
        .any("/scim/", Policy::Provider, scim::dispatch)
        .any("/scim/{*path}", Policy::Provider, scim::dispatch)
        .any("/oauth/token", Policy::Provider, oauth::answer_token)
        .any(
            "/import/{provider}/bulkUpload",
            Policy::Provider,
            import::bulk_upload,
        )
        .get(
            "/metrics",
            Policy::Public("the handler asks for a token, or for a neighbour on this machine"),
            metrics::show,
        )
        .get(
            "/healthz",
            Policy::Public("load balancers have no token; it says only whether the server works"),
            health::check,
        );
    idp::routes(signin::routes(console::routes(api::routes(routes))))
}

/// The methods of each path.
fn allowed(declared: &[Declared]) -> BTreeMap<&'static str, String> {
    let mut allowed: BTreeMap<&'static str, String> = BTreeMap::new();
    for one in declared {
        let Some(method) = &one.method else {
            continue;
        };
        let methods = allowed.entry(one.path).or_default();
        if !methods.is_empty() {
            methods.push_str(", ");
        }
        methods.push_str(method.as_str());
    }
    allowed
}

fn not_allowed(method: &Method, allow: String) -> Response {
    Problem::method(method, allow).into_response()
}
