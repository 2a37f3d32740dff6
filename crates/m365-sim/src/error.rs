//! Graph's refusals (Graph documentation, "Microsoft Graph error responses and resource types").

use serde_json::{Value, json};

/// A refusal: everything of an error answer but the request's own ids.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub(crate) struct Error {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub target: Option<String>,
    pub details: Vec<Detail>,
    pub headers: Vec<(&'static str, String)>,
}

/// One entry of `details`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detail {
    pub code: &'static str,
    pub message: String,
    pub target: String,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Error {
        Error {
            status,
            code,
            message: message.into(),
            target: None,
            details: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// 400 with the directory's own code.
    pub(crate) fn bad_request(message: impl Into<String>) -> Error {
        Error::new(400, "Request_BadRequest", message)
    }

    /// 400 from the layer that parses addresses and options.
    pub(crate) fn malformed(message: impl Into<String>) -> Error {
        Error::new(400, "BadRequest", message)
    }

    /// 400 for a query that needs the advanced mode, or that no mode supports.
    pub(crate) fn unsupported_query(message: impl Into<String>) -> Error {
        Error::new(400, "Request_UnsupportedQuery", message)
    }

    /// 400 for one property's value.
    pub(crate) fn invalid_value(resource: &str, property: &str) -> Error {
        Error::bad_request(format!(
            "Invalid value specified for property '{property}' of resource '{resource}'."
        ))
        .at(property)
    }

    /// 403.
    pub(crate) fn denied(message: impl Into<String>) -> Error {
        Error::new(403, "Authorization_RequestDenied", message)
    }

    /// 404 for an object that does not exist, or cannot be seen yet.
    pub(crate) fn not_found(id: &str) -> Error {
        let message = format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        );
        Error::new(404, "Request_ResourceNotFound", message)
    }

    /// 400 for a value that another object has.
    pub(crate) fn conflict(property: &str, holder: &str) -> Error {
        let message = format!("Another object with the same value for property {property} already exists.");
        let details = vec![
            Detail {
                code: "ObjectConflict",
                message: message.clone(),
                target: property.to_owned(),
            },
            Detail {
                code: "ConflictingObjects",
                message: "The object that has the value.".to_owned(),
                target: holder.to_owned(),
            },
        ];
        Error {
            details,
            ..Error::bad_request(message)
        }
    }

    /// 501 for an operation of Graph that this simulator does not offer.
    pub(crate) fn unoffered(what: &str) -> Error {
        Error::new(
            501,
            "NotImplemented",
            format!("This simulator does not offer {what}."),
        )
    }

    pub(crate) fn at(mut self, target: &str) -> Error {
        self.target = Some(target.to_owned());
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Error {
        self.headers.push((name, value.into()));
        self
    }

    /// The body, with the ids that let Microsoft find the request.
    pub(crate) fn body(&self, trace: &Trace) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": trace.date,
                "request-id": trace.request_id,
                "client-request-id": trace.client_request_id,
            },
        });
        if let Some(target) = &self.target {
            error["target"] = json!(target);
        }
        if !self.details.is_empty() {
            let detail = |d: &Detail| json!({"code": d.code, "message": d.message, "target": d.target});
            error["details"] = self.details.iter().map(detail).collect();
        }
        json!({ "error": error })
    }
}

/// The ids of one request.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub request_id: String,
    pub client_request_id: String,
    /// UTC, without an offset, as Graph writes it.
    pub date: String,
    /// An entry of a batch.
    pub in_batch: bool,
    /// A fault befell the request.
    pub fault: bool,
}
