//! `/entra-application`: the application in Microsoft Entra that administrators of tenants consent to.

use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::acts;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::Secret;
use provost_signin::{ApplicationChange, Error, SignIn};
use provost_store::entra_application::{self, LOGIN, PERMISSIONS};
use provost_store::{Error as Store, Tx};

#[derive(Template)]
#[template(path = "providers/application.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    why: String,
    is_there: bool,
    has_secret: bool,
    client_id: String,
    login: String,
    permissions: String,
    callback: String,
    is_https: bool,
    action: String,
    remove_address: String,
}

/// The form.
pub(crate) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let page = view(&state, &visitor, Faults::none(), None).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Sets it.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let workspace = visitor.workspace()?.key;
    let change = ApplicationChange {
        client_id: form.get("client_id").to_owned(),
        login: form.get("login").to_owned(),
        permissions: form.get("permissions").to_owned(),
        client_secret: form.text("client_secret").map(Secret::new),
    };
    let set = signin(&state)?
        .entra_application_set(workspace, &visitor.actor(), Some(&visitor.signed), change, now())
        .await;
    match set {
        Ok(_) => Ok(page::elsewhere(&done::after(&address(&visitor)?, "saved"))),
        Err(error) => {
            let faults = faults(error)?;
            let page = view(&state, &visitor, faults, Some(&form)).await?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// Removes it with its secret.
pub(crate) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let (workspace, actor) = (visitor.workspace()?.key, visitor.actor());
    state
        .db()
        .write(move |tx| entra_application::remove(tx, &actor, now(), workspace))
        .await?;
    Ok(page::elsewhere(&done::after(&address(&visitor)?, "removed")))
}

/// What is refused, below the field that it is about.
fn faults(error: Error) -> Result<Faults> {
    let field = match error.code() {
        "PRV-CONSENT-CLIENT" => "client_id",
        "PRV-CONSENT-PERMISSIONS" => "permissions",
        "PRV-CONSENT-LOGIN" => "login",
        _ if matches!(error, Error::Provider(_)) => "login",
        _ => return Err(error.into()),
    };
    let sentence = error.sentence();
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let told = format!("{first}{}. {} {}", letters.as_str(), error.hint(), error.code());
    Ok(Faults::one(field, told))
}

fn signin(state: &State) -> Result<&SignIn> {
    state
        .signin()
        .ok_or_else(|| Refusal::Absent("Nobody signs in to this server: it has no console.".to_owned()))
}

fn address(visitor: &Visitor) -> Result<String> {
    Ok(Space::of(visitor.workspace()?).at("/entra-application"))
}

async fn view(state: &State, visitor: &Visitor, faults: Faults, typed: Option<&Form>) -> Result<Page> {
    let workspace = visitor.workspace()?.key;
    let read = move |tx: &mut Tx| {
        let found = entra_application::get(tx, workspace)?;
        Ok::<_, Store>((found, entra_application::has_secret(tx, workspace)?))
    };
    let (found, has_secret) = state.db().read_short(read).await?;
    let value = |name: &str, kept: &str| typed.map_or(kept, |form| form.get(name)).to_owned();
    let kept = |read: fn(&entra_application::EntraApplication) -> &String, usual: &'static str| {
        found.as_ref().map_or(usual, |one| read(one).as_str())
    };
    Ok(Page {
        frame: Frame::new(visitor, text("Application in Microsoft Entra")),
        faults,
        why: acts::role(visitor, Act::Configure),
        is_there: found.is_some(),
        has_secret,
        client_id: value("client_id", kept(|one| &one.client_id, "")),
        login: value("login", kept(|one| &one.login, LOGIN)),
        permissions: value("permissions", kept(|one| &one.permissions, PERMISSIONS)),
        callback: signin(state)?.consent_url(),
        is_https: state.is_https(),
        remove_address: format!("{}/remove", address(visitor)?),
        action: address(visitor)?,
    })
}
