//! `GET /add-provider`: what a provider or a connection can begin with, Microsoft 365 first.

use crate::console::address::Space;
use crate::console::connector::connector;
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::people::acts;
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

#[derive(Template)]
#[template(path = "providers/gallery.html")]
struct Page {
    frame: Frame,
    why: String,
    /// The form of a provider of Microsoft 365, and the guide that it is a part of.
    microsoft_365: String,
    guide: String,
    inbound: Vec<InboundTile>,
    outbound: Vec<OutboundTile>,
}

/// An identity provider that pushes in.
struct InboundTile {
    name: &'static str,
    about: &'static str,
    address: String,
}

/// An application that accounts are made in.
struct OutboundTile {
    name: String,
    summary: String,
    connector: String,
    /// What its rules are about.
    has_people: bool,
    has_groups: bool,
    address: String,
}

const INBOUND: [(&str, &str, &str); 3] = [
    (
        "entra",
        "Microsoft Entra ID",
        text("Pushes people and groups by SCIM every 40 minutes, and on demand."),
    ),
    (
        "okta",
        "Okta",
        text("Pushes people and groups by SCIM as soon as they change."),
    ),
    (
        "other",
        text("Another system that speaks SCIM"),
        text("What it sends is detected, and each habit beyond the standard is counted."),
    ),
];

/// The gallery.
pub(crate) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let space = Space::of(visitor.workspace()?);
    let begin = |path: &str, name: &str| space.page(path.to_owned(), &[("template", name.to_owned())]);
    let page = Page {
        frame: Frame::new(&visitor, text("Add provider"))
            .below(space.at("/providers"), visitor.language.t(text("Providers"))),
        why: acts::role(&visitor, Act::Configure),
        microsoft_365: space.at("/new-microsoft-365"),
        guide: guides::moving(&space, ""),
        inbound: INBOUND
            .iter()
            .map(|(key, name, about)| InboundTile {
                name,
                about,
                address: begin("/providers/new", key),
            })
            .collect(),
        outbound: state
            .templates()
            .iter()
            .map(|one| OutboundTile {
                name: one.title.clone(),
                summary: one.summary.clone(),
                connector: connector(&one.connector).to_owned(),
                has_people: one.rules.iter().any(|rule| rule.object == Kind::Person),
                has_groups: one.rules.iter().any(|rule| rule.object == Kind::Group),
                address: space.to(&["new-connection", &one.name]),
            })
            .collect(),
    };
    Ok(page::html(StatusCode::OK, &page))
}
