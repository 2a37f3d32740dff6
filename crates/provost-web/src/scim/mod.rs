//! The SCIM service at `/scim/v2` (RFC 7644).
//!
//! [`dispatch`] finds the endpoint and hands the request to the file of the operation. Each operation is
//! one call into the store; everything that changes is changed in there, or nothing is.

mod body;
mod create;
mod delete;
mod discovery;
mod endpoint;
mod etag;
mod exchange;
mod list;
mod membership;
mod patch;
mod read;
mod render;
mod replace;
mod write;

use crate::auth::ScimCaller;
use crate::error::{Error, Result};
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use endpoint::Endpoint;
use exchange::Exchange;
use provost_engine::object::Kind;
use provost_scim::schema::{self, ResourceType};
use provost_store::Tx;
use provost_store::directory::{self, Object, Owner};
use uuid::Uuid;

/// Answers one request. It takes a caller, so it is not reached without a token.
pub(crate) async fn dispatch(
    extract::State(state): extract::State<State>,
    caller: ScimCaller,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let (uri, method) = (parts.uri.clone(), parts.method.clone());
    let answer = match Exchange::new(state, caller, parts) {
        Ok(exchange) => operate(&exchange, Endpoint::parse(uri.path()), &method, body).await,
        Err(error) => Err(error),
    };
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn operate(x: &Exchange, endpoint: Endpoint<'_>, method: &Method, body: Body) -> Result<Response> {
    // The server drops the body of an answer to HEAD.
    let is_get = matches!(*method, Method::GET | Method::HEAD);
    match (&endpoint, method) {
        (Endpoint::Collection(kind), _) if is_get => list::query(x, *kind).await,
        (Endpoint::Collection(kind), &Method::POST) => create::create(x, *kind, body).await,
        (Endpoint::Search(kind), &Method::POST) => list::search(x, *kind, body).await,
        (Endpoint::Resource(kind, id), _) if is_get => read::read(x, *kind, id).await,
        (Endpoint::Resource(kind, id), &Method::PUT) => replace::replace(x, *kind, id, body).await,
        (Endpoint::Resource(kind, id), &Method::PATCH) => patch::patch(x, *kind, id, body).await,
        (Endpoint::Resource(kind, id), &Method::DELETE) => delete::delete(x, *kind, id).await,
        (Endpoint::ServiceProviderConfig, _) if is_get => discovery::service_provider_config(x),
        (Endpoint::ResourceTypes(id), _) if is_get => discovery::resource_types(x, id.as_deref()),
        (Endpoint::Schemas(urn), _) if is_get => discovery::schemas(x, urn.as_deref()),
        (Endpoint::NotOffered(what), _) => {
            Err(provost_scim::Error::not_implemented(format!("{what} is not offered by this server")).into())
        }
        (Endpoint::Version(version), _) => {
            let detail =
                format!("this server speaks SCIM v2 and not {version}; use an address with /scim/v2");
            Err(provost_scim::Error::invalid_vers(detail).into())
        }
        (Endpoint::Unknown, _) => {
            let detail = "there is no such endpoint; the service begins at /scim/v2, with /Users and /Groups";
            Err(provost_scim::Error::not_found(detail).into())
        }
        _ => Err(Error::Method {
            method: method.to_string(),
            allow: endpoint.allow(),
        }),
    }
}

/// SCIM's description of a kind.
pub(crate) fn resource_type(kind: Kind) -> &'static ResourceType {
    match kind {
        Kind::Person => schema::user(),
        Kind::Group => schema::group(),
    }
}

/// The caller's object behind a public id. Another spelling of the id, another provider's object and no
/// object at all are answered alike.
fn find(tx: &mut Tx, owner: Owner, kind: Kind, id: &str) -> Result<Object> {
    let found = match Uuid::parse_str(id) {
        Ok(uuid) if uuid.to_string() == id => directory::get(tx, owner, kind, uuid)?,
        _ => None,
    };
    found.ok_or_else(|| missing(kind, id).into())
}

fn missing(kind: Kind, id: &str) -> provost_scim::Error {
    // The id is repeated for whoever reads the log at the other end, but not at any length.
    let shown: String = id.chars().take(64).collect();
    provost_scim::Error::not_found(format!(
        "there is no {} with the id {shown}",
        resource_type(kind).name
    ))
}
