//! `/api/v1/problems`: everything that is wrong in the workspace, oldest first.

use super::caller::Reader;
use super::connections::{self, parameters};
use super::moment::Moment;
use super::paging;
use super::problem::Result;
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::Tx;
use provost_store::problems::{self, Asked as Search, Problem as Wrong};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new("Problems", "everything that is wrong, oldest first");
    api.get(
        "/api/v1/problems",
        Act::Look,
        list,
        about.query::<Asked>().answers::<Problems>(),
    )
}

/// Which problems.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ProblemsAsked")]
pub(crate) struct Asked {
    /// Only of this sort, such as `retry` or `staged`.
    kind: Option<String>,
    /// Only of this connection.
    connection: Option<String>,
    /// The `next` of the page before; without it, the oldest.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// Something that is wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wrong")]
struct Line {
    /// `connection`, `retry`, `staged`, `doubt`, `credential_expiring`, `credential_expired`, `import_held`, `federation` or `letters`.
    kind: &'static str,
    /// None for what comes in.
    connection: Option<String>,
    /// What it is about, by name.
    subject: String,
    /// The person's or group's id, where it is about one.
    object_id: Option<Uuid>,
    /// `PRV-…`; may be empty.
    code: String,
    sentence: String,
    since: Moment,
    /// None when it waits for a person.
    next_try: Option<Moment>,
    attempts: i64,
}

/// A page of problems.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Problems {
    problems: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Problems>> {
    let asked = parameters(asked)?;
    let workspace = caller.workspace();
    let connection = match &asked.connection {
        Some(name) => Some(connections::find(&state, workspace, name).await?.key),
        None => None,
    };
    let search = Search {
        workspace,
        now: now(),
        after: asked.after,
        kind: asked.kind.as_deref().map(str::parse).transpose()?,
        connection,
    };
    let limit = paging::count(asked.limit);
    let page = state
        .db()
        .read(move |tx: &mut Tx| problems::list(tx, &search, limit))
        .await?;
    let (lines, next) = (page.problems, page.next);
    let problems = lines.into_iter().map(line).collect();
    Ok(Json(Problems { problems, next }))
}

fn line(one: Wrong) -> Line {
    Line {
        kind: one.kind.as_str(),
        connection: one.connection,
        subject: one.subject,
        object_id: one.object_id,
        code: one.code,
        sentence: one.sentence,
        since: Moment::at(one.since),
        next_try: one.next_try.map(Moment::at),
        attempts: one.attempts,
    }
}
