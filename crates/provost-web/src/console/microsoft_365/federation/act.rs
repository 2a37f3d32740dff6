//! What is done in the cockpit but for the switch and the roll-back, which have pages of their own.

use super::super::place::{self as places, Named, Place};
use super::show::render;
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_sync::federation::Renewal;
use provost_sync::{Engine, Error as Sync};

/// Carries a deed out, and shows the cockpit with what came of it.
async fn finish<F>(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    word: &str,
    deed: impl FnOnce(Engine, i64, String, String) -> F,
) -> Result<Response>
where
    F: Future<Output = provost_sync::Result<()>> + Send + 'static,
{
    let (engine, actor) = (place::engine(state)?.clone(), visitor.actor());
    let deed = deed(
        engine,
        place.provider.workspace,
        place.provider.name.clone(),
        actor,
    );
    match aside::finish(deed).await? {
        Ok(()) => Ok(page::elsewhere(&done::after(&place.at("federation"), word))),
        Err(error @ Sync::Target(_)) => refused(state, visitor, place, &error).await,
        Err(error) if error.code().is_some() => refused(state, visitor, place, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn refused(state: &State, visitor: &Visitor, place: &Place, error: &Sync) -> Result<Response> {
    let wrong = (aside::status(error), trouble::all(error));
    render(state, visitor, place, wrong).await
}

/// Computes the checks.
pub(in crate::console) async fn check(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let url = state.public_url().to_owned();
    finish(
        &state,
        &visitor,
        &place,
        "checked",
        |engine, workspace, name, actor| async move {
            engine
                .check_federation(workspace, &name, &url, &actor)
                .await
                .map(drop)
        },
    )
    .await
}

/// Looks at what stands.
pub(in crate::console) async fn probe(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    finish(
        &state,
        &visitor,
        &place,
        "asked",
        |engine, workspace, name, actor| async move {
            engine.probe_federation(workspace, &name, &actor).await.map(drop)
        },
    )
    .await
}

/// Decides how both sides talk.
pub(in crate::console) async fn choose(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let protocol = form.get("protocol").parse().map_err(Refusal::address)?;
    let mfa = form.get("mfa").parse().map_err(Refusal::address)?;
    finish(
        &state,
        &visitor,
        &place,
        "saved",
        |engine, workspace, name, actor| async move {
            engine
                .choose_federation(workspace, &name, (protocol, mfa), &actor)
                .await
        },
    )
    .await
}

/// Signs a check off, or takes that back.
pub(in crate::console) async fn sign_off(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let typed = |name: &str| form.get(name).trim().to_owned();
    let (line, person, reason) = (typed("line"), typed("person"), typed("reason"));
    let is_back = form.get("do") == "withdraw";
    finish(
        &state,
        &visitor,
        &place,
        "saved",
        |engine, workspace, name, actor| async move {
            if is_back {
                let gone = engine.withdraw_federation_sign_off(workspace, &name, &line, &actor);
                return gone.await.map(drop);
            }
            engine
                .sign_off_federation(workspace, &name, &line, (&person, &reason), &actor)
                .await
        },
    )
    .await
}

/// Carries out a step of the certificate's renewal.
pub(in crate::console) async fn renew(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let step = match form.get("do") {
        "swap" => Renewal::Swap,
        "finish" => Renewal::Finish,
        _ => Renewal::Announce,
    };
    finish(
        &state,
        &visitor,
        &place,
        "saved",
        |engine, workspace, name, actor| async move {
            engine
                .renew_federation(workspace, &name, step, &actor)
                .await
                .map(drop)
        },
    )
    .await
}
