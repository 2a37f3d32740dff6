//! Signing in with another system: leaving for it, and coming back.

use super::cookie::{self, Cookie};
use super::doors::Doors;
use super::knock::Knock;
use super::{enter, signin, to, told};
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::{address, done};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::{self, Visitor};
use askama::Template;
use axum::extract::{self, RawQuery};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Response;
use provost_signin::{Error, ProviderDone, ProviderPurpose};

/// Leads on without a form: a form of ours may lead to our own pages only.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

#[derive(Template)]
#[template(path = "signin/leaving.html")]
struct Leaving<'a> {
    frame: Frame,
    name: &'a str,
    address: &'a str,
}

/// Leaves for a provider, to sign in.
pub(super) async fn enter(
    extract::State(state): extract::State<State>,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let to = to::own(form.get("to"));
    match leave(&state, &knock, form.get("name"), ProviderPurpose::Enter, &to).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let doors = Doors {
                to,
                ..Doors::default()
            };
            doors.refuse(&state, &knock, error).await
        }
    }
}

/// Leaves for a provider, to prove again who one is.
pub(super) async fn confirm(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let to = to::own(form.get("to"));
    let purpose = ProviderPurpose::Confirm(&visitor.signed);
    match leave(&state, &knock, form.get("name"), purpose, &to).await {
        Ok(response) => Ok(response),
        Err(error) => super::confirm::refuse(&state, &visitor, &knock, &to, error).await,
    }
}

/// The page that leads to a provider.
pub(super) async fn leave(
    state: &State,
    knock: &Knock,
    name: &str,
    purpose: ProviderPurpose<'_>,
    to: &str,
) -> provost_signin::Result<Response> {
    let Some(signin) = state.signin() else {
        return Err(Error::Expired);
    };
    let url = signin
        .provider_begin(name, &knock.browser, purpose, &knock.visit, now())
        .await?;
    let page = Leaving {
        frame: Frame::bare(knock.language, text("On to the other system")),
        name,
        address: url.as_str(),
    };
    let mut response = knock.tell(state, page::html(StatusCode::OK, &page));
    if let Ok(header) = HeaderValue::try_from(format!("0; url={url}")) {
        response.headers_mut().insert(REFRESH, header);
    }
    Cookie::To.give(state, &mut response, to);
    Ok(response)
}

/// `GET` [`provost_signin::CALLBACK`]: somebody comes back.
pub(super) async fn back(
    extract::State(state): extract::State<State>,
    knock: Knock,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let to = Cookie::To.of(&state, &knock.headers).unwrap_or_default();
    let to = to::own(&to);
    let signed = visitor::signed(&state, &knock.headers).await?;
    let finished = signin(&state)?
        .provider_finish(
            &query.unwrap_or_default(),
            &knock.browser,
            signed.as_ref(),
            &knock.visit,
            now(),
        )
        .await;
    match finished {
        Ok(ProviderDone::Entered(opened)) => enter::entered(&state, &knock, &opened, &to).await,
        Ok(ProviderDone::Confirmed(opened)) => {
            let mut response = page::elsewhere(&to);
            cookie::open(&state, &mut response, &opened.cookie);
            Ok(response)
        }
        Ok(ProviderDone::Tied) => Ok(page::elsewhere(&done::after("/account", "added"))),
        Err(Error::Stale) => Ok(page::elsewhere(&address::confirm("/account"))),
        // Who is signed in stays so, and is told there.
        Err(error) if signed.is_some() => {
            let (_, faults) = told::faults(knock.language, error)?;
            let sentences: Vec<&str> = faults.each().map(|(_, sentence)| sentence).collect();
            Err(Refusal::Entered(
                sentences.join(" ").trim_end_matches('.').to_owned(),
                String::new(),
            ))
        }
        Err(error) => {
            let doors = Doors {
                to,
                ..Doors::default()
            };
            doors.refuse(&state, &knock, error).await
        }
    }
}
