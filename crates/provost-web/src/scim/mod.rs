//! The SCIM service at `/scim/v2` (RFC 7644).
//!
//! [`dispatch`] finds the endpoint and hands the request to the file of the operation. Each operation is
//! one call into the store; everything that changes is changed in there, or nothing is.

mod adopt;
pub(crate) mod body;
mod bulk;
mod create;
mod cursor;
mod delete;
mod discovery;
mod done;
mod edit;
mod endpoint;
mod etag;
mod exchange;
mod list;
mod membership;
mod operation;
pub mod own;
mod patch;
mod read;
mod render;
mod replace;
mod trace;
mod write;

use crate::auth::{Admission, ScimCaller};
use crate::error::{Error, Result};
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Request};
use axum::http::Method;
use axum::response::Response;
use endpoint::Endpoint;
pub use endpoint::{Route, routes};
use exchange::Exchange;
use operation::Verb;
use provost_engine::object::Kind;
use provost_scim::leniency::Habit;
use provost_scim::schema::{Catalogue, ResourceType};
use provost_store::Tx;
use provost_store::directory::{self, Object};
use provost_store::query::Kinds;
use trace::Outcome;
use uuid::Uuid;

/// Answers one request. It takes an admission, so it is not reached without a token.
pub(crate) async fn dispatch(
    extract::State(state): extract::State<State>,
    admission: Admission,
    request: Request,
) -> Response {
    let Admission {
        caller,
        started,
        place,
    } = admission;
    let (mut parts, body) = request.into_parts();
    let mut x = match Exchange::new(state.clone(), caller.clone(), &mut parts) {
        Ok(exchange) => exchange,
        Err(error) => {
            state.request_log().refused(&caller, &parts, started, &error);
            return error.to_response(&error.to_scim());
        }
    };
    let path = parts.uri.path();
    let endpoint = understood(&mut x, path);
    let (response, detail) = match operate(&mut x, endpoint, &parts.method, body).await {
        Ok(response) => (response, String::new()),
        Err(error) => {
            let scim = error.to_scim();
            (error.to_response(&scim), scim.detail)
        }
    };
    let status = response.status().as_u16();
    x.conclude(Outcome {
        method: parts.method.as_str(),
        path,
        started,
        status,
        error: &detail,
    });
    drop(place);
    response
}

/// The endpoint that a path names. Another spelling of it is a habit, which a strict provider is not forgiven.
fn understood<'a>(x: &mut Exchange, path: &'a str) -> Endpoint<'a> {
    let endpoint = Endpoint::parse(path);
    if matches!(endpoint, Endpoint::Unknown | Endpoint::Version(_)) || Endpoint::is_plain(path) {
        return endpoint;
    }
    if !x.caller.leniency().allows(Habit::PathSpelling) {
        return Endpoint::Unknown;
    }
    x.habits.note(Habit::PathSpelling);
    endpoint
}

async fn operate(x: &mut Exchange, endpoint: Endpoint<'_>, method: &Method, body: Body) -> Result<Response> {
    // The server drops the body of an answer to HEAD.
    let is_get = matches!(*method, Method::GET | Method::HEAD);
    match (endpoint, method) {
        (Endpoint::Collection(kind), _) if is_get => list::query(x, Kinds::One(kind)).await,
        (Endpoint::Collection(kind), &Method::POST) => operation::request(x, kind, Verb::Create, body).await,
        (Endpoint::Search(kind), &Method::POST) => list::search(x, Kinds::One(kind), body).await,
        (Endpoint::Everything, _) if is_get => list::query(x, Kinds::Both).await,
        (Endpoint::SearchEverything, &Method::POST) => list::search(x, Kinds::Both, body).await,
        (Endpoint::Resource(kind, id), _) if is_get => read::read(x, kind, &id).await,
        (Endpoint::Resource(kind, id), &Method::PUT) => {
            operation::request(x, kind, Verb::Replace(id.into_owned()), body).await
        }
        (Endpoint::Resource(kind, id), &Method::PATCH) => {
            operation::request(x, kind, Verb::Patch(id.into_owned()), body).await
        }
        (Endpoint::Resource(kind, id), &Method::DELETE) => {
            operation::request(x, kind, Verb::Delete(id.into_owned()), body).await
        }
        (Endpoint::Bulk, &Method::POST) => bulk::bulk(x, body).await,
        (Endpoint::ServiceProviderConfig, _) if is_get => discovery::service_provider_config(x),
        (Endpoint::ResourceTypes(id), _) if is_get => discovery::resource_types(x, id.as_deref()),
        (Endpoint::Schemas(urn), _) if is_get => discovery::schemas(x, urn.as_deref()),
        (endpoint, method) => Err(nothing_here(&endpoint, method)),
    }
}

/// Why there is no answer at an endpoint.
fn nothing_here(endpoint: &Endpoint<'_>, method: &Method) -> Error {
    match endpoint {
        Endpoint::Me => {
            let detail = "/Me is not offered: a token belongs to a provider and not to a person";
            provost_scim::Error::not_implemented(detail).into()
        }
        Endpoint::Version(version) => {
            let detail =
                format!("this server speaks SCIM v2 and not {version}; use an address with /scim/v2");
            provost_scim::Error::invalid_vers(detail).into()
        }
        Endpoint::Unknown => {
            let detail = "there is no such endpoint; the service begins at /scim/v2, with /Users and /Groups";
            provost_scim::Error::not_found(detail).into()
        }
        known => Error::Method {
            method: method.to_string(),
            allow: known.allow(),
        },
    }
}

/// A workspace's description of a kind.
fn resource_type(catalogue: &Catalogue, kind: Kind) -> &ResourceType {
    match kind {
        Kind::Person => catalogue.user(),
        Kind::Group => catalogue.group(),
    }
}

/// The endpoint of a kind, as it stands in addresses.
fn endpoint_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "/Users",
        Kind::Group => "/Groups",
    }
}

/// The caller's object behind a public id. Another spelling of the id, another provider's object and no
/// object at all are answered alike.
fn find(tx: &mut Tx, caller: &ScimCaller, kind: Kind, id: &str) -> Result<Object> {
    let found = match Uuid::parse_str(id) {
        Ok(uuid) if is_spelled(uuid, id) => directory::get(tx, caller.owner(), kind, uuid)?,
        _ => None,
    };
    found.ok_or_else(|| missing(kind, id).into())
}

/// Whether this is how ids are written in answers.
fn is_spelled(uuid: Uuid, id: &str) -> bool {
    let mut buffer = Uuid::encode_buffer();
    uuid.hyphenated().encode_lower(&mut buffer) == id
}

fn missing(kind: Kind, id: &str) -> provost_scim::Error {
    // The id is repeated for whoever reads the log at the other end, but not at any length.
    let shown: String = id.chars().take(64).collect();
    let what = match kind {
        Kind::Person => "User",
        Kind::Group => "Group",
    };
    provost_scim::Error::not_found(format!("there is no {what} with the id {shown}"))
}
