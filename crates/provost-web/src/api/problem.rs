//! Errors of the administrators' interface: problem details (RFC 9457) with our stable code and the next step.

use crate::error::Error as Web;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use provost_store::Error as Store;
use provost_sync::Error as Sync;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Refusals of a value that was sent, in the place of one that something else stands in the way of.
const UNPROCESSABLE: [&str; 11] = [
    "PRV-APPLICATION-ADDRESS",
    "PRV-APPLICATION-KEYS",
    "PRV-APPLICATION-REDIRECT",
    "PRV-DOMAIN-FORMAT",
    "PRV-DOMAIN-INITIAL",
    "PRV-DOMAIN-NOT-IN-TENANT",
    "PRV-EXEMPTION-INCOMPLETE",
    "PRV-IDENTIFIER-MANY",
    "PRV-LINK-KEY",
    "PRV-TENANT-MISMATCH",
    "PRV-TENANT-NAME",
];

/// The status of a refusal.
fn status_of(code: &str) -> StatusCode {
    if UNPROCESSABLE.contains(&code) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if code.ends_with("-UNKNOWN") {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::CONFLICT
    }
}

/// Result of a handler.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// Why a request is not answered as it was meant. In a box: every handler's result has room for one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem(Box<Details>);

#[derive(Debug, Clone, PartialEq)]
struct Details {
    status: StatusCode,
    /// `PRV-…`: never changes its meaning.
    code: String,
    /// What happened and why.
    detail: String,
    /// What to do next.
    hint: String,
    /// Single mistakes, where there are several.
    errors: Vec<Value>,
    /// Seconds to wait, for who asked too often.
    wait: Option<u64>,
    /// The methods that there are, for who used another.
    allow: Option<String>,
    /// What has to be confirmed, where a person has to have seen it first.
    confirm: Option<Asked>,
}

/// A problem as it is sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Shown {
    /// Always `about:blank`: `code` says which it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// `PRV-…`: never changes its meaning.
    code: String,
    /// What happened and why.
    detail: String,
    /// What to do next.
    hint: String,
    /// Single mistakes, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    /// What has to be confirmed: send its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<Asked>,
}

/// What has to be confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(super) struct Asked {
    /// What to send as `confirm.digest`, once a person has seen the list.
    digest: String,
    /// Who or what is concerned.
    list: Vec<String>,
}

impl Problem {
    pub fn new(
        status: StatusCode,
        code: impl Into<String>,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            status,
            code: code.into(),
            detail: detail.into(),
            hint: hint.into(),
            errors: Vec::new(),
            wait: None,
            allow: None,
            confirm: None,
        }))
    }

    pub(super) fn wait(mut self, seconds: u64) -> Self {
        self.0.wait = Some(seconds);
        self
    }

    /// A request that has to be written in another way.
    pub fn request(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PRV-API-REQUEST", detail, hint)
    }

    /// Nobody knows who asks.
    pub fn unauthorized(detail: &str) -> Self {
        let hint = "Send the header `Authorization: Bearer <token>`; `provost api-token add` makes a token.";
        Self::new(StatusCode::UNAUTHORIZED, "PRV-API-TOKEN", detail, hint)
    }

    /// Too much was asked for at a time.
    pub fn too_many(seconds: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "PRV-API-RATE",
            "this token sends more requests than it may",
            format!("Wait {seconds} s and go on."),
        )
        .wait(seconds)
    }

    /// The address exists, the method does not.
    pub fn method(method: &Method, allow: String) -> Self {
        let detail = format!("{method} is not possible here");
        let mut problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "PRV-API-METHOD",
            detail,
            format!("Use {allow}."),
        );
        problem.0.allow = Some(allow);
        problem
    }

    /// The workspace has none of this name.
    pub fn unknown(code: &'static str, what: &str, name: &str, list: &str) -> Self {
        // What was asked for is repeated, but not at any length.
        let shown: String = name.chars().take(100).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            code,
            format!("the workspace has no {what} \"{shown}\""),
            format!("GET /api/v1/{list} lists those that there are."),
        )
    }

    /// A person has to have seen what follows.
    pub fn confirm(code: &'static str, sentence: String, digest: String, list: Vec<String>) -> Self {
        let hint = "Send the same again with `confirm.digest`, once a person has seen the list.";
        let mut problem = Self::new(StatusCode::CONFLICT, code, sentence, hint);
        problem.0.confirm = Some(Asked { digest, list });
        problem
    }

    /// The server runs without what this would need.
    pub fn without_engine() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "PRV-API-NO-ENGINE",
            "this process answers requests only and runs no connections",
            "Ask a process that does, or set `enabled = true` under [sync].",
        )
    }

    pub(super) fn internal(error: &dyn std::error::Error) -> Self {
        let reference = Uuid::now_v7();
        tracing::error!(%reference, error = %error, "a request of the interface failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "PRV-INTERNAL",
            format!("the server could not do this; its log says why under the reference {reference}"),
            "Read the log, or ask who runs the server.",
        )
    }

    fn of_store(error: &Store) -> Self {
        match error {
            Store::Refused { code, sentence, hint } => {
                let status = if UNPROCESSABLE.contains(code) {
                    StatusCode::UNPROCESSABLE_ENTITY
                } else {
                    StatusCode::CONFLICT
                };
                Self::new(status, *code, sentence.as_str(), hint.as_str())
            }
            Store::Conflict => Self::new(
                StatusCode::CONFLICT,
                "PRV-CONFLICT",
                error.to_string(),
                "Choose another value.",
            ),
            Store::Busy { .. } | Store::Retry(_) | Store::Closed => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "PRV-BUSY",
                error.to_string(),
                "Try again in a moment.",
            )
            .wait(1),
            Store::Timeout { .. } | Store::TooMany { .. } => Self::new(
                StatusCode::BAD_REQUEST,
                "PRV-API-BROAD",
                error.to_string(),
                "Ask more narrowly.",
            ),
            error => Self::internal(error),
        }
    }
}

