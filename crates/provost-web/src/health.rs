//! Whether this node can answer.

use crate::state::State;
use axum::extract;
use axum::http::StatusCode;
use provost_store::change_log;

/// 200 `ok` when the database answers a read, else 503.
pub(crate) async fn check(extract::State(state): extract::State<State>) -> (StatusCode, &'static str) {
    let read = state.db().read(change_log::last_position).await;
    match read {
        Ok(_) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(%error, "the health check could not read the database");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
