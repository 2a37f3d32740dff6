//! Deeds that go on when the browser hangs up: what was begun is finished, and audited.

use crate::console::refusal::{Refusal, Result};
use axum::http::StatusCode;
use provost_sync::Error as Sync;

/// Does something that must not stop in the middle. What a guard says is for the caller to show.
///
/// # Errors
/// When it broke; the log says why.
pub(in crate::console) async fn finish<T: Send + 'static>(
    deed: impl Future<Output = provost_sync::Result<T>> + Send + 'static,
) -> Result<std::result::Result<T, Sync>> {
    tokio::spawn(deed).await.map_err(|broken| {
        tracing::error!(error = %broken, "a change of a connection broke off");
        Refusal::Entered(
            "The server could not finish this; its log says why".to_owned(),
            "Look at what is saved before you try again.".to_owned(),
        )
    })
}

/// What a page is answered with when a guard has refused what it sent.
pub(in crate::console) fn status(error: &Sync) -> StatusCode {
    match error {
        Sync::Rules(_) | Sync::Faults(_) | Sync::Fields(_) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}
