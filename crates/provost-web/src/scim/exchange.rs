//! One request and what its answer needs to know of it.

use super::trace::Trace;
use super::{body, resource_type};
use crate::auth::ScimCaller;
use crate::error::{Result, SCIM_JSON};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::Query;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::project::Projection;
use provost_scim::resource::Document;
use provost_scim::schema::{Catalogue, ResourceType};
use provost_scim::{Error, filter};
use serde_json::Value;
use std::sync::Arc;

/// A request under `/scim/v2` by a known caller.
pub(crate) struct Exchange {
    /// What the handlers share.
    pub state: State,
    /// Who asks.
    pub caller: ScimCaller,
    /// When the request came, milliseconds since 1970.
    pub now: i64,
    /// The address above `/Users`, without a slash at its end.
    pub base: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The request's headers.
    pub headers: HeaderMap,
    /// What was tolerated so far.
    pub habits: Habits,
    /// What the request log is to say.
    pub trace: Trace,
    /// Whether a part of a bulk request is being answered.
    pub is_part: bool,
}

impl Exchange {
    /// # Errors
    /// 400 when the address under which the client reached us cannot be told.
    pub fn new(state: State, caller: ScimCaller, parts: &mut Parts) -> Result<Self> {
        let base = base(state.settings().public_url.as_deref(), parts)?;
        let query = match parts.uri.query() {
            None => Vec::new(),
            Some(_) => Query::try_from_uri(&parts.uri)
                .map(|Query(pairs)| pairs)
                .map_err(|e| Error::invalid_value(format!("the query parameters cannot be read: {e}")))?,
        };
        Ok(Self {
            trace: Trace::new(
                caller.provider().settings.request_log,
                !matches!(parts.method, Method::GET | Method::HEAD),
            ),
            is_part: false,
            state,
            caller,
            now: now(),
            base,
            query,
            headers: std::mem::take(&mut parts.headers),
            habits: Habits::default(),
        })
    }

    /// The resource types of the caller's workspace. A handle of its own, so that what is found in it outlives
    /// changes to the exchange.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(self.caller.catalogue())
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
    pub fn projection(&self, kind: Kind) -> Result<Projection> {
        Ok(Projection::parse(
            resource_type(self.caller.catalogue(), kind),
            self.parameter("attributes"),
            self.parameter("excludedAttributes"),
        )?)
    }

    /// The request's body as JSON.
    ///
    /// # Errors
    /// Those of [`body::read`].
    pub async fn body(&mut self, body: Body, limit: usize) -> Result<Value> {
        let leniency = self.caller.leniency();
        let frame = body::Frame {
            headers: &self.headers,
            limit,
            patience: self.state.settings().limits.body_seconds,
        };
        body::read(frame, body, &leniency, &mut self.habits).await
    }

    /// Refuses a person without what the provider's attribute sheet requires.
    ///
    /// # Errors
    /// 400 `invalidValue` that names the attribute.
    pub fn check_sheet(&self, rt: &ResourceType, kind: Kind, document: &Document) -> Result<()> {
        check_sheet(&self.caller, rt, kind, document)
    }

    /// Refuses a filter on what the provider's attribute sheet calls not filterable.
    ///
    /// # Errors
    /// 400 `invalidFilter` that names the attribute.
    pub fn check_filter(&self, kind: Kind, filter: Option<&filter::Filter>) -> Result<()> {
        match (&self.caller.provider().settings.sheet, filter) {
            (Some(sheet), Some(filter)) if kind == Kind::Person => Ok(sheet.check_filter(filter)?),
            _ => Ok(()),
        }
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

/// Refuses a person without what the provider's attribute sheet requires. Groups have no sheet.
///
/// # Errors
/// 400 `invalidValue` that names the attribute.
pub(crate) fn check_sheet(
    caller: &ScimCaller,
    rt: &ResourceType,
    kind: Kind,
    document: &Document,
) -> Result<()> {
    match &caller.provider().settings.sheet {
        Some(sheet) if kind == Kind::Person => Ok(sheet.check(rt, document)?),
        _ => Ok(()),
    }
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
