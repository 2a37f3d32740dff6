//! `GET /guides`: what there is, and how far each is.

use super::facts::Facts;
use super::step::{GUIDES, Subject};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "guides/list.html")]
struct Page {
    frame: Frame,
    guides: Vec<Line>,
}

/// A guide.
struct Line {
    title: &'static str,
    about: &'static str,
    address: String,
    done: i64,
    all: i64,
    /// The first step that is not done.
    next: Option<&'static str>,
    /// What it is about here.
    subject: String,
}

/// The list.
pub(crate) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let mut guides = Vec::new();
    let mut before: Option<(Subject, Facts)> = None;
    for guide in &GUIDES {
        // Guides about the same thing stand side by side.
        let facts = match before.take() {
            Some((subject, facts)) if subject == guide.subject => {
                facts.of_guide(&state, &visitor, guide.name).await?
            }
            _ => Facts::read(&state, &visitor, guide.name, guide.subject.chosen(), now()).await?,
        };
        let steps = (guide.steps)(&facts);
        let open: Vec<&'static str> = steps
            .iter()
            .filter(|step| step.missing(&facts).is_some())
            .map(|step| step.title)
            .collect();
        let (all, left) = (steps.len(), open.len());
        let provider = facts.provider.as_ref().map(|one| one.provider.name.clone());
        let connection = facts.connection.as_ref().map(|one| one.connection.name.clone());
        let moving = facts
            .microsoft_365
            .as_ref()
            .and_then(|one| one.provider.as_ref().map(|one| one.name.clone()));
        guides.push(Line {
            title: guide.title,
            about: guide.about,
            address: facts.space.to(&["guides", guide.name]),
            done: i64::try_from(all - left).unwrap_or(0),
            all: i64::try_from(all).unwrap_or(0),
            next: open.first().copied(),
            subject: match guide.subject {
                Subject::Provider(_) => provider.unwrap_or_default(),
                Subject::Microsoft365 => moving.unwrap_or_default(),
                Subject::Connection(_) | Subject::Both(_) => connection.unwrap_or_default(),
            },
        });
        before = Some((guide.subject, facts));
    }
    let page = Page {
        guides,
        frame: Frame::new(&visitor, text("Guides")),
    };
    Ok(page::html(StatusCode::OK, &page))
}
