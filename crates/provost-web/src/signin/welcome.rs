//! `/welcome?key=`: where a one-time link leads. Opening the page uses nothing up, because mail scanners open it too;
//! the button does.

use super::enter::leave_before;
use super::knock::Knock;
use super::{cookie, signin, told};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Error, LinkSeen, Purpose};
use serde::Deserialize;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    key: String,
}

#[derive(Template)]
#[template(path = "signin/welcome.html")]
struct Page<'a> {
    frame: Frame,
    faults: Faults,
    key: &'a str,
    /// What the link is for: none when it cannot be used (any more).
    purpose: Option<Purpose>,
    /// Whose it is, or what was typed.
    name: String,
    email: String,
}

/// What the link is for.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let seen = signin(&state)?.look_at_link(&asked.key, now()).await?;
    let status = if seen.is_some() {
        StatusCode::OK
    } else {
        StatusCode::GONE
    };
    Ok(render(&knock, &asked.key, seen, (status, Faults::none())))
}

fn render(
    knock: &Knock,
    key: &str,
    seen: Option<LinkSeen>,
    (status, faults): (StatusCode, Faults),
) -> Response {
    let (purpose, name, email) = match seen {
        Some(seen) => (Some(seen.purpose), seen.name, seen.email),
        None => (None, String::new(), String::new()),
    };
    let page = Page {
        frame: Frame::bare(knock.language, text("Welcome to Provost")),
        faults,
        key,
        purpose,
        name,
        email,
    };
    page::html(status, &page)
}

/// Uses the link up: makes the owner, or opens the session.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let (signin, key, now) = (signin(&state)?, form.get("key"), now());
    let seen = signin.look_at_link(key, now).await?;
    let purpose = seen.as_ref().map(|seen| seen.purpose);
    let opened = match purpose {
        Some(Purpose::Owner) => {
            let (name, email) = (form.get("name"), form.get("email"));
            signin.become_owner(key, name, email, &knock.visit, now).await
        }
        Some(Purpose::Enrol | Purpose::Signin) => signin.follow(key, &knock.visit, now).await,
        None => Err(Error::Link),
    };
    match opened {
        Ok(opened) => {
            leave_before(&state, &knock).await?;
            let ways = signin.ways(&opened.signed).await?;
            // Whoever has no way to come back begins with one.
            let mut response = page::elsewhere(if ways.is_empty() { "/account" } else { "/" });
            cookie::open(&state, &mut response, &opened.cookie);
            Ok(response)
        }
        Err(Error::Link) => Ok(render(&knock, key, None, (StatusCode::GONE, Faults::none()))),
        Err(error) => {
            let told = told::faults(knock.language, error)?;
            let typed = seen.map(|seen| LinkSeen {
                name: form.get("name").to_owned(),
                email: form.get("email").to_owned(),
                ..seen
            });
            Ok(render(&knock, key, typed, told))
        }
    }
}
