//! `/microsoft-365/{name}/federation/command`: the command that takes the federation back when this hub is down, and who
//! keeps it.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
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
use provost_sync::federation::RollBackCommand;

#[derive(Template)]
#[template(path = "microsoft_365/command.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    back: String,
    command: RollBackCommand,
    kept: Option<Moment>,
    dead: String,
}

/// The page.
pub(in crate::console) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    render(&state, &visitor, &place, (StatusCode::OK, Faults::none())).await
}

async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let command = place::engine(state)?
        .federation_roll_back_command(place.provider.workspace, &place.provider.name, state.public_url())
        .await?;
    let page = Page {
        frame: place.frame(visitor, text("The roll-back")),
        head: place.head("federation"),
        faults,
        here: place.at("federation/command"),
        back: place.at("federation"),
        kept: Clock::of(visitor, now()).moment_if(command.saved),
        command,
        dead: page::lack(visitor, Act::Configure),
    };
    Ok(page::html(status, &page))
}

/// Notes that somebody keeps it.
pub(in crate::console) async fn keep(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let (url, typed) = (state.public_url().to_owned(), form.get("word").to_owned());
    let deed = async move {
        engine
            .keep_federation_roll_back_command(workspace, &name, &url, &typed, &actor)
            .await
    };
    match aside::finish(deed).await? {
        Ok(()) => Ok(page::elsewhere(&done::after(
            &place.at("federation/command"),
            "saved",
        ))),
        Err(error) if error.code().is_some() => {
            let mut faults = Faults::none();
            for (_, sentence) in trouble::all(&error).each() {
                faults.add("word", sentence);
            }
            render(&state, &visitor, &place, (aside::status(&error), faults)).await
        }
        Err(error) => Err(error.into()),
    }
}
