//! A request of the self-test before it is sent.

use reqwest::Method;
use serde_json::Value;

/// The media type of SCIM (RFC 7644 section 8.1).
pub(super) const SCIM: &str = "application/scim+json";
/// Plain JSON, as Okta sends it.
pub(super) const JSON: &str = "application/json";

/// A request.
pub(super) struct Call {
    pub method: Method,
    /// Path segments below the base.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Body>,
    pub media_type: &'static str,
    pub offer: Offer,
}

/// A request's body.
pub(super) enum Body {
    Json(Value),
    /// Sent as it is: JSON that is broken on purpose.
    Text(&'static str),
}

/// Which credential goes along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    Right,
    Wrong,
    Nothing,
}

impl Call {
    /// A request to a path below the base, `Users/7`.
    pub(super) fn new<const N: usize>(method: Method, path: [&str; N]) -> Self {
        Self {
            method,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            media_type: SCIM,
            offer: Offer::Right,
        }
    }

    pub(super) fn get<const N: usize>(path: [&str; N]) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post<const N: usize>(path: [&str; N], body: Value) -> Self {
        Self::new(Method::POST, path).body(body)
    }

    pub(super) fn put<const N: usize>(path: [&str; N], body: Value) -> Self {
        Self::new(Method::PUT, path).body(body)
    }

    pub(super) fn patch<const N: usize>(path: [&str; N], body: Value) -> Self {
        Self::new(Method::PATCH, path).body(body)
    }

    pub(super) fn delete<const N: usize>(path: [&str; N]) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds a query parameter.
    pub(super) fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a filter.
    pub(super) fn filter(self, filter: &str) -> Self {
        self.query("filter", filter)
    }

    /// The flag that makes Entra speak closer to the RFC; it travels in the query of every request.
    pub(super) fn flagged(self) -> Self {
        self.query("aadOptscim062020", "")
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(Body::Json(body));
        self
    }

    pub(super) fn text(mut self, text: &'static str) -> Self {
        self.body = Some(Body::Text(text));
        self
    }

    /// Sends the body as `application/json`.
    pub(super) fn plain_json(mut self) -> Self {
        self.media_type = JSON;
        self
    }

    pub(super) fn offer(mut self, offer: Offer) -> Self {
        self.offer = offer;
        self
    }
}
