//! `GET /`: the workspaces, who is in them, and how each connection is doing.

use super::page::{self, Frame};
use super::view::{self, WorkspaceView};
use crate::state::{State, now};
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    workspaces: Vec<WorkspaceView>,
}

/// The overview, for whoever has a session.
pub(crate) async fn overview(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    if !state.console().is_some_and(|access| access.is_open_to(&headers)) {
        return page::closed("You are not signed in.");
    }
    let now = now();
    match state.db().read(move |tx| view::read(tx, now)).await {
        Ok(workspaces) => page::html(
            StatusCode::OK,
            &Overview {
                frame: Frame::new("Overview"),
                workspaces,
            },
        ),
        Err(error) => page::failed(&error),
    }
}
