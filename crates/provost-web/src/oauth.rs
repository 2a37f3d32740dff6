//! Access tokens for callers with a client id and a secret: the client credentials grant of OAuth 2.0
//! (RFC 6749 section 4.4), at `POST /oauth/token`.

use crate::state::{State, now};
use axum::body::{Body, to_bytes};
use axum::extract;
use axum::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use provost_store::{Tx, client, token};
use serde_json::{Value, json};
use std::time::Duration;

/// Bytes of a request: two texts and the name of a grant.
const BODY_BYTES: usize = 8 * 1024;
/// How long the body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Trades a client's id and secret, in the body or as `Authorization: Basic`, for an access token.
pub(crate) async fn answer_token(
    extract::State(state): extract::State<State>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match grant(&state, &method, &headers, body).await {
        Ok(granted) => answer(StatusCode::OK, &granted),
        Err(refusal) => refusal.into_response(),
    }
}

async fn grant(state: &State, method: &Method, headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    if *method != Method::POST {
        return Err(Refusal::Method);
    }
    let form = Form::read(headers, body).await?;
    let (id, secret) = credentials(headers, &form)?;
    match form.once("grant_type")? {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::GrantType),
        None => return Err(Refusal::Request("grant_type is missing; send client_credentials")),
    }
    exchange(state, id, secret).await
}

/// A wrong secret is found out on a reader: it must not wake the writer.
async fn exchange(state: &State, id: String, secret: String) -> Result<Value, Refusal> {
    let now = now();
    let (known_id, known_secret) = (id.clone(), secret.clone());
    let check = move |tx: &mut Tx| client::check(tx, &known_id, &known_secret, now);
    if let Err(refusal) = state.db().read_short(check).await.map_err(unavailable)? {
        return Err(refused(refusal));
    }
    let exchange = move |tx: &mut Tx| client::exchange(tx, &id, &secret, now);
    let token = state.db().write(exchange).await.map_err(unavailable)?;
    let token = token.map_err(refused)?;
    Ok(json!({"access_token": token.text, "token_type": "Bearer", "expires_in": token.seconds}))
}

fn refused(refusal: token::Refusal) -> Refusal {
    tracing::info!(?refusal, "an OAuth client was refused");
    Refusal::Client
}

fn unavailable(error: provost_store::Error) -> Refusal {
    tracing::warn!(%error, "an access token could not be made");
    Refusal::Unavailable
}

/// Why there is no token.
enum Refusal {
    /// The request is malformed.
    Request(&'static str),
    /// Nobody's id, a wrong secret, or a provider that is not in use.
    Client,
    /// Another grant than client credentials.
    GrantType,
    /// Another method than POST.
    Method,
    /// The database does not answer in time.
    Unavailable,
}

impl IntoResponse for Refusal {
    /// The answers of RFC 6749 section 5.2.
    fn into_response(self) -> Response {
        let (status, code, description) = match &self {
            Self::Request(what) => (StatusCode::BAD_REQUEST, "invalid_request", *what),
            Self::Client => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "the client is unknown, expired or revoked, its secret is another, or its provider is not in use",
            ),
            Self::GrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "the grant that is given here is client_credentials",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_request",
                "a token is asked for with POST",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "no token could be made now; try again",
            ),
        };
        let mut response = answer(status, &json!({"error": code, "error_description": description}));
        let header = match self {
            Self::Client => Some((WWW_AUTHENTICATE, "Basic realm=\"provost\"")),
            Self::Method => Some((ALLOW, "POST")),
            Self::Unavailable => Some((RETRY_AFTER, "1")),
            Self::Request(_) | Self::GrantType => None,
        };
        if let Some((name, value)) = header {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// An answer that nobody on its way may keep (RFC 6749 section 5.1).
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, body.to_string()).into_response()
}

/// Id and secret, from the header or from the body. Both at once is an error: one of them would be passed over.
fn credentials(headers: &HeaderMap, form: &Form) -> Result<(String, String), Refusal> {
    let (id, secret) = (form.once("client_id")?, form.once("client_secret")?);
    let Some(header) = headers.get(AUTHORIZATION) else {
        return match (id, secret) {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
            _ => Err(Refusal::Request(
                "client_id and client_secret are missing; send them in the body or as Authorization: Basic",
            )),
        };
    };
    if secret.is_some() {
        return Err(Refusal::Request(
            "the client authenticates itself twice; send one of header and body",
        ));
    }
    let (basic_id, basic_secret) = header.to_str().ok().and_then(basic).ok_or(Refusal::Request(
        "the header Authorization is not Basic with an id and a secret",
    ))?;
    if id.is_some_and(|id| id != basic_id) {
        return Err(Refusal::Request(
            "client_id is another than that of the header Authorization",
        ));
    }
    Ok((basic_id, basic_secret))
}

/// The two parts of a Basic header, each of which is encoded like a form (RFC 6749 section 2.3.1).
pub(crate) fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// A form's pairs.
struct Form(Vec<(String, String)>);

impl Form {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = sent
            .and_then(|text| text.split(';').next())
            .unwrap_or_default()
            .trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::Request(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let Ok(Ok(bytes)) = tokio::time::timeout(PATIENCE, to_bytes(body, BODY_BYTES)).await else {
            return Err(Refusal::Request("the body is over 8192 bytes, or did not arrive"));
        };
        let text = std::str::from_utf8(&bytes).ok().and_then(pairs);
        text.map(Self).ok_or(Refusal::Request("the body is not a form"))
    }

    /// The parameter's value; one without a value counts as absent, one that stands twice is refused
    /// (RFC 6749 section 3.2).
    fn once(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut found = self
            .0
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty());
        match (found.next(), found.next()) {
            (first, None) => Ok(first.map(|(_, value)| value.as_str())),
            _ => Err(Refusal::Request("a parameter stands twice")),
        }
    }
}

fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_basic_are_encoded_like_a_form() {
        let header = format!("basic {}", STANDARD.encode("my+id:a%3Ab%2Bc"));
        assert_eq!(basic(&header), Some(("my id".to_owned(), "a:b+c".to_owned())));
        for header in [
            "Basic",
            "Bearer abc",
            "Basic !",
            &format!("Basic {}", STANDARD.encode("id")),
        ] {
            assert_eq!(basic(header), None, "{header}");
        }
    }

    #[test]
    fn a_parameter_stands_once_or_not_at_all() {
        let form = Form(pairs("a=1&b=&c=x%20y+z&d=1&d=2").unwrap());
        assert_eq!(form.once("a").ok().unwrap(), Some("1"));
        assert_eq!(form.once("b").ok().unwrap(), None);
        assert_eq!(form.once("c").ok().unwrap(), Some("x y z"));
        assert!(form.once("d").is_err());
    }
}
