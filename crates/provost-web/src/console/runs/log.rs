//! `GET /log`: the provisioning log. Each line tells what happened to whom; each failure says what to do about it.

use super::super::page::{self, Frame};
use super::super::place::Place;
use super::super::refusal::{Refusal, Result};
use super::super::time::Clock;
use super::action;
use super::found::dead_for;
use super::log_line::{self, Line};
use super::log_search::{self, Asked};
use crate::console::address::Space;
use crate::console::faults::Faults;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::connection::Connection;
use provost_store::provider::Provider;
use provost_store::provisioning_log::{self, Page as Found};
use provost_store::{Error as Store, Tx, connection, directory, provider};

/// Lines of one page: each brings its whole story, and a page stays below 100 KB.
const PAGE: usize = 20;

#[derive(Template)]
#[template(path = "runs/log.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    asked: Asked,
    here: String,
    connections: Vec<(String, String)>,
    actions: Vec<(String, &'static str)>,
    statuses: [(&'static str, &'static str); 4],
    dead: String,
    /// Where another try is asked for.
    retry: String,
    lines: Vec<Line>,
    is_narrowed: bool,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// The log.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let (inside, clock) = (visitor.workspace()?, Clock::of(&visitor, now()));
    let (workspace, space) = (inside.key, Space::of(inside));
    let mut faults = Faults::none();
    let since = log_search::moment(&visitor, "since", &asked.since, &mut faults);
    let until = log_search::moment(&visitor, "until", &asked.until, &mut faults);
    let search = asked.clone();
    let read = move |tx: &mut Tx| {
        let sources = Sources::read(tx, workspace)?;
        let object = match search.object.trim() {
            "" => None,
            text => Some(whose(tx, workspace, text)?),
        };
        let wanted = search.wanted(&sources, object, since, until, PAGE);
        let found = match wanted {
            Some(wanted) => provisioning_log::search(tx, workspace, &wanted)?,
            None => Found::default(),
        };
        Ok::<_, Store>((sources, found))
    };
    let (sources, found) = state.db().read(read).await?;
    let page_of = |before: Option<i64>| space.page("/log".to_owned(), &asked.parameters(before));
    let page = Page {
        here: space.at("/log"),
        connections: sources.names(),
        actions: action::choices(),
        statuses: STATUSES,
        dead: dead_for(&visitor),
        retry: space.at("/log/retry"),
        lines: found
            .entries
            .into_iter()
            .map(|entry| log_line::of(entry, &sources, &space, &clock))
            .collect(),
        is_narrowed: asked.is_narrowed(),
        is_later: asked.before.is_some(),
        first: page_of(None),
        next: found.next.map(|key| page_of(Some(key))),
        frame: Frame::new(&visitor, text("Provisioning log")),
        faults,
        asked,
    };
    let status = if page.faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(page::html(status, &page))
}

/// The statuses of lines, with their texts.
const STATUSES: [(&str, &str); 4] = [
    ("success", text("success")),
    ("failure", text("failure")),
    ("skipped", text("skipped")),
    ("warning", text("warning")),
];

/// Whom a text of the search names: a public id, a user name, a display name, an external id or a mail address. −1 is
/// nobody.
fn whose(tx: &mut Tx, workspace: i64, text: &str) -> std::result::Result<i64, Store> {
    let found = directory::find(tx, workspace, text)?;
    if let Some(object) = found.first() {
        return Ok(object.key);
    }
    let deleted = provost_store::recycle::find(tx, workspace, text)?;
    if let Some(one) = deleted.first() {
        return Ok(one.key);
    }
    let linked = match uuid::Uuid::try_parse(text) {
        Ok(id) => provost_store::link::by_object_id(tx, id)?,
        Err(_) => Vec::new(),
    };
    Ok(linked.first().map_or(-1, |link| link.object))
}

/// Where lines come from: connections write out, providers bring in.
pub(super) struct Sources {
    pub connections: Vec<Connection>,
    pub providers: Vec<Provider>,
}

impl Sources {
    fn read(tx: &mut Tx, workspace: i64) -> std::result::Result<Self, Store> {
        Ok(Self {
            connections: connection::all(tx, workspace)?,
            providers: provider::all(tx, workspace)?,
        })
    }

    /// The choice: a value and what is shown.
    fn names(&self) -> Vec<(String, String)> {
        let out = self.connections.iter().map(|one| one.name.clone());
        let inward = self.providers.iter().map(|one| one.name.clone());
        out.chain(inward).map(|name| (name.clone(), name)).collect()
    }

    /// The key of a source by its name.
    pub fn key(&self, name: &str) -> Option<i64> {
        let out = self
            .connections
            .iter()
            .find(|one| one.name == name)
            .map(|one| one.key);
        out.or_else(|| {
            self.providers
                .iter()
                .find(|one| one.name == name)
                .map(|one| one.key)
        })
    }

    /// The connection with this key, as advice about its lines wants it.
    pub fn place(&self, key: i64, space: &Space) -> Option<Place> {
        let found = self.connections.iter().find(|one| one.key == key)?;
        Some(Place {
            connection: found.clone(),
            space: space.clone(),
        })
    }

    /// The provider with this key.
    pub fn provider(&self, key: i64) -> Option<&str> {
        let found = self.providers.iter().find(|one| one.key == key);
        found.map(|one| one.name.as_str())
    }
}
