//! `GET /providers/{name}/habits`: how a provider differs from the standard, and what strict mode would refuse.

use super::place::{self, Head, Named};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_scim::leniency::{Habit, Leniency};
use provost_store::habit::{self, Count};

#[derive(Template)]
#[template(path = "providers/habits.html")]
struct Page {
    frame: Frame,
    head: Head,
    lines: Vec<Line>,
    dialect: &'static str,
    general: String,
}

/// A habit that was met.
struct Line {
    name: String,
    uses: String,
    last: Moment,
    vendor: &'static str,
    source: &'static str,
    /// Whether the provider's dialect tolerates it now.
    is_tolerated: bool,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let key = place.provider.key;
    // There are no more of them than habits that have a name.
    let found = state
        .db()
        .read_short(move |tx| habit::of_provider(tx, key))
        .await?;
    let clock = Clock::of(&visitor, now());
    let dialect = place.provider.settings.dialect;
    let leniency = dialect.map_or_else(Leniency::default, Leniency::of);
    let line = |one: &Count| {
        let known = one.habit();
        Line {
            name: one.name.clone(),
            uses: clock.language.number(one.uses),
            last: clock.moment(one.last_seen),
            vendor: known.map_or("", Habit::vendor),
            source: known.map_or("", Habit::source),
            is_tolerated: known.is_some_and(|habit| leniency.allows(habit)),
        }
    };
    let page = Page {
        frame: place.frame(&visitor),
        head: place.head("habits"),
        lines: found.iter().map(line).collect(),
        dialect: dialect.map_or("detect", |one| one.as_str()),
        general: place.at(""),
    };
    Ok(page::html(StatusCode::OK, &page))
}
