//! `GET /providers`: providers of Microsoft 365, and who pushes people and groups in.

use super::place::word;
use crate::console::address::Space;
use crate::console::microsoft_365 as pages;
use crate::console::page::{self, Frame};
use crate::console::people::acts;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx, directory, microsoft_365, token};

/// Providers of Microsoft 365 that are listed: a domain each, of which a company has a few.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "providers/list.html")]
struct Page {
    frame: Frame,
    microsoft_365: Vec<Microsoft365>,
    lines: Vec<Line>,
    add: String,
    new: String,
    teams: String,
    why: String,
}

/// A provider.
struct Line {
    name: String,
    address: String,
    state: &'static str,
    class: &'static str,
    people: i64,
    people_address: String,
    groups: i64,
    tokens: i64,
    last: Option<Moment>,
}

/// A provider of Microsoft 365.
struct Microsoft365 {
    name: String,
    label: String,
    address: String,
    state: &'static str,
    class: &'static str,
    domain: String,
    mode: &'static str,
    since: Moment,
}

/// The providers.
pub(crate) async fn list(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (workspace, space) = (inside.key, Space::of(inside));
    let clock = Clock::of(&visitor, now());
    let at = clock.now;
    let found = state.db().read(move |tx| read(tx, workspace, at)).await?;
    let own = state
        .db()
        .read_short(move |tx| microsoft_365::list(tx, workspace, "", MOST))
        .await?;
    let page = Page {
        frame: Frame::new(&visitor, text("Providers")),
        microsoft_365: own.into_iter().map(|one| own_line(one, &space, &clock)).collect(),
        add: space.at("/add-provider"),
        lines: found.into_iter().map(|one| line(one, &space, &clock)).collect(),
        new: space.at("/providers/new"),
        teams: space.at("/teams"),
        why: acts::role(&visitor, Act::Configure),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn own_line(one: microsoft_365::Provider, space: &Space, clock: &Clock) -> Microsoft365 {
    let (state, class) = pages::state(&one);
    Microsoft365 {
        address: space.to(&["microsoft-365", &one.name]),
        state,
        class,
        mode: pages::mode(one.mode),
        since: clock.moment(one.since),
        name: one.name,
        label: one.label,
        domain: one.domain,
    }
}

type Found = (Provider, i64, i64, i64);

/// The providers, each with its people, groups and tokens that work.
fn read(tx: &mut Tx, workspace: i64, now: i64) -> std::result::Result<Vec<Found>, Store> {
    let mut found = Vec::new();
    for one in provider::all(tx, workspace)? {
        let people = directory::count_owned(tx, one.owner(), Kind::Person)?;
        let groups = directory::count_owned(tx, one.owner(), Kind::Group)?;
        let tokens = token::of_provider(tx, one.key)?;
        let live = tokens.iter().filter(|token| token.is_live(now)).count();
        found.push((one, people, groups, i64::try_from(live).unwrap_or(i64::MAX)));
    }
    Ok(found)
}

fn line((one, people, groups, tokens): Found, space: &Space, clock: &Clock) -> Line {
    let (state, class) = word(&one);
    Line {
        address: space.to(&["providers", &one.name]),
        people_address: space.page("/people".to_owned(), &[("owner", one.name.clone())]),
        last: one.last_request.map(|at| clock.moment(at)),
        name: one.name,
        state,
        class,
        people,
        groups,
        tokens,
    }
}
