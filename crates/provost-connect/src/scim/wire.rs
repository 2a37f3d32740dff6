//! Sending to a SCIM application: credential, pace, and what its refusals mean.

use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::lenient;
use super::settings::MediaType;
use crate::error::quote;
use crate::http::{Answer, Client, Request};
use crate::pace::{Pacer, Signal};
use crate::{Error, Kind, Result, Secret};

/// The line to one application.
pub(crate) struct Wire {
    pub client: Client,
    pub pacer: Arc<Pacer>,
    pub base: Url,
    pub token: Secret,
    pub media_type: MediaType,
}

/// A request to the application.
pub(crate) struct Call<'a> {
    pub method: Method,
    pub url: Url,
    pub body: Option<&'a Value>,
    pub if_match: Option<&'a str>,
    pub operation: &'a str,
}

impl<'a> Call<'a> {
    pub(crate) fn read(url: Url, operation: &'a str) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            if_match: None,
            operation,
        }
    }

    pub(crate) fn write(method: Method, url: Url, body: Option<&'a Value>, operation: &'a str) -> Self {
        Self {
            method,
            url,
            body,
            if_match: None,
            operation,
        }
    }
}

impl Wire {
    /// The address of a collection or of an object in it.
    pub(crate) fn url(&self, parts: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Settings {
                field: "url".to_owned(),
                reason: "it has no path".to_owned(),
            })?
            .pop_if_empty()
            .extend(parts);
        Ok(url)
    }

    /// Sends a call; throttling is waited out until patience ends, which is safe for writes too,
    /// because a refused request was not carried out.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Answer> {
        let writes = u32::from(call.method != Method::GET);
        let patience = self.client.deadlines().patience;
        let start = tokio::time::Instant::now();
        loop {
            let permit = self.pacer.permit(writes).await;
            let answer = self.client.send(self.request(call)?).await?;
            let refused = answer.status == 429;
            let after = answer.retry_after();
            permit.finish(Signal {
                refused: if refused { writes } else { 0 },
                slow_down: refused || (answer.status == 503 && after.is_some()),
                after,
                used: None,
            });
            if let Some(error) = answer.redirected(call.operation) {
                return Err(error);
            }
            if !refused {
                return Ok(answer);
            }
            if start.elapsed() + self.pacer.pause_left() > patience {
                return Err(Error::Throttled {
                    host: answer.place(),
                    after,
                });
            }
        }
    }

    fn request(&self, call: &Call<'_>) -> Result<Request> {
        let mut request = Request::new(call.method.clone(), call.url.clone())
            .header("accept", "application/scim+json, application/json")
            .bearer(&self.token)?;
        if let Some(version) = call.if_match {
            request = request.header("if-match", version);
        }
        if let Some(body) = call.body {
            request = request.body(self.media_type.as_str(), body.to_string().into_bytes());
        }
        Ok(request)
    }
}

/// The error that a refusal stands for. `object` is what the call was about; `None` for a
/// collection.
pub(crate) fn failure(answer: &Answer, operation: &str, object: Option<(Kind, &str)>) -> Error {
    let body = answer.try_json();
    let (scim_type, detail) = lenient::error(body.as_ref());
    let reason = reason(answer, &scim_type, &detail);
    let host = answer.place();
    let operation = operation.to_owned();
    match answer.status {
        401 => Error::Credential { host, reason },
        403 => Error::Forbidden { operation, reason },
        404 | 410 => match object {
            Some((kind, id)) => Error::NotFound {
                operation,
                kind,
                id: id.to_owned(),
            },
            None => answer.unintelligible(&operation, "that it does not have this address"),
        },
        405 | 501 => Error::Unsupported { operation },
        412 => Error::Concurrent { operation },
        409 if is_conflict(&scim_type, &detail) => conflict(operation, reason, &detail),
        409 => Error::Concurrent { operation },
        429 => Error::Throttled {
            host,
            after: answer.retry_after(),
        },
        500.. => Error::Unavailable {
            host,
            operation,
            status: answer.status,
            reason,
            after: answer.retry_after(),
        },
        _ if scim_type.eq_ignore_ascii_case("uniqueness") => conflict(operation, reason, &detail),
        400 | 413 | 422 if body.is_some() || answer.body.is_empty() => Error::Rejected {
            operation,
            reason,
            attribute: None,
        },
        _ => answer.unintelligible(&operation, "something that is not a SCIM answer"),
    }
}

fn conflict(operation: String, reason: String, detail: &str) -> Error {
    let attribute = ["userName", "externalId", "displayName", "emails"]
        .into_iter()
        .find(|name| detail.to_ascii_lowercase().contains(&name.to_ascii_lowercase()));
    Error::Conflict {
        operation,
        attribute: attribute.map(str::to_owned),
        existing: None,
        reason,
    }
}

/// Whether a 409, or a 400 on create, speaks of a value that is taken. Many leave `scimType` out.
pub(crate) fn is_conflict(scim_type: &str, detail: &str) -> bool {
    const WORDS: [&str; 6] = ["exist", "duplicate", "unique", "taken", "in use", "conflict"];
    let detail = detail.to_ascii_lowercase();
    scim_type.eq_ignore_ascii_case("uniqueness") || WORDS.iter().any(|word| detail.contains(word))
}

fn reason(answer: &Answer, scim_type: &str, detail: &str) -> String {
    match (detail, scim_type) {
        ("", "") => format!("status {} without a reason", answer.status),
        ("", scim_type) => quote(scim_type),
        (detail, "") => quote(detail),
        (detail, scim_type) => quote(&format!("{detail} ({scim_type})")),
    }
}
