//! `/new-connection`: what a connection can begin with, a tile each.

use super::base::needs;
use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::policy::Act;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;

/// The name under which a connection without a template is made.
pub(super) const PLAIN: &str = "plain";

#[derive(Template)]
#[template(path = "connections/gallery.html")]
struct Page {
    frame: Frame,
    needs: String,
    tiles: Vec<Tile>,
}

/// A template.
struct Tile {
    address: String,
    name: String,
    /// In English, as the template has it.
    summary: String,
    protocol: &'static str,
    /// Whether it takes groups too.
    has_groups: bool,
}

/// The tiles.
pub(super) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let space = Space::of(visitor.workspace()?);
    let tile = |one: &crate::Template| Tile {
        address: space.to(&["new-connection", &one.name]),
        name: one.title.clone(),
        summary: one.summary.clone(),
        protocol: protocol(&one.connector),
        has_groups: one.rules.iter().any(|rule| rule.object == Kind::Group),
    };
    let mut tiles: Vec<Tile> = state.templates().iter().map(tile).collect();
    if tiles.is_empty() {
        tiles.push(Tile {
            address: space.to(&["new-connection", PLAIN]),
            name: "SCIM".to_owned(),
            summary: "An application that speaks SCIM, without rules".to_owned(),
            protocol: protocol("scim"),
            has_groups: true,
        });
    }
    let page = Page {
        frame: Frame::new(&visitor, text("New connection"))
            .below(space.at("/connections"), visitor.language.t("Connections")),
        needs: needs(&visitor, Act::Configure),
        tiles,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// How a connector speaks to its target.
pub(super) fn protocol(connector: &str) -> &'static str {
    match connector {
        "graph" => "Microsoft Graph",
        _ => "SCIM 2.0",
    }
}
