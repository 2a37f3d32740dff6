//! A complete answer, read under the cap.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::origin::{place, shown};
use super::retry_after;
use crate::error::quote;
use crate::{Error, Result};

/// Status, headers and whole body of an answer.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// Headers as sent.
    pub headers: HeaderMap,
    /// Body after decompression, at most [`super::BODY_LIMIT`] bytes.
    pub body: Vec<u8>,
    pub(super) url: Url,
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the target wants to be left alone, if it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::parse(self.header("retry-after")?, jiff::Timestamp::now())
    }

    /// Host and port that answered.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.url)
    }

    /// The body as JSON if it is JSON, whatever the content type says.
    #[must_use]
    pub fn try_json(&self) -> Option<Value> {
        serde_json::from_slice(self.text()).ok()
    }

    /// The body without a byte order mark, which some put before their JSON (RFC 8259 section 8.1).
    fn text(&self) -> &[u8] {
        self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body)
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// [`Error::Unintelligible`] when it is something else.
    pub fn object(&self, operation: &str) -> Result<serde_json::Map<String, Value>> {
        match serde_json::from_slice(self.text()) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(self.unintelligible(operation, "JSON that is not an object")),
            Err(_) if self.body.is_empty() => Err(self.unintelligible(operation, "an empty body")),
            Err(error) if error.is_eof() => Err(self.unintelligible(operation, "JSON that breaks off")),
            Err(_) => Err(self.unintelligible(operation, "something that is not JSON")),
        }
    }

    /// An error that tells what came instead of the expected answer.
    #[must_use]
    pub fn unintelligible(&self, operation: &str, found: &str) -> Error {
        let kind = self.header("content-type").unwrap_or("no content type");
        Error::Unintelligible {
            host: self.place(),
            operation: operation.to_owned(),
            found: format!("{found} (status {}, {})", self.status, quote(kind)),
        }
    }

    /// The error for a 3xx status, `None` otherwise.
    #[must_use]
    pub fn redirected(&self, operation: &str) -> Option<Error> {
        if !(300..400).contains(&self.status) {
            return None;
        }
        let location = self
            .header("location")
            .and_then(|target| self.url.join(target).ok())
            .map_or_else(|| "nowhere".to_owned(), |target| shown(&target));
        Some(Error::Redirected {
            host: self.place(),
            operation: operation.to_owned(),
            status: self.status,
            location: quote(&location),
        })
    }
}

/// Never the headers or the body: they may carry tokens and personal data.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
