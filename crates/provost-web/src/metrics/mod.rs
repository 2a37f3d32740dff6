//! `GET /metrics`: numbers in the text format of Prometheus, for an API token of any scope and, where that is
//! configured, for whoever asks from this machine.
//!
//! Counters about cycles and steps begin at 0 when the process starts and count what the whole cluster does from
//! then on: of several nodes, look at one.

mod collect;
pub(crate) mod requests;
mod text;

use crate::api::caller::Reader;
use crate::api::problem::Problem;
use crate::network::{self, Peer};
use crate::state::State;
use axum::extract;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
pub(crate) use collect::Counted;

/// The media type of the text format, version 0.0.4.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers the numbers: of the token's workspace, or of all to who asks from this machine.
pub(crate) async fn show(extract::State(state): extract::State<State>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().copied();
    let trusted = &state.settings().trusted_proxies;
    let is_local = peer.is_some_and(|peer| network::client(peer, &parts.headers, trusted).is_loopback());
    let is_forwarded =
        parts.headers.contains_key("x-forwarded-for") || parts.headers.contains_key("forwarded");
    let workspace = if state.settings().metrics_on_loopback && is_local && !is_forwarded {
        None
    } else {
        match Reader::of(&parts.headers, &state).await {
            Ok(caller) => Some(caller.workspace()),
            Err(problem) => return problem.into_response(),
        }
    };
    match collect::collect(&state, workspace).await {
        Ok(text) => ([(CONTENT_TYPE, KIND)], text).into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}
