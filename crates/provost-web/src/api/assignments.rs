//! `/api/v1/connections/{name}/assignments`: who is meant by a connection. Whoever takes somebody out has to have seen
//! who loses the account.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::paging::{self, Page};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape::confirm::Confirm as ConfirmShape;
use super::{body, proposals};
use crate::counted;
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::assignment::{self, Assigned};
use provost_store::connection::{Assignment, Connection};
use provost_store::{Tx, directory};
use provost_sync::Proposal;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Assignments", summary);
    api.get(
        "/api/v1/connections/{name}/assignments",
        Act::Look,
        list,
        about("who is assigned").query::<Page>().answers::<Assignments>(),
    )
    .post(
        "/api/v1/connections/{name}/assignments",
        Act::Access,
        change,
        about("assigns people and groups, and ends assignments, with `confirm` where somebody leaves")
            .body::<Change>()
            .answers::<Changed>(),
    )
}

/// Somebody who is assigned.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Assignment")]
struct Line {
    /// None while they are deleted.
    id: Option<Uuid>,
    /// `person` or `group`.
    kind: String,
    label: String,
    since: Moment,
    actor: String,
}

/// A page of assignments.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Assignments {
    assignments: Vec<Line>,
    /// How many there are in all.
    count: i64,
    /// `all`: the connection means everybody, whoever is assigned; `assigned`: only these.
    assignment: &'static str,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Assignments>> {
    let page = parameters(page)?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let (key, after, limit) = (connection.key, page.key()?.unwrap_or(0), page.lines());
    let read = move |tx: &mut Tx| Ok::<_, Problem>(assignment::list(tx, key, after, limit)?);
    let found: Vec<Assigned> = state.db().read(read).await?;
    let count = counted::assigned(state.db(), key).await?;
    let next = paging::next(&found, limit, |last| last.object.to_string());
    let line = |one: Assigned| Line {
        id: one.id,
        kind: one.kind.to_string(),
        label: one.label,
        since: Moment::at(one.created),
        actor: one.actor,
    };
    Ok(Json(Assignments {
        assignments: found.into_iter().map(line).collect(),
        count,
        assignment: connection.preferences.assignment.as_str(),
        next,
    }))
}

/// Who is assigned, and who no longer: ids, or userNames of people.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AssignmentChange")]
pub(crate) struct Change {
    #[serde(default)]
    assign: Vec<String>,
    #[serde(default)]
    unassign: Vec<String>,
    #[serde(default)]
    #[schemars(with = "ConfirmShape")]
    confirm: Confirm,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AssignmentsChanged")]
pub(crate) struct Changed {
    /// Assignments that were made.
    assigned: usize,
    /// Assignments that were ended.
    unassigned: usize,
    /// People and groups that the connection means from now on.
    enter: u64,
    /// People and groups that it means no longer.
    leave: u64,
}

async fn change(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Changed>> {
    let wanted: Change = body::read(&state, &headers, body).await?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let proposal = Proposal {
        assign: proposals::keys(&state, connection.workspace, &wanted.assign).await?,
        unassign: proposals::keys(&state, connection.workspace, &wanted.unassign).await?,
        ..Proposal::default()
    };
    // Where everybody is meant, an assignment moves nobody.
    let (enter, leave) = match connection.preferences.assignment {
        Assignment::All => (0, 0),
        Assignment::Assigned => proposals::settle(&state, &connection, &proposal, &wanted.confirm).await?,
    };
    let (owner, actor, by) = (connection.clone(), caller.actor(), caller.actor());
    let write = move |tx: &mut Tx| save(tx, &by, now(), &owner, &proposal);
    let done = state.db().write(write).await;
    let (assigned, unassigned) = match state.engine() {
        Some(engine) => engine.told_assignment(&connection, &actor, done).await?,
        None => done?,
    };
    Ok(Json(Changed {
        assigned,
        unassigned,
        enter,
        leave,
    }))
}

fn save(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    to: &Proposal,
) -> provost_store::Result<(usize, usize)> {
    let (mut assigned, mut unassigned) = (0, 0);
    for key in &to.assign {
        // Who has been deleted in this moment is not assigned any more.
        if let Some(object) = directory::by_key(tx, *key)? {
            assigned += usize::from(assignment::add(tx, actor, now, connection, &object)?);
        }
    }
    for key in &to.unassign {
        unassigned += usize::from(assignment::remove(tx, actor, now, connection, *key)?);
    }
    Ok((assigned, unassigned))
}
