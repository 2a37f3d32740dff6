//! What is done with a connection from its page: on and off, a cycle now, everybody again, a test.

use super::aside;
use super::base::OfConnection;
use crate::console::done;
use crate::console::page;
use crate::console::place::{self, Place};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State as Web;
use crate::visitor::Visitor;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::response::Response;
use provost_store::connection;
use provost_sync::{Mode, Options};

type Named = std::result::Result<Path<OfConnection>, PathRejection>;

async fn find(state: &Web, visitor: &Visitor, path: Named) -> Result<Place> {
    let Path(path) = path.map_err(Refusal::address)?;
    place::connection(state, visitor, &path.name).await
}

fn back(place: &Place, word: &str) -> Response {
    page::elsewhere(&done::after(
        &place.space.connection(&place.connection.name),
        word,
    ))
}

/// Switches the connection on.
pub(super) async fn on(
    state: extract::State<Web>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    switch(state, visitor, path, form, true).await
}

/// Switches it off: nothing is written any more, also in the middle of a cycle.
pub(super) async fn off(
    state: extract::State<Web>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    switch(state, visitor, path, form, false).await
}

async fn switch(
    extract::State(state): extract::State<Web>,
    visitor: Visitor,
    path: Named,
    form: Form,
    on: bool,
) -> Result<Response> {
    let place = find(&state, &visitor, path).await?;
    let (engine, actor, key) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        place.connection.key,
    );
    let reason = form.text("reason").unwrap_or_default().to_owned();
    let deed = async move { engine.switch_connection(key, on, &reason, &actor).await };
    aside::finish(deed).await??;
    Ok(back(&place, if on { "on" } else { "off" }))
}

/// Starts a cycle beside the request: the page of cycles shows how far it is.
pub(super) async fn run(
    extract::State(state): extract::State<Web>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let place = find(&state, &visitor, path).await?;
    let (engine, actor, key) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        place.connection.key,
    );
    let options = Options {
        mode: (form.get("mode") == "reconcile").then_some(Mode::Reconcile),
        initiator: Some(actor),
        ..Options::default()
    };
    if is_resting(&place) {
        // The engine refuses it at once, with its code and in the audit log.
        aside::finish(async move { engine.run_cycle(key, &options).await }).await??;
        return Ok(back(&place, "running"));
    }
    let name = place.connection.name.clone();
    tokio::spawn(async move {
        // What becomes of it stands in the list of cycles; another one that runs already does the same work.
        if let Err(error) = engine.run_cycle(key, &options).await {
            tracing::info!(connection = name, %error, "a cycle that was asked for in the console did not run");
        }
    });
    Ok(back(&place, "running"))
}

/// Whether no cycle can run now.
fn is_resting(place: &Place) -> bool {
    matches!(
        place.connection.state,
        connection::State::Paused | connection::State::Invalid
    )
}

/// Has everybody looked at again by the next cycle.
pub(super) async fn resync(
    extract::State(state): extract::State<Web>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let place = find(&state, &visitor, path).await?;
    let (engine, actor, key) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        place.connection.key,
    );
    aside::finish(async move { engine.resync(key, &actor).await }).await??;
    Ok(back(&place, "resync"))
}

/// Tests it, step by step; what was found stands on its page.
pub(super) async fn test(
    extract::State(state): extract::State<Web>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let place = find(&state, &visitor, path).await?;
    let (engine, key) = (place::engine(&state)?.clone(), place.connection.key);
    aside::finish(async move { engine.check_connection(key).await }).await??;
    let address = place.space.connection(&place.connection.name);
    Ok(page::elsewhere(&format!("{address}#tested")))
}
