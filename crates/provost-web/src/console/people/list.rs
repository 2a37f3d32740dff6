//! `GET /people` and `GET /groups`: who is in the directory, by name, and searched for by the beginning of a name or an
//! address.

use super::acts;
use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::status::shown;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory::{self, Listing, NamedLine};
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx};
use serde::Deserialize;

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "people/list.html")]
struct Page {
    frame: Frame,
    is_people: bool,
    /// How many there are in all.
    count: i64,
    search: String,
    owner: String,
    /// Whose people can be asked for: a provider's name, and what to call it.
    owners: Vec<(String, String)>,
    lines: Vec<Line>,
    address: String,
    new: String,
    deleted: String,
    /// Why nobody can be added here.
    why: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Somebody.
struct Line {
    address: String,
    label: String,
    name: String,
    email: String,
    owner: String,
    /// A key of the catalogue, and its colour.
    state: &'static str,
    class: &'static str,
    modified: Moment,
}

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    search: String,
    after: Option<String>,
    /// A provider's name, or [`BY_HAND`].
    owner: String,
}

/// Who is kept by hand; no provider has an empty name, and none can be called this with a space before it.
const BY_HAND: &str = " hand";

type Asked = std::result::Result<Query<Wanted>, QueryRejection>;

/// The people.
pub(crate) async fn people(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    wanted: Asked,
) -> Result<Response> {
    show(&state, &visitor, wanted, Kind::Person).await
}

/// The groups.
pub(crate) async fn groups(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    wanted: Asked,
) -> Result<Response> {
    show(&state, &visitor, wanted, Kind::Group).await
}

/// What was read.
struct Found {
    lines: Vec<NamedLine>,
    next: Option<String>,
    count: i64,
    providers: Vec<Provider>,
}

async fn show(state: &State, visitor: &Visitor, wanted: Asked, kind: Kind) -> Result<Response> {
    let Query(wanted) = wanted.map_err(Refusal::address)?;
    let inside = visitor.workspace()?;
    let (workspace, asked) = (inside.key, wanted.clone());
    let read = move |tx: &mut Tx| {
        let providers = provider::all(tx, workspace)?;
        let owner = owner(&providers, workspace, &asked.owner);
        let listing = Listing {
            workspace,
            kind,
            search: Some(asked.search.trim().to_owned()).filter(|text| !text.is_empty()),
            after: asked.after.clone(),
            owner,
        };
        let found = directory::list_named(tx, &listing, PAGE)?;
        Ok::<_, Store>(Found {
            lines: found.lines,
            next: found.next,
            count: directory::count(tx, workspace, kind)?,
            providers,
        })
    };
    let found = state.db().read(read).await?;
    Ok(page::html(StatusCode::OK, &view(visitor, &wanted, kind, found)?))
}

/// The key of the owner that was asked for; one that there is not has nobody.
fn owner(providers: &[Provider], workspace: i64, asked: &str) -> Option<i64> {
    if asked.is_empty() {
        return None;
    }
    if asked == BY_HAND {
        return Some(workspace);
    }
    let found = providers.iter().find(|one| one.name == asked);
    Some(found.map_or(0, |one| one.key))
}

fn view(visitor: &Visitor, wanted: &Wanted, kind: Kind, found: Found) -> Result<Page> {
    let (clock, space) = (Clock::of(visitor, now()), Space::of(visitor.workspace()?));
    let (path, title) = match kind {
        Kind::Person => ("/people", text("People")),
        Kind::Group => ("/groups", text("Groups")),
    };
    let parameters = |after: Option<&str>| {
        let all = [
            ("search", wanted.search.trim()),
            ("owner", wanted.owner.as_str()),
            ("after", after.unwrap_or("")),
        ];
        let kept = all.into_iter().filter(|(_, value)| !value.is_empty());
        kept.map(|(name, value)| (name, value.to_owned()))
            .collect::<Vec<_>>()
    };
    let t = |english| visitor.language.t(english).to_owned();
    let named = found
        .providers
        .iter()
        .map(|one| (one.name.clone(), one.name.clone()));
    let ends = [
        (String::new(), t(text("from everywhere"))),
        (BY_HAND.to_owned(), t(text("kept by hand"))),
    ];
    Ok(Page {
        frame: Frame::new(visitor, title),
        is_people: kind == Kind::Person,
        count: found.count,
        search: wanted.search.trim().to_owned(),
        owner: wanted.owner.clone(),
        owners: ends.into_iter().chain(named).collect(),
        lines: found
            .lines
            .iter()
            .map(|one| line(one, kind, &space, &found.providers, &clock))
            .collect(),
        address: space.at(path),
        new: space.at(&format!("{path}/new")),
        deleted: space.at(&format!("{path}/deleted")),
        why: acts::role(visitor, Act::Access),
        is_later: wanted.after.is_some(),
        first: space.page(path.to_owned(), &parameters(None)),
        next: found
            .next
            .as_deref()
            .map(|after| space.page(path.to_owned(), &parameters(Some(after)))),
    })
}

fn line(one: &NamedLine, kind: Kind, space: &Space, providers: &[Provider], clock: &Clock) -> Line {
    let owner = providers.iter().find(|each| each.key == one.owner);
    let (state, class) = match (one.blocked, one.active) {
        (true, _) => (text("blocked"), "failed"),
        (false, true) => (text("active"), "active"),
        (false, false) => (text("inactive"), "inactive"),
    };
    Line {
        address: match kind {
            Kind::Person => space.person(one.id),
            Kind::Group => space.group(one.id),
        },
        label: shown(&one.label).to_owned(),
        name: one.name.clone(),
        email: one.email.clone().unwrap_or_default(),
        owner: owner.map(|each| each.name.clone()).unwrap_or_default(),
        state,
        class,
        modified: clock.moment(one.modified),
    }
}
