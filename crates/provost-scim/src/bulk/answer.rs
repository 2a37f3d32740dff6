//! What became of an operation, and the response that says so (RFC 7644 section 3.7).

use serde_json::{Map, Value, json};

use super::{Method, Operation};
use crate::error::Error;
use crate::schema::BULK_RESPONSE;

/// What a [`Call`](super::Call) was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status. Below 300 means that it was done.
    pub status: u16,
    /// The address of the resource.
    pub location: Option<String>,
    /// Its version afterwards, as in the `ETag` header.
    pub version: Option<String>,
    /// Its id. Where it is missing, the last segment of the location is taken.
    pub id: Option<String>,
    /// The error body, when it was not done.
    pub error: Option<Value>,
}

impl Answer {
    /// Whether it was done.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn resource_id(&self) -> Option<String> {
        let last = || {
            let location = self.location.as_deref()?;
            location.rsplit('/').next().map(str::to_owned)
        };
        self.id.clone().or_else(last).filter(|id| !id.is_empty())
    }

    /// The sentence of the error body.
    pub(super) fn detail(&self) -> &str {
        let detail = self.error.as_ref().and_then(|error| error.get("detail"));
        detail.and_then(Value::as_str).unwrap_or_default()
    }

    /// The same resource, with an error about it.
    pub(super) fn failed(self, error: &Error) -> Self {
        Self {
            status: error.status,
            error: Some(error.to_json()),
            ..self
        }
    }
}

impl From<&Error> for Answer {
    fn from(error: &Error) -> Self {
        Self::default().failed(error)
    }
}

/// The `BulkResponse`. `base` is the address above `/Users`, for those operations that were never carried
/// out and so have no address from anybody.
pub(super) fn response<'a>(
    results: impl Iterator<Item = (&'a Operation, Answer)>,
    base: Option<&str>,
) -> Value {
    let operations: Vec<Value> = results
        .map(|(operation, answer)| result(operation, answer, base))
        .collect();
    json!({"schemas": [BULK_RESPONSE], "Operations": operations})
}

fn result(operation: &Operation, answer: Answer, base: Option<&str>) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), Value::from(value));
        }
    };
    let success = answer.is_success();
    let written = operation.written_method.clone();
    put(
        "method",
        operation.method.map(|method| method.to_string()).or(written),
    );
    put("bulkId", operation.bulk_id.clone());
    put("location", answer.location.or_else(|| address(operation, base)));
    put("version", answer.version);
    put("status", Some(answer.status.to_string()));
    if !success {
        let detail = format!("the operation failed with status {}", answer.status);
        let error = answer.error.unwrap_or_else(|| {
            let error = Error {
                status: answer.status,
                scim_type: None,
                detail,
            };
            error.to_json()
        });
        out.insert("response".to_owned(), error);
    }
    Value::Object(out)
}

/// The address that an operation on a resource was meant for.
fn address(operation: &Operation, base: Option<&str>) -> Option<String> {
    let on_a_resource = operation.method.is_some_and(|method| method != Method::Post);
    let path = Some(&operation.path).filter(|path| on_a_resource && path.len() > 1)?;
    Some(format!("{}{path}", base?))
}
