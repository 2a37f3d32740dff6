//! One request and what its answer needs to know of it.

use crate::auth::ScimCaller;
use crate::error::{Result, SCIM_JSON};
use crate::state::State;
use axum::body::Body;
use axum::extract::Query;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, HOST, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use provost_scim::project::Projection;
use provost_scim::schema::ResourceType;
use provost_scim::{Error, resource};

/// A request under `/scim/v2` by a known caller.
pub(crate) struct Exchange {
    /// What the handlers share.
    pub state: State,
    /// Who asks.
    pub caller: ScimCaller,
    /// The address above `/Users`, without a slash at its end.
    pub base: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The request's headers.
    pub headers: HeaderMap,
}

impl Exchange {
    /// # Errors
    /// 400 when the address under which the client reached us cannot be told.
    pub fn new(state: State, caller: ScimCaller, parts: Parts) -> Result<Self> {
        let base = base(state.settings().public_url.as_deref(), &parts)?;
        let query = match parts.uri.query() {
            None => Vec::new(),
            Some(_) => Query::try_from_uri(&parts.uri)
                .map(|Query(pairs)| pairs)
                .map_err(|e| Error::invalid_value(format!("the query parameters cannot be read: {e}")))?,
        };
        Ok(Self {
            state,
            caller,
            base,
            query,
            headers: parts.headers,
        })
    }

    /// The first query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Which attributes the answer is to have.
    ///
    /// # Errors
    /// Those of [`Projection::parse`].
    pub fn projection(&self, rt: &'static ResourceType) -> Result<Projection> {
        Ok(Projection::parse(
            rt,
            self.parameter("attributes"),
            self.parameter("excludedAttributes"),
        )?)
    }

    /// An answer with a JSON body.
    pub fn json(&self, status: StatusCode, body: String) -> Response {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, self.media_type());
        response
    }

    /// SCIM's own media type, unless the client asks for plain JSON only: OneLogin documents that it does.
    fn media_type(&self) -> HeaderValue {
        let wants = |name| {
            let accepted = self
                .headers
                .get_all(ACCEPT)
                .iter()
                .filter_map(|value| value.to_str().ok());
            accepted.flat_map(|list| list.split(',')).any(|range| {
                range
                    .split(';')
                    .next()
                    .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(name))
            })
        };
        if wants("application/json") && !wants("application/scim+json") {
            HeaderValue::from_static("application/json")
        } else {
            SCIM_JSON
        }
    }
}

/// Adds the entity tag of a version.
pub(crate) fn tagged(mut response: Response, version: i64) -> Response {
    if let Ok(tag) = HeaderValue::try_from(resource::etag(version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Adds the address of the resource.
pub(crate) fn located(mut response: Response, address: String) -> Response {
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The address above `/Users`. Without a configured address it is the one the client used; headers of
/// proxies are not believed, because anybody can send them.
fn base(public_url: Option<&str>, parts: &Parts) -> Result<String> {
    if let Some(url) = public_url {
        return Ok(format!("{url}/scim/v2"));
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    match host {
        Some(host) if is_host(host) => Ok(format!("http://{host}/scim/v2")),
        _ => Err(Error::invalid_value("the Host header is not the name of a host").into()),
    }
}

/// Letters, digits and what separates labels, addresses and ports: nothing that could end an address early.
fn is_host(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(allowed)
}
