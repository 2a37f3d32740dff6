//! `/microsoft-365/{name}/mode`: whether the domain is to be federated, or accounts are all that is wanted. A decision
//! of its own, by an owner, with a reason, before anybody is assigned.

use super::place::{self as places, Head, Named, Place};
use super::words;
use crate::console::confirm::{self, Question};
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::Tx;
use provost_store::microsoft_365::{self, Mode, State as Standing};
use provost_sync::Error as Sync;

#[derive(Template)]
#[template(path = "microsoft_365/mode.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    /// The mode that holds, a key of the catalogue.
    mode: &'static str,
    is_federation: bool,
    changed: Option<Moment>,
    /// Why it was chosen, in the owner's words.
    because: String,
    /// What the reason's field holds.
    reason: String,
    /// Why it cannot be changed; empty where it can.
    dead: String,
    audit: String,
}

/// The decision as it stands.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, "", Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Decides otherwise.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let mode: Mode = form.get("mode").parse().map_err(Refusal::address)?;
    let reason = form.text("reason").unwrap_or_default().to_owned();
    let (engine, actor, given) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        confirm::given(&form),
    );
    let (workspace, name, why) = (
        place.provider.workspace,
        place.provider.name.clone(),
        reason.clone(),
    );
    let deed = async move {
        engine
            .set_provider_mode(workspace, &name, mode, &why, &given, &actor)
            .await
    };
    let error = match aside::finish(deed).await? {
        Ok(_) => return Ok(page::elsewhere(&done::after(&place.at("mode"), "saved"))),
        Err(error @ Sync::Confirm { .. }) => return Ok(ask(&visitor, &place, mode, &error, &form)),
        Err(error) if error.code().is_some() => error,
        Err(error) => return Err(error.into()),
    };
    let page = view(&state, &visitor, &place, &reason, trouble::all(&error)).await?;
    Ok(page::html(aside::status(&error), &page))
}

fn ask(visitor: &Visitor, place: &Place, mode: Mode, error: &Sync, form: &Form) -> Response {
    let verb = match mode {
        Mode::ProvisioningOnly => text("Use it for provisioning only"),
        Mode::Federation => text("Federate the domain later"),
    };
    let question = Question {
        verb: visitor.language.t(verb).to_owned(),
        action: &place.at("mode"),
        back: place.at("mode"),
        ..Question::default()
    };
    question.ask(visitor, error, form)
}

async fn view(state: &State, visitor: &Visitor, place: &Place, reason: &str, faults: Faults) -> Result<Page> {
    let (provider, language) = (place.provider.clone(), visitor.language);
    let read = move |tx: &mut Tx| microsoft_365::is_in_use(tx, &provider);
    let is_in_use = state.db().read_short(read).await?;
    let provider = &place.provider;
    let dead = match (provider.state, is_in_use) {
        (Standing::Federated, _) => language
            .t(text("The domain is federated: the mode cannot be changed any more."))
            .to_owned(),
        (_, true) => language
            .t(text("Somebody is in reach of the connection: the mode changes only before the first assignment, and while nobody is assigned and no rule is on."))
            .to_owned(),
        _ => page::lack(visitor, Act::Own),
    };
    Ok(Page {
        frame: place.frame(visitor, text("Mode")),
        head: place.head("mode"),
        faults,
        here: place.at("mode"),
        mode: words::mode(provider.mode),
        is_federation: provider.mode == Mode::Federation,
        changed: Clock::of(visitor, now()).moment_if(provider.mode_changed),
        because: provider.mode_reason.clone(),
        reason: reason.to_owned(),
        dead,
        audit: place
            .space
            .page("/audit".to_owned(), &[("action", "microsoft_365".to_owned())]),
    })
}