impl From<Store> for Problem {
    fn from(error: Store) -> Self {
        Self::of_store(&error)
    }
}

impl From<provost_signin::Error> for Problem {
    fn from(error: provost_signin::Error) -> Self {
        match &error {
            provost_signin::Error::Store(store) => Self::of_store(store),
            provost_signin::Error::Machine(_) => Self::internal(&error),
            provost_signin::Error::Refused { code, .. } => {
                Self::new(status_of(code), *code, error.sentence(), error.hint())
            }
            other => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                other.code(),
                other.sentence(),
                other.hint(),
            ),
        }
    }
}

impl From<Web> for Problem {
    fn from(error: Web) -> Self {
        match &error {
            Web::Store(store) => Self::of_store(store),
            Web::TooMany { seconds, .. } => Self::too_many(*seconds),
            Web::Scim(_) | Web::Unauthorized(_) | Web::Method { .. } => {
                let scim = error.to_scim();
                let status = StatusCode::from_u16(scim.status).unwrap_or(StatusCode::BAD_REQUEST);
                if status == StatusCode::CONFLICT {
                    return Self::new(status, "PRV-CONFLICT", scim.detail, "Choose another value.");
                }
                Self::new(
                    status,
                    "PRV-API-REQUEST",
                    scim.detail,
                    "Correct the request and send it again.",
                )
            }
            Web::Page(_) => Self::internal(&error),
        }
    }
}

impl From<Sync> for Problem {
    fn from(error: Sync) -> Self {
        let hint = error.hint().to_owned();
        let detail = error.to_string();
        match &error {
            Sync::Store(store) => Self::of_store(store),
            Sync::Refused { code, sentence, .. } => {
                Self::new(status_of(code), *code, sentence.as_str(), hint)
            }
            Sync::NoConnection(_) => Self::new(StatusCode::NOT_FOUND, "PRV-CONNECTION-UNKNOWN", detail, hint),
            Sync::Rules(mistakes) => {
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "PRV-RULES", detail, hint);
                problem.0.errors = mistakes.iter().map(|mistake| json!(mistake)).collect();
                problem
            }
            Sync::Faults(faults) => {
                let code = error.code().unwrap_or("PRV-RULES").to_owned();
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail, hint);
                problem.0.errors = faults.iter().map(|fault| json!(fault)).collect();
                problem
            }
            Sync::Fields(lines) => {
                let code = error.code().unwrap_or("PRV-RULES").to_owned();
                let is_taken = lines.iter().all(|line| line.code.ends_with("-TAKEN"));
                let status = if is_taken {
                    StatusCode::CONFLICT
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                let mut problem = Self::new(status, code, detail, hint);
                problem.0.errors = lines.iter().map(|line| json!(line)).collect();
                problem
            }
            Sync::Confirm {
                code,
                sentence,
                digest,
                list,
                ..
            } => {
                let mut problem = Self::new(StatusCode::CONFLICT, *code, sentence.as_str(), hint);
                problem.0.confirm = Some(Asked {
                    digest: digest.clone(),
                    list: list.clone(),
                });
                problem
            }
            Sync::Target(_) => Self::new(StatusCode::BAD_GATEWAY, "PRV-TARGET", detail, hint),
            Sync::Node(_) => Self::internal(&error),
            Sync::Running => Self::new(StatusCode::CONFLICT, "PRV-RUNNING", detail, hint),
            Sync::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, "PRV-STOPPED", detail, hint),
            Sync::Paused(_) => Self::new(StatusCode::CONFLICT, "PRV-PAUSED", detail, hint),
            _ => Self::new(StatusCode::CONFLICT, "PRV-REFUSED", detail, hint),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let this = *self.0;
        let shown = Shown {
            kind: "about:blank",
            title: this.status.canonical_reason().unwrap_or_default(),
            status: this.status.as_u16(),
            code: this.code,
            detail: this.detail,
            hint: this.hint,
            errors: this.errors,
            confirm: this.confirm,
        };
        let body = serde_json::to_string(&shown).unwrap_or_default();
        let kind = [(CONTENT_TYPE, "application/problem+json")];
        let mut response = (this.status, kind, body).into_response();
        let headers = response.headers_mut();
        if this.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"provost\""),
            );
        }
        if let Some(seconds) = this.wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = this.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
            headers.insert(ALLOW, allow);
        }
        response
    }
}
