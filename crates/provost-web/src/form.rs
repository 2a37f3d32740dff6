//! What pages send: a form of one of our own pages, or JSON of our own script. Every request that changes something
//! goes through [`own`] before a handler sees it, so that no handler can forget to ask.

use crate::console::refusal::Refusal;
use crate::state::State;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use std::sync::Arc;

/// Bytes of a form.
const MOST: usize = 1024 * 1024;
/// Bytes of a form of somebody who is not signed in.
const MOST_OPEN: usize = 64 * 1024;
/// The field of a form that carries the session's secret.
pub(crate) const CSRF_FIELD: &str = "csrf";
/// The header in which our script sends it.
pub(crate) const CSRF_HEADER: &str = "x-provost-csrf";

/// The fields of a form in their order; a name may come several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Arc<Vec<(String, String)>>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(bytes: &[u8]) -> Self {
        let pairs =
            url::form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(Arc::new(pairs.collect()))
    }

    /// A field's value, as it was typed; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// A field's value without the space around it; none where nothing was typed.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether a box was ticked.
    pub fn is_on(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// All values of a field that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every field but the session's secret, to be shown again or sent on after a question.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(name, _)| name != CSRF_FIELD)
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl FromRequestParts<State> for Form {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Refusal> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Lets a changing request of a session on when one of our own pages sent it: by its `Origin`, and by the session's
/// secret, which only our pages know.
pub(crate) async fn own(state: &State, secret: &str, request: Request) -> Result<Request, Refusal> {
    if !is_same_origin(state, request.headers()) {
        return Err(Refusal::Foreign);
    }
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MOST).await.map_err(|_| Refusal::TooLarge(MOST))?;
    let form = is_form(&parts.headers).then(|| Form::read(&body));
    let sent = match (parts.headers.get(CSRF_HEADER), &form) {
        (Some(header), _) => header.as_bytes().to_vec(),
        (None, Some(form)) => form.get(CSRF_FIELD).as_bytes().to_vec(),
        (None, None) => Vec::new(),
    };
    if let Some(form) = form {
        parts.extensions.insert(form);
    }
    if !is_equal(&sent, secret.as_bytes()) {
        return Err(Refusal::Foreign);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Lets a changing request of somebody who need not be signed in on when one of our own pages sent it: another site
/// cannot sign a browser in to an account of its choice.
pub(crate) async fn open(state: &State, request: Request) -> Result<Request, Refusal> {
    if request.method().is_safe() {
        return Ok(request);
    }
    if !is_same_origin(state, request.headers()) {
        return Err(Refusal::Foreign);
    }
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_OPEN)
        .await
        .map_err(|_| Refusal::TooLarge(MOST_OPEN))?;
    if is_form(&parts.headers) {
        parts.extensions.insert(Form::read(&body));
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Whether a request that changes something was sent by a page of this server. Browsers say where it comes from.
pub(crate) fn is_same_origin(state: &State, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(ORIGIN.as_str()) else {
        return false;
    };
    match &state.settings().public_url {
        Some(url) => url::Url::parse(url).is_ok_and(|url| url.origin().ascii_serialization() == origin),
        None => text(HOST.as_str()).is_some_and(|host| origin == format!("http://{host}")),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Compares without telling by its time how much of a guess was right.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
