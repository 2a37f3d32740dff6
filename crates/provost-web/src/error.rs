//! What can go wrong with a request, and the one place that turns it into an answer.

use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use provost_scim::Error as Scim;
use provost_store::Error as Store;
use uuid::Uuid;

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The media type of every SCIM answer (RFC 7644 section 8.1).
pub(crate) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// Why a request is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong: the client must change it.
    #[error(transparent)]
    Scim(#[from] Scim),
    /// Nobody knows who asks: the client must send another token.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// Too much was asked for at a time: the client must wait.
    #[error("{what}; wait {seconds} s and go on")]
    TooMany {
        /// Whole seconds to wait.
        seconds: u64,
        /// What there was too much of.
        what: &'static str,
    },
    /// The endpoint exists, the method does not.
    #[error("{method} is not possible here; allowed: {allow}")]
    Method {
        /// The method of the request.
        method: String,
        /// The methods that the endpoint knows.
        allow: &'static str,
    },
    /// The store refused: sometimes the client's doing, sometimes a matter of trying again.
    #[error(transparent)]
    Store(#[from] Store),
    /// A page could not be rendered.
    #[error("the page could not be rendered: {0}")]
    Page(#[from] askama::Error),
}

impl Error {
    /// The SCIM error that stands for this one. What concerns only the people who run the server is logged
    /// here, once, under a reference that the answer names.
    pub(crate) fn to_scim(&self) -> Scim {
        match self {
            Self::Scim(error) => error.clone(),
            Self::Unauthorized(sentence) => Scim::unauthorized(*sentence),
            Self::TooMany { .. } => Scim {
                status: 429,
                scim_type: None,
                detail: self.to_string(),
            },
            Self::Method { .. } => Scim::method_not_allowed(self.to_string()),
            Self::Store(error) => from_store(error),
            Self::Page(error) => internal(error),
        }
    }
}

fn from_store(error: &Store) -> Scim {
    match error {
        // Handlers that know which attribute it is have said so before.
        Store::Conflict => Scim::uniqueness(error.to_string()),
        Store::Busy { .. } | Store::Retry(_) => Scim::unavailable(error.to_string()),
        Store::Closed => Scim::unavailable("the server is stopping; try again"),
        Store::Timeout { .. } | Store::TooMany { .. } => Scim::too_many(error.to_string()),
        Store::OutcomeUnknown => Scim::internal(error.to_string()),
        Store::Refused { .. } => refused(error),
        Store::LeaseLost { .. } | Store::Damaged(_) | Store::Setup(_) | Store::Database(_) => internal(error),
    }
}

/// What a guard of the store refused stays refused, until an administrator does what it asks for.
fn refused(error: &Store) -> Scim {
    Scim {
        status: 409,
        scim_type: None,
        detail: error.to_string(),
    }
}

fn internal(error: &dyn std::error::Error) -> Scim {
    let reference = Uuid::now_v7();
    tracing::error!(%reference, error = %error, "a request failed");
    Scim::internal(format!(
        "the server could not do this; its log says why under the reference {reference}"
    ))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.to_response(&self.to_scim())
    }
}

impl Error {
    /// The answer that says `error`, which is what [`Error::to_scim`] made of this one.
    pub(crate) fn to_response(&self, error: &Scim) -> Response {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(CONTENT_TYPE, SCIM_JSON)], error.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        match self {
            Self::Unauthorized(_) => {
                headers.insert(
                    WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"provost\""),
                );
            }
            Self::Method { allow, .. } => {
                headers.insert(ALLOW, HeaderValue::from_static(allow));
            }
            Self::TooMany { seconds, .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            _ if error.status == 503 => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn answer(error: Error) -> (u16, Option<&'static str>, Response) {
        let scim = error.to_scim();
        (
            scim.status,
            scim.scim_type.map(provost_scim::ScimType::as_str),
            error.into_response(),
        )
    }

    #[test]
    fn a_busy_or_stopping_store_asks_to_come_back() {
        for error in [
            Store::Busy { limit: 4_096 },
            Store::Retry("a deadlock".into()),
            Store::Closed,
        ] {
            let (status, _, response) = answer(error.into());
            assert_eq!(status, 503);
            assert_eq!(response.headers()[RETRY_AFTER], "1");
        }
    }

    #[test]
    fn a_broad_read_is_too_many_and_an_unknown_outcome_says_what_to_do() {
        assert_eq!(answer(Store::Timeout { millis: 2_000 }.into()).1, Some("tooMany"));
        let unknown = Error::from(Store::OutcomeUnknown).to_scim();
        assert_eq!(unknown.status, 500);
        assert!(
            unknown
                .detail
                .contains("read the object before you repeat the change"),
            "{}",
            unknown.detail
        );
    }

    #[test]
    fn what_only_the_operator_may_know_stays_in_the_log() {
        let error = Error::from(Store::Database("no such table: object".into())).to_scim();
        assert_eq!(error.status, 500);
        assert!(!error.detail.contains("table"), "{}", error.detail);
    }

    #[test]
    fn who_asks_for_too_much_is_told_how_long_to_wait() {
        let (status, _, response) = answer(Error::TooMany {
            seconds: 7,
            what: "too many requests",
        });
        assert_eq!((status, response.status().as_u16()), (429, 429));
        assert_eq!(response.headers()[RETRY_AFTER], "7");
    }

    #[test]
    fn a_method_that_does_not_exist_is_answered_with_those_that_do() {
        let (status, _, response) = answer(Error::Method {
            method: "PUT".into(),
            allow: "GET",
        });
        assert_eq!(status, 405);
        assert_eq!(response.headers()[ALLOW], "GET");
    }
}
