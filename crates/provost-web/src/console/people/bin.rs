//! `GET /people/deleted` and `GET /groups/deleted`: the recycle bin.

use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::place::Asked;
use crate::console::refusal::{Refusal, Result};
use crate::console::status::shown;
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::recycle::{self, Deleted};

/// Lines of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "people/deleted.html")]
struct Page {
    frame: Frame,
    lines: Vec<Line>,
    back: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Somebody who was deleted.
struct Line {
    address: String,
    label: String,
    by: String,
    at: Moment,
    /// Until when they can be restored; none: a block keeps them.
    until: Option<Moment>,
}

type Wanted = std::result::Result<Query<Asked>, QueryRejection>;

/// Deleted people.
pub(crate) async fn people(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: Wanted,
) -> Result<Response> {
    show(&state, &visitor, asked, Kind::Person).await
}

/// Deleted groups.
pub(crate) async fn groups(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: Wanted,
) -> Result<Response> {
    show(&state, &visitor, asked, Kind::Group).await
}

async fn show(state: &State, visitor: &Visitor, asked: Wanted, kind: Kind) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let (inside, after) = (visitor.workspace()?, asked.after_key()?);
    let (workspace, space) = (inside.key, Space::of(inside));
    let mut found = state
        .db()
        .read(move |tx| recycle::all(tx, workspace, kind, after.unwrap_or(0), PAGE + 1))
        .await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count > PAGE);
    found.truncate(usize::try_from(PAGE).unwrap_or(0));
    let (path, title, above) = match kind {
        Kind::Person => ("/people", text("Deleted people"), text("People")),
        Kind::Group => ("/groups", text("Deleted groups"), text("Groups")),
    };
    let here = format!("{path}/deleted");
    let last = found.last().filter(|_| more).map(|one| one.key);
    let clock = Clock::of(visitor, now());
    let page = Page {
        frame: Frame::new(visitor, title).below(space.at(path), visitor.language.t(above)),
        back: space.at(path),
        lines: found
            .into_iter()
            .map(|one| line(one, kind, &space, &clock))
            .collect(),
        is_later: after.is_some(),
        first: space.at(&here),
        next: last.map(|key| space.page(here, &[("after", key.to_string())])),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(one: Deleted, kind: Kind, space: &Space, clock: &Clock) -> Line {
    Line {
        address: match kind {
            Kind::Person => space.person(one.id),
            Kind::Group => space.group(one.id),
        },
        until: one.blocked.is_none().then(|| clock.moment(one.purge_after)),
        label: shown(&one.label).to_owned(),
        at: clock.moment(one.deleted),
        by: one.deleted_by,
    }
}
