//! Request bodies: JSON of a limited size, within a limited time.

use crate::error::Result;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use provost_scim::leniency::{Habit, Habits, Leniency};
use provost_scim::{Error, json};
use serde_json::Value;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

/// How many times the limit is read and thrown away before the connection is cut, so that a client which is
/// still sending gets to see the answer.
const DRAINED: usize = 8;

/// What comes before a body, and how much of it and how long is waited for.
pub(crate) struct Frame<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// Bytes.
    pub limit: usize,
    /// Seconds.
    pub patience: u64,
}

/// The body as JSON.
///
/// # Errors
/// 415 for another media type, 413 over the limit, 408 when it does not arrive, and those of [`json::parse`].
pub(crate) async fn read(
    frame: Frame<'_>,
    body: Body,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<Value> {
    check_type(frame.headers, leniency, used)?;
    let patience = Duration::from_secs(frame.patience);
    let bytes = match tokio::time::timeout(patience, collect(body, frame.limit)).await {
        Ok(bytes) => bytes?,
        Err(_) => {
            let detail = format!(
                "the request's body did not arrive within {} seconds",
                frame.patience
            );
            return Err(failed(408, &detail).into());
        }
    };
    Ok(json::parse(&bytes)?)
}

/// Clients send both of SCIM's media types, with a charset or without, and some send none.
fn check_type(headers: &HeaderMap, leniency: &Leniency, used: &mut Habits) -> Result<()> {
    let sent = headers
        .get(CONTENT_TYPE)
        .map_or("", |sent| sent.to_str().unwrap_or("?"));
    let essence = sent.split(';').next().unwrap_or_default().trim();
    let known = ["application/scim+json", "application/json"];
    if known.iter().any(|name| essence.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    if essence.is_empty() && leniency.allows(Habit::MissingContentType) {
        used.note(Habit::MissingContentType);
        return Ok(());
    }
    let named = if essence.is_empty() { "of no type" } else { essence };
    let detail = format!("the body is {named}; send application/scim+json or application/json");
    Err(Error::unsupported_media_type(detail).into())
}

/// The whole body. One that comes in one piece, as nearly all do, is not copied.
async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    let mut body = pin!(body);
    let (mut first, mut more, mut length) = (Bytes::new(), Vec::new(), 0usize);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| failed(400, "the connection ended within the body"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > limit.saturating_mul(DRAINED) {
            break;
        }
        if length > limit {
            more = Vec::new();
        } else if first.is_empty() {
            first = data;
        } else {
            if more.is_empty() {
                more.extend_from_slice(&first);
            }
            more.extend_from_slice(&data);
        }
    }
    if length > limit {
        let detail = format!("the body is over the limit of {limit} bytes; send less in one request");
        return Err(Error::too_large(detail).into());
    }
    Ok(if more.is_empty() { first } else { more.into() })
}

fn failed(status: u16, detail: &str) -> Error {
    Error {
        status,
        scim_type: None,
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn typed(text: &str) -> Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(text).unwrap());
        check_type(&headers, &Leniency::default(), &mut Habits::default())
    }

    #[test]
    fn json_is_taken_under_both_of_its_names() {
        for text in ["application/scim+json", "Application/JSON; charset=utf-8", ""] {
            assert!(typed(text).is_ok(), "{text}");
        }
        for text in ["text/plain", "application/xml", "application/jsonp"] {
            assert!(typed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_body_without_a_type_is_a_habit() {
        let mut used = Habits::default();
        assert!(check_type(&HeaderMap::new(), &Leniency::default(), &mut used).is_ok());
        assert!(used.contains(Habit::MissingContentType));
        assert!(check_type(&HeaderMap::new(), &Leniency::strict(), &mut Habits::default()).is_err());
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_whole() {
        assert_eq!(collect(Body::from("12345"), 5).await.unwrap(), "12345");
        assert!(collect(Body::from("123456"), 5).await.is_err());
    }
}
