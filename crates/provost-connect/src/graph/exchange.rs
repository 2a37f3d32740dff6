//! An answer of Graph, whether it came alone or inside a batch, and the errors it stands for.
//!
//! Source: Microsoft Graph, "Error responses and resource types"; texts are matched only where the
//! codes do not tell cases apart.

use std::time::Duration;

use serde_json::Value;

use crate::error::quote;
use crate::http::Answer;
use crate::{Error, Kind};

/// Status, pace and body of one answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub status: u16,
    pub after: Option<Duration>,
    /// Share of the limit that is used (`x-ms-throttle-limit-percentage`).
    pub used: Option<f64>,
    /// The body as JSON; `None` when there is none or it is something else.
    pub body: Option<Value>,
    /// What to say when the body had to be JSON and is not.
    pub unreadable: Option<Error>,
    pub place: String,
}

impl Exchange {
    /// Reads an answer that came alone.
    pub(crate) fn of(answer: &Answer, operation: &str) -> Self {
        let body = answer.try_json();
        let unreadable = (body.is_none() && !answer.body.is_empty())
            .then(|| answer.object(operation).err())
            .flatten();
        Self {
            status: answer.status,
            after: answer.retry_after(),
            used: answer
                .header("x-ms-throttle-limit-percentage")
                .and_then(|value| value.trim().parse().ok()),
            body,
            unreadable,
            place: answer.place(),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the service asks for a slower pace.
    pub(crate) fn is_throttled(&self) -> bool {
        self.status == 429 || self.code() == "Request_ThrottledTemporarily"
    }

    /// The outer error code.
    fn code(&self) -> &str {
        self.error("code")
    }

    fn error(&self, member: &str) -> &str {
        self.body
            .as_ref()
            .and_then(|body| body.get("error")?.get(member)?.as_str())
            .unwrap_or_default()
    }

    /// The service's sentence, for people.
    pub(crate) fn reason(&self) -> String {
        match (self.code(), self.error("message")) {
            ("", "") => format!("status {} without a reason", self.status),
            (code, "") => quote(code),
            (code, message) => quote(&format!("{message} ({code})")),
        }
    }

    /// Whether the text of a refusal says that a reference to be added is there already.
    pub(crate) fn says_exists_already(&self) -> bool {
        self.status == 400
            && (self.error("message").contains("already exist")
                || self.code() == "Request_MultipleObjectsWithSameKeyValue")
    }

    /// Whether the text of a refusal says that a reference to be removed is not there.
    pub(crate) fn says_not_there(&self) -> bool {
        self.status == 400
            && self
                .error("message")
                .contains("removed object references do not exist")
    }

    /// Whether a listing lost its place.
    pub(crate) fn lost_its_page(&self) -> bool {
        let code = self.code();
        self.status == 410 || code.contains("PageToken") || code.contains("ResultSizeLimit")
    }

    /// The error this answer stands for. `object` is what a 404 is about.
    pub(crate) fn failure(&self, operation: &str, object: Option<&(Kind, String)>) -> Error {
        let operation = operation.to_owned();
        let host = self.place.clone();
        let reason = self.reason();
        match self.status {
            429 => Error::Throttled {
                host,
                after: self.after,
            },
            401 => Error::Credential { host, reason },
            403 => self.forbidden(operation, reason),
            404 => match object {
                Some((kind, id)) => Error::NotFound {
                    operation,
                    kind: *kind,
                    id: id.clone(),
                },
                None => self.rejected(operation, reason),
            },
            400 | 409 | 412 => self.refused(operation, reason),
            501 => Error::Unsupported { operation },
            500.. => Error::Unavailable {
                host,
                operation,
                status: self.status,
                reason,
                after: self.after,
            },
            _ => self.rejected(operation, reason),
        }
    }

    fn forbidden(&self, operation: String, reason: String) -> Error {
        match self.code() {
            "Directory_QuotaExceeded" => Error::QuotaExceeded { operation, reason },
            "Authorization_IdentityNotFound" | "Authorization_IdentityDisabled" => Error::Credential {
                host: self.place.clone(),
                reason,
            },
            _ => Error::Forbidden { operation, reason },
        }
    }

    fn refused(&self, operation: String, reason: String) -> Error {
        if let Some((attribute, existing)) = self.conflict() {
            return Error::Conflict {
                operation,
                attribute,
                existing,
                reason,
            };
        }
        if self.status == 400 {
            return self.rejected(operation, reason);
        }
        Error::Concurrent { operation }
    }

    /// Attribute and holder of a value that is taken: by code and details first, by text last.
    fn conflict(&self) -> Option<(Option<String>, Option<String>)> {
        let details = self
            .body
            .as_ref()
            .and_then(|body| body.get("error")?.get("details")?.as_array())
            .map_or(&[][..], Vec::as_slice);
        let named = |code: &str| {
            details
                .iter()
                .find(|detail| detail["code"] == code)
                .map(|detail| (&detail["target"], &detail["message"]))
        };
        let attribute = named("ObjectConflict").and_then(|(target, _)| target.as_str());
        let holder =
            named("ConflictingObjects").and_then(|(target, text)| guid_in(target).or_else(|| guid_in(text)));
        let by_code = attribute.is_some()
            || named("ConflictingObjects").is_some()
            || self.code() == "Request_MultipleObjectsWithSameKeyValue";
        let by_text = self
            .error("message")
            .split_once("Another object with the same value for property ")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        (by_code || by_text.is_some()).then(|| (attribute.or(by_text).map(quote), holder))
    }

    fn rejected(&self, operation: String, reason: String) -> Error {
        if let Some(error) = self.unreadable.clone() {
            return error;
        }
        let target = self.error("target");
        Error::Rejected {
            operation,
            reason,
            attribute: (!target.is_empty()).then(|| quote(target)),
        }
    }
}

/// The first GUID in a text.
fn guid_in(value: &Value) -> Option<String> {
    value
        .as_str()?
        .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .find(|word| word.len() == 36 && uuid::Uuid::try_parse(word).is_ok())
        .map(str::to_owned)
}
