//! Pages as answers: the headers that every page has, and the pages that say no.

use super::asset::{MARK_PATH, STYLE_PATH};
use crate::error::Error;
use askama::Template;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::borrow::Cow;

/// Only our own style sheet and images; no script, no frame, no form to elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// What every answer of the console carries.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

/// What the frame around every page needs.
pub(super) struct Frame {
    /// The title, shown in the browser's tab.
    pub title: Cow<'static, str>,
    /// The pages above this one, from the top: address and name.
    pub trail: Vec<(String, String)>,
    /// The address of the style sheet.
    pub style: &'static str,
    /// The address of the icon.
    pub mark: &'static str,
}

impl Frame {
    pub fn new(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            trail: Vec::new(),
            style: STYLE_PATH.as_str(),
            mark: MARK_PATH.as_str(),
        }
    }

    /// The same frame, below the page at this address.
    pub fn below(mut self, address: String, name: &str) -> Self {
        self.trail.push((address, name.to_owned()));
        self
    }
}

/// A page that says why there is nothing to see and what to do about it.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    heading: &'a str,
    sentence: &'a str,
    commands: &'a [&'a str],
    /// Where to go instead: address and name.
    links: &'a [(String, String)],
}

/// An answer without a body.
pub(super) fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A rendered page.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = plain(status);
            *response.body_mut() = Body::from(text);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            plain(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// 401: there is no session.
pub(super) fn closed(why: &str) -> Response {
    let sentence = format!("{why} The command that starts the server prints a sign-in link that works once:");
    let page = Message {
        frame: Frame::new("Sign in"),
        heading: "This console opens with a one-time link",
        sentence: &sentence,
        commands: &["provost serve", "provost demo"],
        links: &[],
    };
    html(StatusCode::UNAUTHORIZED, &page)
}

/// The page for an error: what happened, and under which reference the log tells more.
pub(super) fn failed(error: &Error) -> Response {
    let shown = error.to_scim();
    told(
        StatusCode::from_u16(shown.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &shown.detail,
    )
}

/// The page that says why another one cannot be shown.
pub(super) fn told(status: StatusCode, sentence: &str) -> Response {
    let page = Message {
        frame: Frame::new("Not now"),
        heading: "This page could not be made",
        sentence,
        commands: &[],
        links: &[("/".to_owned(), "Overview".to_owned())],
    };
    html(status, &page)
}

/// 404 for an address whose form is known and that leads to nothing.
pub(super) fn absent(sentence: &str) -> Response {
    let page = Message {
        frame: Frame::new("Not found"),
        heading: "There is no such page",
        sentence,
        commands: &[],
        links: &[("/".to_owned(), "Overview".to_owned())],
    };
    html(StatusCode::NOT_FOUND, &page)
}

/// 300 for a name that stands for something in several workspaces: the address of each, and the workspace's name.
pub(super) fn choice(links: &[(String, String)]) -> Response {
    let page = Message {
        frame: Frame::new("Which workspace"),
        heading: "In which workspace?",
        sentence: "Several workspaces have something of this name.",
        commands: &[],
        links,
    };
    html(StatusCode::MULTIPLE_CHOICES, &page)
}

/// 404 for every address that is none of ours.
pub(crate) async fn not_found() -> Response {
    absent("The console begins at / and the SCIM service at /scim/v2.")
}
