//! Bodies of requests: JSON of a limited size, within a limited time, with known fields only.

use super::problem::{Problem, Result};
use crate::scim::body::{self, Frame};
use crate::state::State;
use axum::body::Body;
use axum::http::HeaderMap;
use provost_scim::leniency::{Habits, Leniency};
use serde::de::DeserializeOwned;

/// Reads a body.
///
/// # Errors
/// 415 for another media type, 413 over the limit, 408 when it does not arrive, 400 when it is not what it is to
/// be.
pub(super) async fn read<T: DeserializeOwned>(state: &State, headers: &HeaderMap, body: Body) -> Result<T> {
    let limits = state.settings().limits;
    let frame = Frame {
        headers,
        limit: limits.body_bytes,
        patience: limits.body_seconds,
    };
    let value = body::read(frame, body, &Leniency::strict(), &mut Habits::default()).await?;
    serde_json::from_value(value).map_err(|e| {
        Problem::request(
            format!("the body is not what it is to be: {e}"),
            "Correct the field and send it again.",
        )
    })
}
