//! The administrators' interface at `/api/v1`: JSON in `snake_case`, errors as problem details (RFC 9457) with a
//! stable code. A token sees its workspace and does what its scope allows; a handler that takes a [`Reader`] or an
//! [`Operator`] cannot be reached without one.
//!
//! [`Reader`]: caller::Reader
//! [`Operator`]: caller::Operator

mod body;
pub(crate) mod caller;
mod connections;
mod expressions;
mod logs;
mod object;
pub(crate) mod problem;
mod provision;

use crate::state::State;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodRouter, any, get, post};
use problem::Problem;

/// The routes, below `/api/v1`.
pub(crate) fn routes() -> Router<State> {
    let only = |route: MethodRouter<State>, allow: &'static str| {
        route.fallback(move |method: Method| async move { Problem::method(&method, allow) })
    };
    Router::new()
        .route("/expressions/evaluate", only(post(expressions::evaluate), "POST"))
        .route("/expressions/functions", only(get(expressions::functions), "GET"))
        .route("/connections", only(get(connections::list), "GET"))
        .route("/connections/{name}", only(get(connections::one), "GET"))
        .route("/connections/{name}/plan", only(get(connections::plan), "GET"))
        .route(
            "/connections/{name}/provision",
            only(post(provision::provision), "POST"),
        )
        .route("/logs", only(get(logs::search), "GET"))
        .fallback(any(nothing))
}

async fn nothing() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-API-PATH",
        "there is no such address in the interface",
        "The interface begins at /api/v1 with connections, expressions and logs.",
    )
}
