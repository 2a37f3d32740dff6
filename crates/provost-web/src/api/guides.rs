//! `/api/v1/guides/{guide}/notes`: what somebody signed off in a guide, where no fact of ours can show it. What the other
//! steps of a guide compute stands in the routes that they are about.

use super::body;
use super::caller::{Operator, Reader};
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::Tx;
use provost_store::guide_note::{self, GuideNote};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Guides", summary);
    api.get(
        "/api/v1/guides/{guide}/notes",
        Act::Look,
        list,
        about("the steps that somebody signed off").answers::<Notes>(),
    )
    .put(
        "/api/v1/guides/{guide}/notes/{step}",
        Act::Operate,
        sign,
        about("signs a step off").body::<New>().silent(),
    )
    .delete(
        "/api/v1/guides/{guide}/notes/{step}",
        Act::Operate,
        unsign,
        about("takes a sign-off back").silent(),
    )
}

/// A step that was signed off.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GuideNote")]
struct Line {
    step: String,
    note: String,
    time: Moment,
    actor: String,
}

/// The sign-offs of a guide.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GuideNotes")]
pub(crate) struct Notes {
    notes: Vec<Line>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(guide): Path<String>,
) -> Result<Json<Notes>> {
    let workspace = caller.workspace();
    let read = move |tx: &mut Tx| guide_note::list(tx, workspace, &guide);
    let found: Vec<GuideNote> = state.db().read(read).await?;
    let line = |one: GuideNote| Line {
        step: one.step,
        note: one.note,
        time: Moment::at(one.at),
        actor: one.actor,
    };
    let notes = found.into_iter().map(line).collect();
    Ok(Json(Notes { notes }))
}

/// What is written beside a sign-off.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NewGuideNote")]
pub(crate) struct New {
    note: String,
}

async fn sign(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((guide, step)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let New { note } = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| guide_note::put(tx, &actor, now, workspace, &guide, &step, &note);
    state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unsign(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((guide, step)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let named = step.clone();
    let write = move |tx: &mut Tx| guide_note::remove(tx, &actor, now, workspace, &guide, &named);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::unknown(
        "PRV-GUIDE-NOTE-UNKNOWN",
        "sign-off of",
        &step,
        "guides/{guide}/notes",
    ))
}
