//! `GET /providers/{name}/requests`: what a provider sent and what it meant, newest first.

use super::place::{self, Head, Named};
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::request::{self, Entry, Search};
use serde::Deserialize;

/// Lines of one page.
const PAGE: usize = 25;
/// Characters that are shown of a text that a client wrote.
const TEXT: usize = 300;

#[derive(Template)]
#[template(path = "providers/requests.html")]
struct Page {
    frame: Frame,
    head: Head,
    address: String,
    search: String,
    which: String,
    whiches: Vec<(String, String)>,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A request.
struct Line {
    at: Moment,
    method: String,
    path: String,
    status: u16,
    is_failed: bool,
    subject: String,
    /// The page of whom it is about.
    about: Option<String>,
    meaning: String,
    error: String,
    habits: String,
    took: String,
    request: String,
}

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    search: String,
    /// `failed`, `changes`, or nothing for all.
    which: String,
    before: Option<i64>,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let place = place::find(&state, &visitor, named).await?;
    let search = Search {
        workspace: place.provider.workspace,
        provider: Some(place.provider.key),
        failed: asked.which == "failed",
        changes: asked.which == "changes",
        text: Some(asked.search.trim().to_owned()).filter(|text| !text.is_empty()),
        before: asked.before,
        since: None,
        glance: None,
    };
    let found = state
        .db()
        .read(move |tx| request::search(tx, &search, PAGE))
        .await?;
    let clock = Clock::of(&visitor, now());
    let address = place.at("requests");
    let parameters = |before: Option<i64>| {
        let before = before.map(|key| key.to_string()).unwrap_or_default();
        let all = [
            ("search", asked.search.trim()),
            ("which", asked.which.as_str()),
            ("before", &before),
        ];
        let kept = all.into_iter().filter(|(_, value)| !value.is_empty());
        let kept = kept.map(|(name, value)| format!("{name}={}", crate::console::address::escaped(value)));
        let query = kept.collect::<Vec<_>>().join("&");
        if query.is_empty() {
            address.clone()
        } else {
            format!("{address}?{query}")
        }
    };
    let whiches = [
        ("", text("every request")),
        ("changes", text("what changes something")),
        ("failed", text("what failed")),
    ];
    let told =
        |(value, label): (&str, &'static str)| (value.to_owned(), visitor.language.t(label).to_owned());
    let page = Page {
        frame: place.frame(&visitor),
        head: place.head("requests"),
        search: asked.search.trim().to_owned(),
        which: asked.which.clone(),
        whiches: whiches.into_iter().map(told).collect(),
        lines: found
            .entries
            .into_iter()
            .map(|entry| line(entry, &place, &clock))
            .collect(),
        is_later: asked.before.is_some(),
        first: parameters(None),
        next: found.next.map(|key| parameters(Some(key))),
        address,
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(entry: Entry, place: &place::Place, clock: &Clock) -> Line {
    // The page of a person leads on to that of a group, where it is one.
    let about = entry.object.map(|id| place.space.person(id));
    Line {
        at: clock.moment(entry.at),
        is_failed: entry.is_failed(),
        took: clock.span(entry.micros / 1_000),
        path: cut(&entry.path),
        subject: cut(&entry.subject),
        about,
        meaning: cut(&entry.meaning),
        error: cut(&entry.error),
        habits: entry.habits.join(", "),
        method: entry.method,
        status: entry.status,
        request: entry.request,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT {
        return text.to_owned();
    }
    text.chars().take(TEXT).chain(['…']).collect()
}
