//! The switch and the roll-back: a page each, for an owner who has just proved who they are.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::federation::State as Standing;
use provost_sync::Error as Sync;
use provost_sync::federation::RolledBack;

#[derive(Template)]
#[template(path = "microsoft_365/switch.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    back: String,
    domain: String,
    /// The roll-back; otherwise the switch.
    is_back: bool,
    digest: String,
    /// What is sent, by Microsoft's names.
    sent: Vec<(String, String)>,
    passwords: RolledBack,
    more: i64,
    /// Why the button is dead; empty where it is alive.
    dead: String,
}

/// The page of the switch.
pub(in crate::console) async fn switch_page(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    render(&state, &visitor, &place, false, (StatusCode::OK, Faults::none())).await
}

/// The page of the roll-back.
pub(in crate::console) async fn roll_back_page(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    render(&state, &visitor, &place, true, (StatusCode::OK, Faults::none())).await
}

async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    is_back: bool,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let (engine, provider) = (place::engine(state)?, &place.provider);
    let cockpit = engine.federation(provider.workspace, &provider.name).await?;
    let passwords = engine
        .federation_roll_back_preview(provider.workspace, &provider.name)
        .await?;
    let is_open = match is_back {
        true => cockpit.record.state != Standing::Managed && cockpit.free_at == 0,
        false => cockpit.may_switch(),
    };
    let dead = match is_open {
        true => String::new(),
        false => visitor
            .language
            .t(text("It is closed at this moment: the page Federation says why."))
            .to_owned(),
    };
    let title = match is_back {
        true => text("Roll back"),
        false => text("Switch"),
    };
    let page = Page {
        frame: place.frame(visitor, title),
        head: place.head("federation"),
        faults,
        here: place.at(if is_back {
            "federation/roll-back"
        } else {
            "federation/switch"
        }),
        back: place.at("federation"),
        domain: provider.domain.clone(),
        is_back,
        digest: cockpit.digest.clone(),
        sent: told(&cockpit.sent),
        more: passwords.without.saturating_sub(passwords.without_password.len()) as i64,
        passwords,
        dead,
    };
    Ok(page::html(status, &page))
}

/// What is sent, a line for each property.
fn told(sent: &serde_json::Value) -> Vec<(String, String)> {
    let Some(all) = sent.as_object() else {
        return Vec::new();
    };
    let shown = all
        .iter()
        .filter(|(name, value)| !name.starts_with('@') && !value.is_null());
    shown
        .map(|(name, value)| match value.as_str() {
            Some(text) => (name.clone(), text.to_owned()),
            None => (name.clone(), value.to_string()),
        })
        .collect()
}

/// Switches the domain.
pub(in crate::console) async fn switch(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor, url) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        state.public_url().to_owned(),
    );
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let (typed, digest) = (form.get("domain").to_owned(), form.get("digest").to_owned());
    let deed = async move {
        let seen = (typed.as_str(), digest.as_str());
        engine
            .switch_federation(workspace, &name, &url, seen, &actor)
            .await
            .map(drop)
    };
    let came = aside::finish(deed).await?;
    after(&state, &visitor, &place, false, came).await
}

/// Switches the domain back.
pub(in crate::console) async fn roll_back(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let typed = form.get("domain").to_owned();
    let deed = async move {
        engine
            .roll_back_federation(workspace, &name, &typed, &actor)
            .await
            .map(drop)
    };
    let came = aside::finish(deed).await?;
    after(&state, &visitor, &place, true, came).await
}

async fn after(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    is_back: bool,
    came: std::result::Result<(), Sync>,
) -> Result<Response> {
    let error = match came {
        Ok(()) => {
            let word = if is_back { "switched_back" } else { "switched" };
            return Ok(page::elsewhere(&done::after(&place.at("federation"), word)));
        }
        Err(error @ Sync::Target(_)) => error,
        Err(error) if error.code().is_some() => error,
        Err(error) => return Err(error.into()),
    };
    let mut faults = Faults::none();
    let field = match error.code() {
        Some("PRV-FEDERATION-TYPED") => "domain",
        _ => "",
    };
    for (_, sentence) in trouble::all(&error).each() {
        faults.add(field, sentence);
    }
    render(state, visitor, place, is_back, (aside::status(&error), faults)).await
}
