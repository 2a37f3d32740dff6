//! `Idempotency-Key`: a request that is sent twice, because its answer was lost, is carried out once (the IETF's draft
//! "The Idempotency-Key HTTP Header Field"). The answer is kept for 24 hours, sealed: it may show a token that is shown
//! once.

use super::problem::{Problem, Result};
use crate::state::{State, now};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{self, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use provost_store::api_token::Accepted;
use provost_store::idempotency::{self, Begun};
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_128;

/// The header.
const KEY: &str = "idempotency-key";
/// Characters of a key.
const LONGEST: usize = 255;
/// Bytes of an answer that is kept.
const KEPT: usize = 8 * 1024 * 1024;
/// What the seal of an answer is bound to.
const BOUND: &str = "idempotency";

/// Carries a request out, unless it was carried out before.
pub(super) async fn once(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    match key(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => with_key(state, key, request, next)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        Err(problem) => problem.into_response(),
    }
}

/// The key that was sent; in quotation marks, as the draft writes it, or without.
fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut sent = headers.get_all(KEY).iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if sent.next().is_some() || text.is_empty() || text.len() > LONGEST || !is_plain {
        return Err(Problem::request(
            format!("`Idempotency-Key` is not one key of 1 to {LONGEST} visible characters"),
            "Make a random key for each thing that is to be done, such as a UUID.",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// A request with its key.
struct Keyed {
    state: State,
    caller: i64,
    key: String,
}

async fn with_key(state: State, key: String, request: Request, next: Next) -> Result<Response> {
    let caller = request
        .extensions()
        .get::<Accepted>()
        .map(|accepted| accepted.key);
    let caller = caller.ok_or_else(|| Problem::unauthorized("no token was sent"))?;
    let (parts, body) = request.into_parts();
    let body = collect(&state, body).await?;
    let digest = digest(&parts, &body);
    let keyed = Keyed { state, caller, key };
    match keyed.begin(digest).await? {
        Begun::New => {}
        Begun::Running => return Err(running()),
        Begun::Other => return Err(other()),
        Begun::Done { status, body } => return keyed.again(status, &body),
    }
    // Who hangs up gets the answer by asking again: what was begun is carried out and its answer kept.
    let carried = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        keyed.keep(response).await
    });
    carried
        .await
        .unwrap_or_else(|broken| Err(Problem::internal(&broken)))
}

/// The whole body. One that is over the limit is refused by who reads it; here it is only not kept waiting for.
async fn collect(state: &State, body: Body) -> Result<Bytes> {
    let limits = state.settings().limits;
    let patience = Duration::from_secs(limits.body_seconds);
    let read = tokio::time::timeout(patience, to_bytes(body, limits.body_bytes)).await;
    read.map_err(|_| late(limits.body_seconds))?
        .map_err(|_| large(limits.body_bytes))
}

/// What makes a request the same: its address and its body.
fn digest(parts: &Parts, body: &[u8]) -> Vec<u8> {
    let address = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let mut text = Vec::with_capacity(address.len() + body.len() + 1);
    text.extend_from_slice(address.as_bytes());
    text.push(0);
    text.extend_from_slice(body);
    xxh3_128(&text).to_be_bytes().to_vec()
}

impl Keyed {
    async fn begin(&self, digest: Vec<u8>) -> Result<Begun> {
        let (caller, key, at) = (self.caller, self.key.clone(), now());
        let begin = move |tx: &mut provost_store::Tx| idempotency::begin(tx, caller, &key, &digest, at);
        Ok(self.state.db().write(begin).await?)
    }

    /// Keeps an answer that stays true. What failed for a reason that passes may be tried again with the key.
    async fn keep(self, response: Response) -> Result<Response> {
        let status = response.status();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, KEPT)
            .await
            .map_err(|error| Problem::internal(&error))?;
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let sealed = self
            .state
            .key()
            .seal_text(BOUND, &String::from_utf8_lossy(&body))?;
        let (caller, key) = (self.caller, self.key);
        let keep = move |tx: &mut provost_store::Tx| {
            if passes {
                return idempotency::abandon(tx, caller, &key);
            }
            idempotency::finish(tx, caller, &key, status.as_u16(), &sealed)
        };
        self.state.db().write(keep).await?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    /// The answer from before.
    fn again(&self, status: u16, sealed: &str) -> Result<Response> {
        let body = self.state.key().open_text(BOUND, sealed)?;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = (status, body).into_response();
        let kind = match status {
            StatusCode::NO_CONTENT => None,
            status if status.is_success() => Some("application/json"),
            _ => Some("application/problem+json"),
        };
        let headers = response.headers_mut();
        headers.remove(CONTENT_TYPE);
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(response)
    }
}

fn running() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "PRV-API-KEY-RUNNING",
        "the request with this `Idempotency-Key` is still being carried out",
        "Ask again in a moment.",
    )
    .wait(1)
}

fn other() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "PRV-API-KEY-OTHER",
        "this `Idempotency-Key` was used for another request",
        "Make a new key for each thing that is to be done.",
    )
}

fn late(seconds: u64) -> Problem {
    let detail = format!("the request's body did not arrive within {seconds} seconds");
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "PRV-API-REQUEST",
        detail,
        "Send it again.",
    )
}

fn large(bytes: usize) -> Problem {
    let detail = format!("the body is over the limit of {bytes} bytes, or ended early");
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PRV-API-REQUEST",
        detail,
        "Send less in one request.",
    )
}
