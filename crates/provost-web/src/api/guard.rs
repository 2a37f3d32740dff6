//! `/api/v1/connections/{name}/guard` and `/restart`: the deletion guard, and beginning again.

use super::body;
use super::caller::{Configurer, Operator, Reader};
use super::connections;
use super::etag::{Match, Tag};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_engine::policy::Guard;
use provost_store::connection::{self, Reset};
use provost_store::{Error as Store, Tx, staged};
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// Staged steps that a question lists.
const NAMED: i64 = 100;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    api.get(
        "/api/v1/connections/{name}/guard",
        Act::Look,
        show,
        about("the limits of the deletion guard")
            .answers::<shape::connection::Guard>()
            .tagged(),
    )
    .put(
        "/api/v1/connections/{name}/guard",
        Act::Configure,
        set,
        about("all limits of the guard")
            .body::<shape::connection::Guard>()
            .answers::<shape::connection::Guard>()
            .tagged()
            .conditional(),
    )
    .post(
        "/api/v1/connections/{name}/restart",
        Act::Operate,
        restart,
        about("begins again, with as much of the memory as is chosen")
            .body::<Restart>()
            .answers::<Restarted>(),
    )
}

/// The guard as it is saved.
fn saved(found: &connection::Connection) -> Result<Guard> {
    let read = serde_json::from_value(found.guard.clone());
    read.map_err(|error| Problem::from(Store::Damaged(format!("the guard cannot be read: {error}"))))
}

async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let guard = saved(&connections::find(&state, caller.workspace(), &name).await?)?;
    Ok(Tag::of(&guard).on(StatusCode::OK, guard))
}

async fn set(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let guard: Guard = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = connection::by_name(tx, workspace, &name)?.ok_or_else(|| connections::unknown(&name))?;
        condition.check_state(&saved(&found)?)?;
        Ok::<_, Problem>(connection::set_guard(tx, &actor, now, &found, &guard)?)
    };
    state.db().write(write).await?;
    Ok(Tag::of(&guard).on(StatusCode::OK, guard))
}

/// What begins again.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Restart {
    /// `watermark`, `escrows`, `quarantine`, `links`, `force_deletes` or `full`; without any, the first three.
    #[schemars(with = "Vec<String>")]
    reset: Vec<Reset>,
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What was reset.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Restarted {
    #[schemars(with = "Vec<String>")]
    reset: Vec<Reset>,
}

async fn restart(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Restarted>> {
    let Restart { reset, confirm } = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let (key, shown) = (found.key, found.name.clone());
    let held = state
        .db()
        .read(move |tx: &mut Tx| staged::page(tx, key, 0, NAMED))
        .await?;
    let list = held
        .into_iter()
        .map(|one| format!("{}: {}", one.action, one.label))
        .collect();
    ask(&shown, &reset, list, &confirm)?;
    let (actor, now, chosen) = (caller.actor(), now(), reset.clone());
    let write = move |tx: &mut Tx| connection::restart(tx, &actor, now, &found, &chosen);
    state.db().write(write).await?;
    Ok(Json(Restarted { reset }))
}

/// Has a person see it where links are lost, or what the guard holds is let through.
fn ask(name: &str, reset: &[Reset], held: Vec<String>, confirm: &Confirm) -> Result<()> {
    let (code, sentence, list) = if reset.contains(&Reset::ForceDeletes) {
        let sentence = format!("everything that the deletion guard holds in \"{name}\" would be carried out");
        ("PRV-RESTART-DELETES", sentence, held)
    } else if reset.contains(&Reset::Links) || reset.contains(&Reset::Full) {
        let sentence = format!(
            "which account belongs to whom in \"{name}\" would be forgotten, and everybody matched again"
        );
        ("PRV-RESTART-LINKS", sentence, Vec::new())
    } else {
        return Ok(());
    };
    let digest = format!(
        "{:016x}",
        xxh3_64(format!("{sentence}\n{}", list.join("\n")).as_bytes())
    );
    if confirm.digest.as_ref() == Some(&digest) {
        return Ok(());
    }
    Err(Problem::confirm(code, sentence, digest, list))
}
