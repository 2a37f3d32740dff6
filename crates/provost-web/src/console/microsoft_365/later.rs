//! `/microsoft-365/{name}/migration`: the place of what comes after the checklist, and what keeps it closed.

use super::place::{self as places, Head, Named, Place};
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::place;
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

/// Where people move to Provost.
pub(super) async fn migration(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let is_whole = is_whole(&state, &place).await?;
    let page = Page {
        frame: place.frame(&visitor, text("Migration")),
        head: place.head("migration"),
        title: text("Migration"),
        about: text(
            "Here people of Microsoft 365 will sign in once at both sides, in a window with a start, a deadline and an owner, so that each is tied to their account.",
        ),
        closed: match is_whole {
            false => text("It opens once the four lines of the checklist are true."),
            true => text(
                "The checklist is complete. This version of Provost ends here: the migration comes with a later one, and nothing has to be entered again.",
            ),
        },
        checklist: format!("{}#checklist", place.at("")),
        guide: guides::moving(&place.space, "people"),
    };
    Ok(page::html(StatusCode::OK, &page))
}

async fn is_whole(state: &State, place: &Place) -> Result<bool> {
    let provider = &place.provider;
    let lines = place::engine(state)?
        .provider_checklist(provider.workspace, &provider.name)
        .await?;
    Ok(lines.iter().all(|line| line.done))
}
