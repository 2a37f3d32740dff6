//! The administrators' interface at `/api/v1`: JSON in `snake_case`, errors as problem details (RFC 9457) with a
//! stable code. A token sees its workspace and does what its scope allows; a handler that takes a [`Reader`] or an
//! [`Operator`] cannot be reached without one.
//!
//! [`Reader`]: caller::Reader
//! [`Operator`]: caller::Operator

mod body;
pub(crate) mod caller;
mod connections;
mod cycles;
mod doubts;
mod expressions;
mod leavers;
mod licences;
mod logs;
mod object;
mod plans;
pub(crate) mod problem;
mod provision;
mod rules;
mod setup;
mod status;
pub(crate) mod templates;

use crate::state::State;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Json;
use axum::routing::{MethodRouter, any, delete, get, post, put};
use problem::Problem;

/// The routes, below `/api/v1`.
pub(crate) fn routes() -> Router<State> {
    let only = |route: MethodRouter<State>, allow: &'static str| {
        route.fallback(move |method: Method| async move { Problem::method(&method, allow) })
    };
    Router::new()
        .route("/expressions/evaluate", only(post(expressions::evaluate), "POST"))
        .route("/expressions/functions", only(get(expressions::functions), "GET"))
        .route(
            "/connections",
            only(get(connections::list).post(setup::add), "GET, POST"),
        )
        .route(
            "/connections/{name}",
            only(
                get(connections::one).patch(setup::change).delete(setup::remove),
                "GET, PATCH, DELETE",
            ),
        )
        .route("/connection-tests", only(post(setup::attempt), "POST"))
        .route("/connections/{name}/test", only(post(setup::check), "POST"))
        .route("/connections/{name}/on", only(post(setup::on), "POST"))
        .route("/connections/{name}/off", only(post(setup::off), "POST"))
        .route("/connections/{name}/resync", only(post(setup::resync), "POST"))
        .route("/connections/{name}/preferences", only(put(setup::prefer), "PUT"))
        .route(
            "/connections/{name}/rules",
            only(get(rules::list).put(rules::save), "GET, PUT"),
        )
        .route(
            "/connections/{name}/rules/count",
            only(post(rules::count), "POST"),
        )
        .route(
            "/connections/{name}/rules/{rule}/on",
            only(post(rules::on), "POST"),
        )
        .route(
            "/connections/{name}/rules/{rule}/off",
            only(post(rules::off), "POST"),
        )
        .route(
            "/connections/{name}/rules/{rule}/remove",
            only(post(rules::remove), "POST"),
        )
        .route("/connections/{name}/status", only(get(status::numbers), "GET"))
        .route(
            "/connections/{name}/status/{rule}/{status}",
            only(get(status::list), "GET"),
        )
        .route("/connections/{name}/licences", only(get(licences::list), "GET"))
        .route(
            "/connections/{name}/licences/{product}/holders",
            only(get(licences::holders), "GET"),
        )
        .route(
            "/connections/{name}/group-licences",
            only(get(licences::groups).post(licences::bring), "GET, POST"),
        )
        .route(
            "/connections/{name}/group-licences/{key}",
            only(delete(licences::end), "DELETE"),
        )
        .route("/connections/{name}/doubts", only(get(doubts::list), "GET"))
        .route(
            "/connections/{name}/doubts/{doubt}/decide",
            only(post(doubts::decide), "POST"),
        )
        .route(
            "/connections/{name}/leavers",
            only(get(leavers::list).post(leavers::run), "GET, POST"),
        )
        .route(
            "/connections/{name}/leavers/{who}",
            only(delete(leavers::end), "DELETE"),
        )
        .route("/objects/{who}/status", only(get(status::of_object), "GET"))
        .route("/connections/{name}/plan", only(get(connections::plan), "GET"))
        .route(
            "/connections/{name}/provision",
            only(post(provision::provision), "POST"),
        )
        .route(
            "/connections/{name}/cycles",
            only(get(cycles::list).post(cycles::run), "GET, POST"),
        )
        .route(
            "/connections/{name}/plans",
            only(get(plans::list).post(plans::make), "GET, POST"),
        )
        .route("/plans/{id}", only(get(plans::one), "GET"))
        .route("/plans/{id}/steps", only(get(plans::steps), "GET"))
        .route("/plans/{id}/approve", only(post(plans::approve), "POST"))
        .route("/plans/{id}/reject", only(post(plans::reject), "POST"))
        .route("/plans/{id}/apply", only(post(plans::apply), "POST"))
        .route("/templates", only(get(templates::list), "GET"))
        .route("/templates/{name}", only(get(templates::one), "GET"))
        .route("/logs", only(get(logs::search), "GET"))
        .fallback(any(nothing))
}

/// Does something that must not end half way when the caller hangs up.
///
/// # Errors
/// What the deed answers; 500 when it broke off.
async fn aside<T: Send + 'static>(
    deed: impl Future<Output = provost_sync::Result<T>> + Send + 'static,
) -> problem::Result<Json<T>> {
    match tokio::spawn(deed).await {
        Ok(answer) => Ok(Json(answer?)),
        Err(broken) => Err(Problem::internal(&broken)),
    }
}

async fn nothing() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-API-PATH",
        "there is no such address in the interface",
        "The interface begins at /api/v1 with connections, expressions and logs.",
    )
}
