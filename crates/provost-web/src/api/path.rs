//! The parts of an address. One that cannot be read is refused like everything else.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The parts of the address, in their order.
pub(crate) struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(parts)| Self(parts))
            .map_err(|rejection| {
                Problem::new(
                    StatusCode::NOT_FOUND,
                    "PRV-API-PATH",
                    format!("the address names nothing: {}", rejection.body_text()),
                    "Use the keys and names that the lists show.",
                )
            })
    }
}
