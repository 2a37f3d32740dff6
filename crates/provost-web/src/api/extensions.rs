//! `/api/v1/schemas`: what a workspace keeps of people and groups beyond the standard.

use super::body;
use super::caller::{Configurer, Reader};
use super::etag::{Match, Tag};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_scim::schema::Extension;
use provost_store::{Tx, extension};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long looking through everybody for values of an extension may take.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Schemas", summary);
    api.get(
        "/api/v1/schemas",
        Act::Look,
        list,
        about("the extensions of the SCIM schema").answers::<Schemas>(),
    )
    .get(
        "/api/v1/schemas/{urn}",
        Act::Look,
        one,
        about("one extension, whole")
            .answers::<Map<String, Value>>()
            .tagged(),
    )
    .put(
        "/api/v1/schemas/{urn}",
        Act::Configure,
        put,
        about("adds an extension, or puts another definition in its place")
            .body::<Map<String, Value>>()
            .answers::<Map<String, Value>>()
            .tagged()
            .conditional(),
    )
    .delete(
        "/api/v1/schemas/{urn}",
        Act::Configure,
        remove,
        about("removes an extension, unless somebody has a value of it").silent(),
    )
}

/// An extension in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Extension")]
struct Line {
    urn: String,
    /// `User` or `Group`.
    resource: String,
    required: bool,
    /// How many attributes it has.
    attributes: usize,
}

/// The extensions of the workspace.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Schemas {
    schemas: Vec<Line>,
}

async fn list(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Schemas>> {
    let line = |one: Extension| Line {
        urn: one.schema.id.clone(),
        required: one.required,
        attributes: one.schema.attributes.len(),
        resource: one.resource,
    };
    let schemas = all(&state, caller.workspace())
        .await?
        .into_iter()
        .map(line)
        .collect();
    Ok(Json(Schemas { schemas }))
}

async fn all(state: &State, workspace: i64) -> Result<Vec<Extension>> {
    Ok(state.db().read(move |tx| extension::all(tx, workspace)).await?)
}

fn unknown(urn: &str) -> Problem {
    Problem::unknown("PRV-SCHEMA-UNKNOWN", "extension", urn, "schemas")
}

async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(urn): Path<String>,
) -> Result<Response> {
    let all = all(&state, caller.workspace()).await?;
    let found = all
        .iter()
        .find(|one| one.schema.id.eq_ignore_ascii_case(&urn))
        .ok_or_else(|| unknown(&urn))?;
    let shown = found.to_json();
    Ok(Tag::of(&shown).on(StatusCode::OK, shown))
}

async fn put(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(urn): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let entered: Value = body::read(&state, &headers, body).await?;
    let wrong = |detail: String| Problem::request(detail, "Correct the definition and send it again.");
    let extension = Extension::parse(&entered).map_err(|error| wrong(error.detail))?;
    if !extension.schema.id.eq_ignore_ascii_case(&urn) {
        return Err(wrong(format!(
            "the definition is of {}, and the address of {urn}",
            extension.schema.id
        )));
    }
    let (workspace, actor, now, shown) = (caller.workspace(), caller.actor(), now(), extension.to_json());
    let write = move |tx: &mut Tx| {
        let all = extension::all(tx, workspace)?;
        let before = all.iter().find(|one| one.schema.id.eq_ignore_ascii_case(&urn));
        condition.check_state(&before.map(Extension::to_json))?;
        Ok::<_, Problem>(extension::put(tx, &actor, now, workspace, &extension)?)
    };
    state.db().write(write).await?;
    Ok(Tag::of(&shown).on(StatusCode::OK, shown))
}

async fn remove(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(urn): Path<String>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let wanted = urn.clone();
    let look = move |tx: &mut Tx| extension::unused(tx, workspace, &wanted);
    let unused = state.db().read_within(PATIENCE, look).await?;
    let wanted = urn.clone();
    let write = move |tx: &mut Tx| extension::remove(tx, &actor, now, workspace, &wanted, &unused);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(unknown(&urn))
}
