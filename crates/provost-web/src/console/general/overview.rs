//! `GET /`: the workspaces; `GET /w/{workspace}`: what is wrong in one, and how each connection is doing.

use super::summary::{self, Summary};
use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::Clock;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::workspace;

#[derive(Template)]
#[template(path = "general/workspaces.html")]
struct Workspaces {
    frame: Frame,
    /// Address, name and role.
    workspaces: Vec<(String, String, String)>,
}

/// The workspaces in which the visitor has a role; the only one is shown at once.
pub(crate) async fn workspaces(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let all = state.db().read_short(workspace::all).await?;
    let count = all.len();
    let mine = all.iter().filter_map(|one| {
        let role = visitor.signed.role_in(one.key)?;
        let address = Space::new(&one.name, count).overview();
        Some((address, one.name.clone(), role.to_string().replace('_', " ")))
    });
    let mine: Vec<_> = mine.collect();
    if let [(address, ..)] = mine.as_slice() {
        return Ok(page::elsewhere(address));
    }
    let page = Workspaces {
        frame: Frame::new(&visitor, text("Workspaces")),
        workspaces: mine,
    };
    Ok(page::html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "general/overview.html")]
struct Overview {
    frame: Frame,
    name: String,
    summary: Summary,
    people: String,
    groups: String,
    problems: String,
    staged: String,
    retry: String,
    new_provider: String,
    new_connection: String,
    guides: String,
    /// Why the reader cannot have anything tried again; empty where they can.
    lack: String,
}

/// The overview of a workspace.
pub(crate) async fn overview(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let (clock, inside) = (Clock::of(&visitor, now()), visitor.workspace()?.clone());
    let space = Space::of(&inside);
    let name = inside.name.clone();
    let numbers = summary::numbers(state.db(), inside.key).await?;
    let summary = state
        .db()
        .read(move |tx| summary::read(tx, &inside, &clock, &numbers))
        .await?;
    let page = Overview {
        name,
        summary,
        people: space.at("/people"),
        groups: space.at("/groups"),
        problems: space.at("/problems"),
        staged: space.at("/staged"),
        retry: space.at("/log/retry"),
        new_provider: space.at("/add-provider"),
        new_connection: space.at("/new-connection"),
        guides: space.at("/guides"),
        lack: page::lack(&visitor, Act::Operate),
        frame: Frame::new(&visitor, text("Overview")),
    };
    Ok(page::html(StatusCode::OK, &page))
}
