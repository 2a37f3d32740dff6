//! What became of an operation, whether it was a request of its own or a part of a bulk request.

use super::exchange::{Exchange, empty};
use super::render;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_scim::path::AttrPath;
use provost_scim::project::Projection;
use provost_scim::resource::{self, Version};
use provost_store::directory::Object;

/// What an operation answers of the resource.
pub(crate) enum View {
    /// Nothing but where it is and its version: an operation of a bulk request.
    Address,
    /// These attributes.
    Attributes(Projection),
}

impl View {
    /// The same, and what is returned on request only because the client wrote it (RFC 7643 section 7).
    pub fn with_requested(self, requested: Vec<AttrPath>) -> Self {
        match self {
            Self::Attributes(projection) if !requested.is_empty() => {
                Self::Attributes(projection.with_requested(requested))
            }
            other => other,
        }
    }

    /// The attributes to show.
    pub fn projection(&self) -> Option<&Projection> {
        match self {
            Self::Address => None,
            Self::Attributes(projection) => Some(projection),
        }
    }
}

/// What an answer shows of an object.
pub(crate) struct Shown {
    /// The body, when there is to be one.
    pub body: Option<String>,
    /// The version of what is shown.
    pub version: Version,
}

impl Shown {
    /// An answer without a body.
    pub fn nothing(object: &Object) -> Self {
        Self {
            body: None,
            version: object.version.into(),
        }
    }
}

/// What became of an operation.
pub(crate) struct Done {
    /// The status of the answer.
    pub status: StatusCode,
    /// The address of the resource.
    pub location: String,
    /// The public id of the resource.
    pub id: String,
    /// Its version; none when it is gone.
    pub version: Option<Version>,
    /// The body, when there is to be one.
    pub body: Option<String>,
}

impl Done {
    /// An operation that left this object behind.
    pub fn with(x: &Exchange, status: StatusCode, object: &Object, shown: Shown) -> Self {
        Self {
            status,
            location: render::location(&x.base, object),
            id: object.id.to_string(),
            version: Some(shown.version),
            body: shown.body,
        }
    }

    /// An operation after which the object is gone.
    pub fn without(x: &Exchange, object: &Object) -> Self {
        Self {
            version: None,
            ..Self::with(x, StatusCode::NO_CONTENT, object, Shown::nothing(object))
        }
    }

    /// The answer to a request of its own.
    pub fn into_response(self, x: &Exchange) -> Response {
        let is_new = self.status == StatusCode::CREATED;
        let mut response = match self.body {
            Some(body) => x.json(self.status, body),
            None => empty(self.status),
        };
        if let Some(version) = self.version {
            tag(&mut response, version);
        }
        if is_new && let Ok(address) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(LOCATION, address);
        }
        response
    }
}

/// Adds the entity tag of a version.
pub(crate) fn tag(response: &mut Response, version: Version) {
    if let Ok(tag) = HeaderValue::try_from(resource::etag(version)) {
        response.headers_mut().insert(ETAG, tag);
    }
}
