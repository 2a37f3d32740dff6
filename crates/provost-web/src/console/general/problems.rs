//! `GET /problems`: everything that is wrong in a workspace, oldest first.

use super::problem::{Line, line};
use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::Clock;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::problems::{self, Asked, ProblemKind};
use provost_store::{Error as Store, connection};
use serde::Deserialize;

/// Lines of a page.
const LINES: usize = 50;

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    after: Option<String>,
    kind: String,
    connection: String,
}

#[derive(Template)]
#[template(path = "general/problems.html")]
struct Page {
    frame: Frame,
    here: String,
    lines: Vec<Line>,
    kinds: Vec<(String, String)>,
    kind: String,
    connections: Vec<(String, String)>,
    connection: String,
    is_filtered: bool,
    is_later: bool,
    first: String,
    next: Option<String>,
    retry: String,
    /// Why the reader cannot have anything tried again; empty where they can.
    lack: String,
}

/// The page.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response> {
    let (inside, now) = (visitor.workspace()?.clone(), now());
    let kind = match search.kind.as_str() {
        "" => None,
        word => Some(word.parse::<ProblemKind>().map_err(Refusal::address)?),
    };
    let (wanted, after) = (search.connection.clone(), search.after.clone());
    let read = move |tx: &mut provost_store::Tx| {
        let connections = connection::all(tx, inside.key)?;
        let chosen = connections.iter().find(|one| one.name == wanted);
        let asked = Asked {
            workspace: inside.key,
            now,
            after: after.clone(),
            kind,
            connection: chosen.map(|one| one.key),
        };
        let names: Vec<String> = connections.iter().map(|one| one.name.clone()).collect();
        Ok::<_, Store>((names, problems::list(tx, &asked, LINES)?))
    };
    let (names, found) = state.db().read(read).await?;
    let space = Space::of(visitor.workspace()?);
    let clock = Clock::of(&visitor, now);
    let filters = |after: Option<String>| {
        let mut parameters = Vec::new();
        for (name, value) in [("kind", &search.kind), ("connection", &search.connection)] {
            parameters.extend((!value.is_empty()).then(|| (name, value.clone())));
        }
        parameters.extend(after.map(|after| ("after", after)));
        space.page("/problems".to_owned(), &parameters)
    };
    let page = Page {
        here: space.at("/problems"),
        first: filters(None),
        next: found.next.map(|next| filters(Some(next))),
        is_later: search.after.is_some(),
        is_filtered: !search.kind.is_empty() || !search.connection.is_empty(),
        lines: found
            .problems
            .into_iter()
            .map(|one| line(&space, &clock, one))
            .collect(),
        kinds: kinds(&visitor),
        connections: choices(&visitor, names),
        kind: search.kind.clone(),
        connection: search.connection.clone(),
        retry: space.at("/log/retry"),
        lack: page::lack(&visitor, Act::Operate),
        frame: Frame::new(&visitor, text("Problems")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// The sorts that can be chosen.
fn kinds(visitor: &Visitor) -> Vec<(String, String)> {
    const KINDS: [(&str, &str); 10] = [
        ("", text("Everything")),
        ("connection", text("Connections that are not active")),
        ("retry", text("Failed steps")),
        ("staged", text("Staged steps")),
        ("doubt", text("Decisions")),
        ("credential_expiring", text("Credentials that end soon")),
        ("credential_expired", text("Credentials that have ended")),
        ("import_held", text("Held imports")),
        ("federation", text("Federation of domains")),
        ("letters", text("Letters that were not sent")),
    ];
    let shown = |(word, label): &(&str, &str)| ((*word).to_owned(), visitor.language.t(label).to_owned());
    KINDS.iter().map(shown).collect()
}

fn choices(visitor: &Visitor, names: Vec<String>) -> Vec<(String, String)> {
    let every = visitor.language.t("Every connection").to_owned();
    let mut choices = vec![(String::new(), every)];
    choices.extend(names.into_iter().map(|name| (name.clone(), name)));
    choices
}
