//! SCIM errors (RFC 7644 section 3.12): an HTTP status, a `scimType` where one is defined, and a sentence.

use serde_json::{Value, json};

use crate::schema;

/// The result of anything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A SCIM error. The sentence is shown to an administrator: it says what is wrong, where, and what would
/// be right. It never carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// The HTTP status.
    pub status: u16,
    /// The `scimType`, for the statuses that have one.
    pub scim_type: Option<ScimType>,
    /// What happened, to which attribute or object, and why.
    pub detail: String,
}

/// The detail codes of RFC 7644 section 3.12 (table 9) and RFC 9865 section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter cannot be parsed, or an operator does not fit its attribute.
    InvalidFilter,
    /// The result is too large to be worked out.
    TooMany,
    /// A value that must be unique is taken. Status 409.
    Uniqueness,
    /// The change conflicts with the attribute's mutability.
    Mutability,
    /// The body's structure is wrong.
    InvalidSyntax,
    /// The `path` of a PATCH operation is malformed.
    InvalidPath,
    /// The `path` of a PATCH operation selects nothing.
    NoTarget,
    /// A required value is missing, or a value has the wrong type.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// Personal data stands in the address. Status 403.
    Sensitive,
    /// The cursor is unknown (RFC 9865).
    InvalidCursor,
    /// The cursor has expired (RFC 9865).
    ExpiredCursor,
    /// The count is out of range, or differs from the first request (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// One constructor for each `scimType` or bare status, so that a status never stands in a handler.
macro_rules! constructors {
    (typed { $($(#[$doc:meta])* $name:ident => $kind:ident;)* } status { $($(#[$sdoc:meta])* $sname:ident => $status:literal;)* }) => {
        impl Error {
            $($(#[$doc])* #[must_use] pub fn $name(detail: impl Into<String>) -> Self {
                Self::typed(ScimType::$kind, detail)
            })*
            $($(#[$sdoc])* #[must_use] pub fn $sname(detail: impl Into<String>) -> Self {
                Self { status: $status, scim_type: None, detail: detail.into() }
            })*
        }
    };
}

constructors! {
    typed {
    /// 400 `invalidFilter`.
    invalid_filter => InvalidFilter;
    /// 400 `tooMany`.
    too_many => TooMany;
    /// 409 `uniqueness`.
    uniqueness => Uniqueness;
    /// 400 `mutability`.
    mutability => Mutability;
    /// 400 `invalidSyntax`.
    invalid_syntax => InvalidSyntax;
    /// 400 `invalidPath`.
    invalid_path => InvalidPath;
    /// 400 `noTarget`.
    no_target => NoTarget;
    /// 400 `invalidValue`.
    invalid_value => InvalidValue;
    /// 400 `invalidVers`.
    invalid_vers => InvalidVers;
    /// 403 `sensitive`.
    sensitive => Sensitive;
    /// 400 `invalidCursor`.
    invalid_cursor => InvalidCursor;
    /// 400 `expiredCursor`.
    expired_cursor => ExpiredCursor;
    /// 400 `invalidCount`.
    invalid_count => InvalidCount;
    }
    status {
    /// 401: credentials are missing or wrong.
    unauthorized => 401;
    /// 403: known, but not allowed.
    forbidden => 403;
    /// 404: no such resource, or not the caller's. The two look alike on purpose.
    not_found => 404;
    /// 405: the endpoint exists, the method does not.
    method_not_allowed => 405;
    /// 409 without a `scimType`, for example a circular reference in a bulk request.
    conflict => 409;
    /// 412: `If-Match` does not name the current version.
    precondition_failed => 412;
    /// 413: a body or a bulk request over its limit.
    too_large => 413;
    /// 415: a body that is not JSON by its media type.
    unsupported_media_type => 415;
    /// 429: slow down.
    too_many_requests => 429;
    /// 500: our fault.
    internal => 500;
    /// 501: a feature that is switched off or not built.
    not_implemented => 501;
    /// 503: busy or stopping; try again.
    unavailable => 503;
    }
}

impl Error {
    /// An error with a `scimType` and the status that belongs to it.
    #[must_use]
    pub fn typed(kind: ScimType, detail: impl Into<String>) -> Self {
        Self {
            status: kind.status(),
            scim_type: Some(kind),
            detail: detail.into(),
        }
    }

    /// The error body (RFC 7644 section 3.12). `status` is a JSON string there.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body =
            json!({"schemas": [schema::ERROR], "status": self.status.to_string(), "detail": self.detail});
        if let Some(kind) = self.scim_type {
            body["scimType"] = Value::from(kind.as_str());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_carries_status_as_text_and_the_type_only_where_there_is_one() {
        assert_eq!(
            Error::uniqueness("userName is taken").to_json(),
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409",
                   "scimType": "uniqueness", "detail": "userName is taken"})
        );
        assert!(
            Error::not_found("no such User")
                .to_json()
                .get("scimType")
                .is_none()
        );
        assert_eq!(Error::sensitive("use .search").status, 403);
        assert_eq!(Error::too_large("over 1 MiB").to_string(), "over 1 MiB");
    }
}
