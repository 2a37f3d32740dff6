//! `/microsoft-365/{name}/authentication`: nothing to enter; the addresses that Microsoft will be given.

use super::keys::{self, KeyCard};
use super::place::{self as places, Head, Named};
use crate::console::connections::aside;
use crate::console::done;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::providers::hub_url;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_store::signing_key;
use provost_sync::microsoft_365::{Values, provider_values};

#[derive(Template)]
#[template(path = "microsoft_365/authentication.html")]
struct Page {
    frame: Frame,
    head: Head,
    why: String,
    here: String,
    /// When it was saved; none before.
    saved: Option<Moment>,
    values: Values,
    /// Whether others can reach these addresses.
    is_reachable: bool,
    /// The keys that count, the one that signs first.
    keys: Vec<KeyCard>,
    /// The page of what became of sign-ins.
    signins: String,
}

/// The section.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let provider = place.provider.key;
    let kept = state
        .db()
        .read_short(move |tx| signing_key::certificates(tx, provider))
        .await?;
    let (clock, now) = (Clock::of(&visitor, now()), now());
    let page = Page {
        frame: place.frame(&visitor, text("Authentication")),
        head: place.head("authentication"),
        why: page::lack(&visitor, Act::Configure),
        here: place.at("authentication"),
        saved: clock.moment_if(place.provider.authentication),
        values: provider_values(&hub_url(&state, &headers), &place.provider),
        is_reachable: state.is_https(),
        keys: kept.iter().map(|one| keys::card(one, &clock, now)).collect(),
        signins: place.at("sign-ins"),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Saves the section.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move {
        engine
            .configure_provider_authentication(workspace, &name, &actor)
            .await
    };
    aside::finish(deed).await??;
    Ok(page::elsewhere(&done::after(
        &place.at("authentication"),
        "saved",
    )))
}
