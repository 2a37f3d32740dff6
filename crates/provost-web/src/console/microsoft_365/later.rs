//! `/microsoft-365/{name}/federation`: the place of what comes after the migration, and what keeps it closed.

use super::place::{self as places, Head, Named};
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "microsoft_365/later.html")]
struct Page {
    frame: Frame,
    head: Head,
    title: &'static str,
    about: &'static str,
    /// What comes first; each a key of the catalogue.
    closed: &'static str,
    /// Where it stands what is open.
    checklist: String,
    guide: String,
}

/// Where the domain is federated.
pub(super) async fn federation(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let page = Page {
        frame: place.frame(&visitor, text("Federation")),
        head: place.head("federation"),
        title: text("Federation"),
        about: text(
            "Here the domain will be switched: from then on its people sign in at Provost, and one button takes that back.",
        ),
        closed: text("It opens once the migration is closed. This version of Provost ends before it."),
        checklist: format!("{}#checklist", place.at("")),
        guide: guides::moving(&place.space, "federate"),
    };
    Ok(page::html(StatusCode::OK, &page))
}
