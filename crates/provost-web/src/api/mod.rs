//! The administrators' interface at `/api/v1`: JSON in `snake_case`, errors as problem details (RFC 9457) with a
//! stable code. A token sees its workspace and does what its scope allows; a handler that takes a [`Reader`] or an
//! [`Operator`] cannot be reached without one.
//!
//! Each noun has a file with its routes, its handlers and the types that they read and write; `openapi` describes them
//! for programs, `once` carries a repeated request out once, `etag` tells a changed resource from the one that was read.
//!
//! [`Reader`]: caller::Reader
//! [`Operator`]: caller::Operator

mod api_tokens;
mod assignments;
mod audit;
mod body;
pub(crate) mod caller;
mod connections;
mod credentials;
mod cycles;
mod directory;
mod doubts;
mod drift;
mod entra;
mod etag;
mod expressions;
mod extensions;
mod guard;
mod guides;
mod leavers;
mod licences;
mod links;
mod logs;
mod microsoft_365;
mod moment;
mod object;
mod once;
mod openapi;
mod paging;
mod path;
mod plans;
pub(crate) mod problem;
mod problems;
mod proposals;
mod protections;
mod providers;
mod provision;
mod requests;
mod retries;
mod route;
mod rules;
mod settings;
mod setup;
mod shape;
mod sign_in;
mod staged;
mod status;
mod takeovers;
mod teams;
pub(crate) mod templates;
mod unowned;
mod versions;

use crate::policy::{Policy, Routes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Json;
use problem::Problem;
use route::Interface;
use std::sync::Arc;

/// The routes, below `/api/v1`.
pub(crate) fn routes(routes: Routes) -> Routes {
    let (routes, placed) = interface(routes).into_parts();
    let document: Arc<str> = openapi::document(&placed).to_string().into();
    let described = Policy::Public("it says what the reference page says, and nothing of anybody");
    let nothing_there = Policy::Public("it says only that the address is wrong");
    routes
        .get("/api/v1/openapi.json", described, move || {
            let document = Arc::clone(&document);
            async move { ([(CONTENT_TYPE, "application/json")], document.to_string()) }
        })
        .any("/api/v1", nothing_there, nothing)
        .any("/api/v1/{*path}", nothing_there, nothing)
}

/// Every noun, in the order in which the description shows them.
fn interface(routes: Routes) -> Interface {
    let nouns: [fn(Interface) -> Interface; 35] = [
        templates::routes,
        connections::routes,
        setup::routes,
        guard::routes,
        proposals::routes,
        sign_in::routes,
        versions::routes,
        rules::routes,
        entra::routes,
        expressions::routes,
        assignments::routes,
        protections::routes,
        plans::routes,
        cycles::routes,
        provision::routes,
        staged::routes,
        retries::routes,
        drift::routes,
        links::routes,
        unowned::routes,
        doubts::routes,
        leavers::routes,
        licences::routes,
        status::routes,
        logs::routes,
        directory::routes,
        providers::routes,
        microsoft_365::routes,
        takeovers::routes,
        requests::routes,
        teams::routes,
        extensions::routes,
        problems::routes,
        audit::routes,
        rest,
    ];
    nouns.iter().fold(Interface::new(routes), |api, noun| noun(api))
}

/// What belongs to the workspace as a whole.
fn rest(api: Interface) -> Interface {
    guides::routes(settings::routes(api_tokens::routes(credentials::routes(api))))
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
        "GET /api/v1/openapi.json lists those that there are.",
    )
}
