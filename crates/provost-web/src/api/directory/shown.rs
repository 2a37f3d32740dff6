//! One person or group, whole.

use super::super::caller::Reader;
use super::super::etag::Tag;
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::find;
use super::lists::word;
use crate::state::State;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::directory::{self, Object};
use provost_store::{Error as Store, Tx, provider};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A person or a group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Object")]
pub(crate) struct Shown {
    /// Its id.
    id: Uuid,
    /// `person` or `group`.
    kind: &'static str,
    /// What to call it.
    label: String,
    /// The inbound provider that keeps it; none for the directory's own.
    provider: Option<String>,
    /// `active`, `inactive` or `blocked`.
    state: &'static str,
    /// What the provider says of a person.
    active: bool,
    /// When an administrator blocked the person.
    blocked: Option<Moment>,
    /// A person's role.
    role: Option<String>,
    /// A person's team.
    team: Option<String>,
    /// What the person may do in the team.
    permission: Option<String>,
    created: Moment,
    modified: Moment,
    /// The attributes, as in SCIM.
    attributes: Map<String, Value>,
}

/// The tag of what a change replaces.
pub(super) fn tag(object: &Object) -> Tag {
    Tag::of(&(object.id, object.version, object.blocked))
}

/// What is shown of an object.
///
/// # Errors
/// Any error of the store.
pub(super) fn shown(tx: &mut Tx, object: &Object) -> Result<Shown> {
    let placed = directory::placement(tx, object.key)?.unwrap_or_default();
    let provider = provider::by_key(tx, object.owner)?.map(|one| one.name);
    let attributes: Document = serde_json::from_str(&object.document)
        .map_err(|error| Problem::from(Store::Damaged(error.to_string())))?;
    Ok(Shown {
        id: object.id,
        kind: word(object.kind),
        label: object.label.clone(),
        provider,
        state: match object.blocked {
            Some(_) => "blocked",
            None if directory::is_enabled(object) => "active",
            None => "inactive",
        },
        active: object.active,
        blocked: object.blocked.map(Moment::at),
        role: placed.role,
        team: placed.team,
        permission: placed.permission,
        created: Moment::at(object.created),
        modified: Moment::at(object.modified),
        attributes,
    })
}

/// An answer with an object and its tag.
///
/// # Errors
/// Any error of the store.
pub(super) async fn answer(state: &State, status: StatusCode, object: Object) -> Result<Response> {
    let tag = tag(&object);
    let body = state.db().read_short(move |tx| shown(tx, &object)).await?;
    Ok(tag.on(status, body))
}

/// `GET /people/{who}`.
pub(crate) async fn person(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
) -> Result<Response> {
    let found = find(&state, caller.workspace(), Kind::Person, &who).await?;
    answer(&state, StatusCode::OK, found).await
}

/// `GET /groups/{who}`.
pub(crate) async fn group(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
) -> Result<Response> {
    let found = find(&state, caller.workspace(), Kind::Group, &who).await?;
    answer(&state, StatusCode::OK, found).await
}
