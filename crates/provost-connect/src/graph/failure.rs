//! The error that an answer of Graph stands for.
//!
//! Source: Microsoft Graph, "Error responses and resource types", and what has been seen of the
//! service: by status and code first, by details next, by words last.

use serde_json::Value;

use super::cause;
use super::exchange::{Exchange, PRESENT};
use crate::error::{ELSEWHERE, quote};
use crate::{Cause, Error, Kind};

impl Exchange {
    /// The error this answer stands for. `object` is what a 404 is about.
    pub(crate) fn failure(&self, operation: &str, object: Option<&(Kind, String)>) -> Error {
        let operation = operation.to_owned();
        let host = self.place.clone();
        let reason = self.reason();
        if self.is_throttled() {
            return Error::Throttled {
                host,
                after: self.after,
            };
        }
        if let (400 | 403, Some(why)) = (self.status, self.mastered_elsewhere()) {
            return Error::Forbidden {
                operation,
                reason: why.to_owned(),
            };
        }
        match self.status {
            401 => {
                let about_cloud = self.message().to_ascii_lowercase().contains("audience");
                self.unknown_here(if about_cloud { &cause::CLOUD } else { &cause::TOKEN })
            }
            403 => self.forbidden(operation, reason),
            404 => match object {
                Some((kind, id)) => Error::NotFound {
                    operation,
                    kind: *kind,
                    id: id.clone(),
                },
                None => self.rejected(operation, reason),
            },
            400 if self.code() == "Request_UnsupportedQuery" => self.unsupported(&operation),
            400 | 409 | 412 => self.refused(operation, reason),
            405 | 406 | 415 | 501 => self.unsupported(&operation),
            // 424: another entry of the batch failed first. Nothing was done.
            424 | 500.. => Error::Unavailable {
                host,
                operation,
                status: self.status,
                reason,
                after: self.after,
            },
            _ => self.rejected(operation, reason),
        }
    }

    fn unsupported(&self, operation: &str) -> Error {
        Error::Unsupported {
            operation: format!("{operation} like this ({})", self.reason()),
        }
    }

    /// Neither the application nor its token is taken.
    fn unknown_here(&self, cause: &'static Cause) -> Error {
        Error::Credential {
            host: self.place.clone(),
            reason: format!("{} ({})", cause.sentence, self.reason()),
            cause: Some(cause),
        }
    }

    fn forbidden(&self, operation: String, reason: String) -> Error {
        match self.code() {
            "Directory_QuotaExceeded" => Error::QuotaExceeded { operation, reason },
            "Authorization_IdentityNotFound" => self.unknown_here(&cause::APP_UNKNOWN),
            "Authorization_IdentityDisabled" => self.unknown_here(&cause::APP_DISABLED),
            _ => Error::Forbidden { operation, reason },
        }
    }

    /// Why no permission helps: the object is changed somewhere else. Only words tell.
    fn mastered_elsewhere(&self) -> Option<&'static str> {
        let message = self.message().to_ascii_lowercase();
        let says = |word: &str| message.contains(word);
        if says("mastered") {
            Some(ELSEWHERE[0])
        } else if says("mail-enabled security group") || says("distribution list") {
            Some(ELSEWHERE[1])
        } else {
            None
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
        let details = self.details();
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
            .message()
            .split_once("Another object with the same value for property ")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        // A twin in the bin is told in these words only.
        if self.message().contains("netId") && !by_code && by_text.is_none() {
            return Some((Some("userPrincipalName".to_owned()), None));
        }
        let by_text = by_text.or(self.message().contains(PRESENT).then_some(""));
        let attribute = attribute.or(by_text.filter(|name| !name.is_empty()));
        (by_code || by_text.is_some()).then(|| (attribute.map(quote), holder))
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
