//! The documents that everybody may read, and keep for an hour.

use super::{Id, door, federation};
use crate::console::page;
use crate::console::refusal::Result;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// SAML 2.0 Metadata, appendix A.
const METADATA: &str = "application/samlmetadata+xml";
const XML: &str = "text/xml; charset=utf-8";

/// The metadata of SAML 2.0.
pub(super) async fn saml(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    id: Id,
) -> Result<Response> {
    let door = door(&state, &headers, id).await?;
    let text = federation(&state)?.metadata(&door, now()).await?;
    Ok(document(METADATA, text))
}

/// The metadata of WS-Federation.
pub(super) async fn passive(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    id: Id,
) -> Result<Response> {
    let door = door(&state, &headers, id).await?;
    let text = federation(&state)?.passive_metadata(&door, now()).await?;
    Ok(document(METADATA, text))
}

/// What clients of WS-MetadataExchange read.
pub(super) async fn exchange(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    id: Id,
) -> Result<Response> {
    let door = door(&state, &headers, id).await?;
    Ok(document(XML, federation(&state)?.exchange(&door)?))
}

fn document(kind: &'static str, text: String) -> Response {
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}
