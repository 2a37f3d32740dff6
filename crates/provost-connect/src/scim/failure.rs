//! What a refusal means.

use super::lenient;
use crate::error::quote;
use crate::http::Answer;
use crate::{Error, Kind};

/// The reason of a refused request that was too large (HTTP 413), whatever the application says.
pub(crate) const TOO_LARGE: &str = "the application finds the request too large";

/// The error that a refusal stands for. `object` is what the call was about; `None` for a
/// collection.
pub(crate) fn failure(answer: &Answer, operation: &str, object: Option<(Kind, &str)>) -> Error {
    let body = answer.try_json();
    let (scim_type, detail) = lenient::error(body.as_ref());
    let reason = reason(answer, &scim_type, &detail);
    let host = answer.place();
    let operation = operation.to_owned();
    match answer.status {
        401 => Error::Credential {
            host,
            reason,
            cause: None,
        },
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
        413 => Error::Rejected {
            operation,
            reason: TOO_LARGE.to_owned(),
            attribute: None,
        },
        400 | 422 if body.is_some() || answer.body.is_empty() => Error::Rejected {
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

/// Whether a refused create says that the object exists: 409, or a 400 or 500 that speaks of it.
pub(crate) fn says_taken(answer: &Answer) -> bool {
    let (scim_type, detail) = lenient::error(answer.try_json().as_ref());
    answer.status == 409 || (matches!(answer.status, 400 | 422 | 500) && is_conflict(&scim_type, &detail))
}

/// Whether a refusal speaks of a value that is taken. Many leave `scimType` out.
fn is_conflict(scim_type: &str, detail: &str) -> bool {
    const WORDS: [&str; 6] = ["exist", "duplicate", "unique", "taken", "in use", "conflict"];
    const NOT: [&str; 3] = ["not exist", "n't exist", "nonexist"];
    let detail = detail.to_ascii_lowercase();
    let speaks =
        WORDS.iter().any(|word| detail.contains(word)) && !NOT.iter().any(|word| detail.contains(word));
    scim_type.eq_ignore_ascii_case("uniqueness") || speaks
}

fn reason(answer: &Answer, scim_type: &str, detail: &str) -> String {
    match (detail, scim_type) {
        ("", "") => format!("status {} without a reason", answer.status),
        ("", scim_type) => quote(scim_type),
        (detail, "") => quote(detail),
        (detail, scim_type) => quote(&format!("{detail} ({scim_type})")),
    }
}
