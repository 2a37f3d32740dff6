//! `GET /connections/{name}/cycles`: what ran, newest first.

use super::super::connections::{Tab, tabs};
use super::super::page::{self, Frame};
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::found::{Address, Named};
use super::plans;
use super::report::{self, Report};
use crate::state::{State, now};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::cycle::{self, Cycle};
use serde::Deserialize;

/// Cycles of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "runs/cycles.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    name: String,
    cycles: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

struct Line {
    address: String,
    mode: &'static str,
    word: &'static str,
    class: String,
    started: Moment,
    took: String,
    told: String,
}

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    before: Option<i64>,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (named, Query(asked)) = (named.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &visitor, &named.name).await?;
    let (key, before) = (place.connection.key, asked.before);
    let found = state
        .db()
        .read(move |tx| cycle::page(tx, key, before, PAGE as i64 + 1))
        .await?;
    let (space, name, clock) = (&place.space, &place.connection.name, Clock::of(&visitor, now()));
    let path = format!("/connections/{}/cycles", crate::console::address::escaped(name));
    let page_of = |before: Option<i64>| {
        let parameters: Vec<_> = before
            .map(|key| ("before", key.to_string()))
            .into_iter()
            .collect();
        space.page(path.clone(), &parameters)
    };
    let next = found
        .get(PAGE - 1)
        .filter(|_| found.len() > PAGE)
        .map(|one| page_of(Some(one.key)));
    let page = Page {
        tabs: tabs(&place, "cycles"),
        cycles: found
            .iter()
            .take(PAGE)
            .map(|one| line(one, space.to(&["cycles", &one.key.to_string()]), &clock))
            .collect(),
        is_later: before.is_some(),
        first: page_of(None),
        next,
        name: name.clone(),
        frame: Frame::new(&visitor, visitor.language.f("Cycles of {}", &[name]))
            .below(space.at("/connections"), visitor.language.t("Connections"))
            .below(space.connection(name), name),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(one: &Cycle, address: String, clock: &Clock) -> Line {
    Line {
        address,
        mode: plans::mode(&one.mode),
        word: report::word(&one.state),
        class: report::class(&one.state).to_owned(),
        started: clock.moment(one.started),
        took: took(one, clock),
        told: match one.finished {
            Some(_) => Report::of(one).told(clock.language),
            None => String::new(),
        },
    }
}

/// How long a cycle took, or has taken so far.
pub(super) fn took(one: &Cycle, clock: &Clock) -> String {
    let end = one.finished.unwrap_or(clock.now);
    clock.span(end.saturating_sub(one.started).max(0))
}
