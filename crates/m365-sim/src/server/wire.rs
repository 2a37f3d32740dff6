//! Answers as HTTP.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::error::Trace;
use crate::message::{Content, Reply};

const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// A header's value as text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// An answer of Graph, with the headers that all of them have.
pub(super) fn respond(reply: Reply, trace: &Trace) -> Response<Body> {
    let response = match reply.content {
        Content::Empty => plain(reply.status, "", Body::empty()),
        Content::Json(body) => plain(reply.status, JSON, Body::from(body.to_string())),
        Content::Text(body) => plain(reply.status, "text/plain", Body::from(body)),
    };
    with_headers(response, reply.headers, trace)
}

/// An answer with a body of any kind, and the headers that all answers of Graph have.
pub(super) fn with_headers(
    mut response: Response<Body>,
    more: Vec<(&'static str, String)>,
    trace: &Trace,
) -> Response<Body> {
    let headers = response.headers_mut();
    let own = [
        ("request-id", trace.request_id.clone()),
        ("client-request-id", trace.client_request_id.clone()),
        (
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"000"}}"#
                .to_owned(),
        ),
        ("odata-version", "4.0".to_owned()),
    ];
    for (name, value) in own.into_iter().chain(more) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// A status, a content type (empty: none) and a body.
pub(crate) fn plain(status: u16, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(value) = Some(content_type).filter(|text| !text.is_empty())
        && let Ok(value) = HeaderValue::from_str(value)
    {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// A page for a browser, under a content security policy.
pub(crate) fn page(status: u16, policy: &'static str, rendered: askama::Result<String>) -> Response<Body> {
    let text = match rendered {
        Ok(text) => text,
        Err(error) => return plain(500, "text/plain; charset=utf-8", Body::from(error.to_string())),
    };
    let mut response = plain(status, "text/html; charset=utf-8", Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
