//! `/api/v1/connections/{name}/versions`: what a connection was, and making it so again.

use super::caller::{Configurer, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::paging::{self, Page};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{body, proposals, shape};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::Tx;
use provost_store::config_version::{self, Definition, Version};
use provost_store::connection::{self, Preferences, Reset};
use provost_sync::Proposal;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    api.get(
        "/api/v1/connections/{name}/definition",
        Act::Look,
        current,
        about("the connection as a whole, as files and versions have it")
            .answers::<shape::connection::Definition>(),
    )
    .get(
        "/api/v1/connections/{name}/versions",
        Act::Look,
        list,
        about("the versions that were saved, newest first")
            .query::<Page>()
            .answers::<Versions>(),
    )
    .get(
        "/api/v1/connections/{name}/versions/{number}",
        Act::Look,
        one,
        about("what the connection was in a version").answers::<shape::connection::Definition>(),
    )
    .post(
        "/api/v1/connections/{name}/versions/{number}/restore",
        Act::Configure,
        restore,
        about("makes the connection what it was, with `confirm` where somebody leaves")
            .body::<Restore>()
            .answers::<Restored>(),
    )
}

/// A version in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Version")]
struct Line {
    version: i64,
    saved: Moment,
    actor: String,
    note: String,
}

/// A page of versions.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Versions {
    versions: Vec<Line>,
    next: Option<String>,
}

async fn current(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Definition>> {
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let read = move |tx: &mut Tx| config_version::current(tx, key);
    Ok(Json(state.db().read(read).await?))
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Versions>> {
    let page = parameters(page)?;
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let (before, limit) = (page.key()?, page.lines());
    let read = move |tx: &mut Tx| config_version::list(tx, key, before, limit);
    let found: Vec<Version> = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| last.number.to_string());
    let line = |one: Version| Line {
        version: one.number,
        saved: Moment::at(one.created),
        actor: one.actor,
        note: one.note,
    };
    let versions = found.into_iter().map(line).collect();
    Ok(Json(Versions { versions, next }))
}

async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Json<Definition>> {
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    Ok(Json(definition(&state, key, number).await?))
}

async fn definition(state: &State, connection: i64, number: i64) -> Result<Definition> {
    let read = move |tx: &mut Tx| config_version::get(tx, connection, number);
    let found: Option<(Version, Definition)> = state.db().read(read).await?;
    let list = "connections/{name}/versions";
    let found =
        found.ok_or_else(|| Problem::unknown("PRV-VERSION-UNKNOWN", "version", &number.to_string(), list))?;
    Ok(found.1)
}

/// Why the connection goes back, and what a person has confirmed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "VersionRestore")]
pub(crate) struct Restore {
    /// For the list of versions.
    note: String,
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What became of the connection.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VersionRestored")]
pub(crate) struct Restored {
    version: i64,
    /// Whether its host is another one now, so that its secrets were wiped.
    wiped_secrets: bool,
}

async fn restore(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, number)): Path<(String, i64)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Restored>> {
    let Restore { note, confirm } = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let to = definition(&state, found.key, number).await?;
    let proposal = Proposal {
        rules: Some(to.rules.clone()),
        preferences: Some(to.preferences.clone()),
        guard: Some(to.guard),
        ..Proposal::default()
    };
    proposals::settle(&state, &found, &proposal, &confirm).await?;
    let note = if note.is_empty() {
        format!("back to version {number}")
    } else {
        note
    };
    let (owner, by, now) = (found.clone(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let wiped = connection::configure(tx, &by, now, &owner, &to, &note)?;
        if means_others(&owner.preferences, &to.preferences) {
            // Nobody's row has changed, so nothing else would carry it out.
            connection::restart(tx, &by, now, &owner, &[Reset::Watermark])?;
        }
        Ok::<_, provost_store::Error>(wiped)
    };
    let done = state.db().write(write).await;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let wiped_secrets = engine.told_configuration(&found, &caller.actor(), done).await?;
    Ok(Json(Restored {
        version: number,
        wiped_secrets,
    }))
}

/// Whether others are meant than before, whoever is assigned.
fn means_others(before: &Preferences, after: &Preferences) -> bool {
    (before.assignment, before.nested) != (after.assignment, after.nested)
}
