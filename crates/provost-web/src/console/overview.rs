//! `GET /`: the workspaces, who is in them, and how each connection is doing.

use super::access::Visitor;
use super::page::{self, Frame};
use super::refusal::Result;
use super::view::{self, WorkspaceView};
use crate::state::{State, now};
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    workspaces: Vec<WorkspaceView>,
}

/// The overview, for whoever has a session.
pub(crate) async fn overview(
    extract::State(state): extract::State<State>,
    _visitor: Visitor,
) -> Result<Response> {
    let now = now();
    let workspaces = state.db().read(move |tx| view::read(tx, now)).await?;
    let page = Overview {
        frame: Frame::new("Overview"),
        workspaces,
    };
    Ok(page::html(StatusCode::OK, &page))
}
