//! `/signin-providers`: the systems that administrators may sign in with, by OpenID Connect.

use super::{signin, told};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::Secret;
use provost_signin::{Error, NewProvider, ProviderEdit};
use provost_store::signin_provider::SigninProvider;

const LIST: &str = "/signin-providers";

#[derive(Template)]
#[template(path = "signin/providers.html")]
struct Page {
    frame: Frame,
    lines: Vec<SigninProvider>,
}

/// A provider in a form; the client's secret is never shown again.
#[derive(Template)]
#[template(path = "signin/provider.html")]
struct One {
    frame: Frame,
    faults: Faults,
    /// Where the form goes.
    action: String,
    /// Where the button that removes it leads; empty for one that is not there yet.
    remove: String,
    name: String,
    issuer: String,
    client_id: String,
    is_on: bool,
    /// What has to be registered there.
    callback: String,
}

/// The list.
pub(super) async fn list(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let page = Page {
        lines: signin(&state)?.providers().await?,
        frame: Frame::new(&visitor, text("Systems to sign in with")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// The form of a new one.
pub(super) async fn form(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    blank(&state, &visitor, ["", "", ""], (StatusCode::OK, Faults::none()))
}

fn blank(
    state: &State,
    visitor: &Visitor,
    [name, issuer, client_id]: [&str; 3],
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let page = One {
        frame: frame(visitor, visitor.language.t(text("A new system to sign in with"))),
        faults,
        action: format!("{LIST}/new"),
        remove: String::new(),
        name: name.to_owned(),
        issuer: issuer.to_owned(),
        client_id: client_id.to_owned(),
        is_on: true,
        callback: signin(state)?.callback_url(),
    };
    Ok(page::html(status, &page))
}

fn frame(visitor: &Visitor, title: &str) -> Frame {
    Frame::new(visitor, title.to_owned())
        .below(LIST.to_owned(), visitor.language.t("Systems to sign in with"))
}

/// Adds one, after it was asked to describe itself.
pub(super) async fn add(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let typed = ["name", "issuer", "client_id"].map(|name| form.get(name).trim());
    let [name, issuer, client_id] = typed.map(str::to_owned);
    let new = NewProvider {
        name,
        issuer,
        client_id,
        client_secret: form.text("client_secret").map(Secret::new),
    };
    match signin(&state)?.provider_add(&visitor.signed, new, now()).await {
        Ok(_) => Ok(page::elsewhere(&done::after(LIST, "added"))),
        Err(Error::Stale) => Err(Refusal::Stale(format!("{LIST}/new"))),
        Err(error) => blank(&state, &visitor, typed, told::faults(visitor.language, error)?),
    }
}

type Key = std::result::Result<Path<i64>, PathRejection>;

/// The form of one that is there.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
) -> Result<Response> {
    let found = find(&state, key).await?;
    filled(&state, &visitor, &found, (StatusCode::OK, Faults::none()))
}

async fn find(state: &State, key: Key) -> Result<SigninProvider> {
    let Path(key) = key.map_err(Refusal::address)?;
    let all = signin(state)?.providers().await?;
    all.into_iter().find(|one| one.key == key).ok_or_else(|| {
        Refusal::Absent("There is no such system to sign in with. The list shows all.".to_owned())
    })
}

fn filled(
    state: &State,
    visitor: &Visitor,
    one: &SigninProvider,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let action = format!("{LIST}/{}", one.key);
    let page = One {
        frame: frame(visitor, &one.name),
        faults,
        remove: format!("{action}/remove"),
        action,
        name: one.name.clone(),
        issuer: one.issuer.clone(),
        client_id: one.client_id.clone(),
        is_on: one.enabled,
        callback: signin(state)?.callback_url(),
    };
    Ok(page::html(status, &page))
}

/// Changes one; an empty secret leaves the one that is kept.
pub(super) async fn edit(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
    form: Form,
) -> Result<Response> {
    let found = find(&state, key).await?;
    let edit = ProviderEdit {
        name: Some(form.get("name").trim().to_owned()),
        client_id: Some(form.get("client_id").trim().to_owned()),
        client_secret: form.text("client_secret").map(Secret::new),
        enabled: Some(form.is_on("enabled")),
    };
    let typed = SigninProvider {
        name: form.get("name").to_owned(),
        client_id: form.get("client_id").to_owned(),
        enabled: form.is_on("enabled"),
        ..found.clone()
    };
    match signin(&state)?
        .provider_edit(&visitor.signed, found.key, edit, now())
        .await
    {
        Ok(_) => Ok(page::elsewhere(&done::after(LIST, "saved"))),
        Err(Error::Stale) => Err(Refusal::Stale(format!("{LIST}/{}", found.key))),
        Err(error) => filled(&state, &visitor, &typed, told::faults(visitor.language, error)?),
    }
}

/// Removes one: whoever signs in with it needs another way.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
) -> Result<Response> {
    let found = find(&state, key).await?;
    match signin(&state)?
        .provider_remove(&visitor.signed, found.key, now())
        .await
    {
        Ok(_) => Ok(page::elsewhere(&done::after(LIST, "removed"))),
        Err(Error::Stale) => Err(Refusal::Stale(format!("{LIST}/{}", found.key))),
        Err(error) => filled(&state, &visitor, &found, told::faults(visitor.language, error)?),
    }
}
