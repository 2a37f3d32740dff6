//! Who was assigned to a provider of the same domain that is gone, and assigning them again.

use super::super::aside;
use super::super::body;
use super::super::caller::{Configurer, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::paging::{self, Page};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use crate::state::State;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::Tx;
use provost_store::microsoft_365::{self, Detached};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody who was assigned.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DetachedAssignment")]
struct Line {
    /// None while they are deleted.
    id: Option<Uuid>,
    /// `person` or `group`.
    kind: String,
    label: String,
    /// Since when they were assigned.
    assigned: Moment,
    /// When the provider was removed.
    detached: Moment,
    /// Who removed it.
    actor: String,
}

/// A page of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DetachedAssignments")]
pub(crate) struct Listed {
    detached: Vec<Line>,
    /// How many there are in all.
    count: i64,
    next: Option<String>,
}

/// `GET /microsoft-365-providers/{name}/detached`.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Listed>> {
    let page = parameters(page)?;
    let (workspace, after, limit) = (caller.workspace(), page.key()?.unwrap_or(0), page.lines());
    let provider = super::find(&state, workspace, &name).await?;
    let read = move |tx: &mut Tx| {
        let found = microsoft_365::detached(tx, workspace, &provider.domain, after, limit)?;
        let count = microsoft_365::detached_count(tx, workspace, &provider.domain)?;
        Ok::<_, Problem>((found, count))
    };
    let (found, count): (Vec<Detached>, i64) = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| last.object.to_string());
    let detached = found.into_iter().map(line).collect();
    Ok(Json(Listed {
        detached,
        count,
        next,
    }))
}

fn line(one: Detached) -> Line {
    Line {
        id: one.id,
        kind: one.kind.to_string(),
        label: one.label,
        assigned: Moment::at(one.assigned),
        detached: Moment::at(one.detached),
        actor: one.actor,
    }
}

/// Who is assigned again.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "DetachedChosen")]
pub(crate) struct Chosen {
    /// Ids of people and groups; without any, everybody who is detached.
    objects: Option<Vec<Uuid>>,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reattached {
    /// Assignments that were made.
    reattached: i64,
}

/// `POST /microsoft-365-providers/{name}/reattach`.
pub(super) async fn reattach(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reattached>> {
    let Chosen { objects } = body::read(&state, &headers, body).await?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .reattach_assignments(workspace, &found.name, objects, &actor)
            .await
    });
    let Json(reattached) = done.await?;
    Ok(Json(Reattached { reattached }))
}
