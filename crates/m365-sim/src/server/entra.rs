//! The token endpoint as HTTP.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use serde_json::{Value, json};

use super::spoil::Struck;
use super::wire::{plain, text};
use super::{MAX_BODY, trace};
use crate::Inner;
use crate::consent;
use crate::fault::{Asked, Effect, Place, catalogue};
use crate::plug::Plug;
use crate::query::encoding;
use crate::token::{self, TokenForm};

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    plug: Option<Extension<ConnectInfo<Plug>>>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    if method != Method::POST {
        let text = "AADSTS900561: The endpoint only accepts POST requests. Received a GET request.";
        let body = json!({"error": "invalid_request", "error_description": text, "error_codes": [900_561]});
        return respond(400, &body);
    }
    let now = inner.now();
    let effect = strike(&inner, "POST", "/token");
    let trace = trace(&headers, now);
    let struck = effect.as_ref().map(|effect| Struck {
        effect,
        plug: plug.as_ref().map(|plug| &plug.0.0),
        trace: &trace,
        now,
        address: "/token",
    });
    if let Some(struck) = &struck
        && let Some(response) = instead(struck, now).await
    {
        return response;
    }
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let form = TokenForm {
        tenant: &tenant,
        authorization: text(&headers, "authorization"),
        fields: encoding::pairs(&String::from_utf8_lossy(&body)),
        host: text(&headers, "host").unwrap_or_default(),
    };
    let (status, body) = match form.value("grant_type") {
        "authorization_code" => consent::redeem(&inner, &form, now),
        _ => token::answer(&inner.settings(), &form, now, &mut inner.dice()),
    };
    if status == 200 {
        inner.tenant().counters.tokens += 1;
    }
    let mut response = respond(status, &body);
    if let Some(struck) = &struck {
        struck.disturb(&mut response);
    }
    response
}

/// The fault that befalls a request to this operation, which is a slash and one word, if any.
pub(super) fn strike(inner: &Inner, method: &str, operation: &str) -> Option<Effect> {
    let segments = [operation.trim_start_matches('/').to_owned()];
    let asked = Asked {
        method,
        written: operation,
        segments: &segments,
        place: Place::Outer,
    };
    inner.faults().strike(&asked)
}

/// What a fault answers in place of the sign-in service.
pub(super) async fn instead(struck: &Struck<'_>, now: i64) -> Option<Response<Body>> {
    if let Some((status, body)) = refusal(struck.effect, now) {
        return Some(respond(status, &body));
    }
    struck.instead().await.map(|(_, response)| response)
}

/// The refusal of the sign-in service that an effect stands for.
fn refusal(effect: &Effect, now: i64) -> Option<(u16, Value)> {
    match effect {
        Effect::Answer { error, .. } => {
            let row = catalogue::token(error)?;
            Some((row.status, token::refusal(row, now)))
        }
        _ => None,
    }
}

pub(super) fn respond(status: u16, body: &Value) -> Response<Body> {
    let mut response = plain(
        status,
        "application/json; charset=utf-8",
        Body::from(body.to_string()),
    );
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-cache"),
    );
    response
}
