//! `/api/v1/connections/{name}/retries`: steps that failed and are tried again.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::path::Path;
use super::problem::Result;
use super::route::{Interface, Operation};
use super::{body, object, paging};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::Tx;
use provost_store::retry::{self, Asked as Search, NEVER, Waiting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Retries", summary);
    api.get(
        "/api/v1/connections/{name}/retries",
        Act::Look,
        list,
        about("what failed and waits for another try")
            .query::<Asked>()
            .answers::<Retries>(),
    )
    .post(
        "/api/v1/connections/{name}/retries",
        Act::Operate,
        again,
        about("has it tried with the next cycle, also what was given up")
            .body::<Now>()
            .answers::<Woken>(),
    )
}

/// Which failures.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RetriesAsked")]
pub(crate) struct Asked {
    /// With this in the name, the reason or the code.
    search: Option<String>,
    /// Only what is not tried by itself any more.
    given_up: bool,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A step that waits for another try.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Retry")]
struct Line {
    label: String,
    /// The product's short name when the step is about a licence; else empty.
    product: String,
    attempts: i64,
    failed_first: Moment,
    /// None once it is given up.
    next_try: Option<Moment>,
    given_up: bool,
    code: String,
    reason: String,
}

/// A page of failures. It may have fewer lines than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Retries {
    retries: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Retries>> {
    let asked = parameters(asked)?;
    let after = asked.after.as_deref().map(paging::keys::<3>).transpose()?;
    let search = Search {
        connection: connections::find(&state, caller.workspace(), &name).await?.key,
        text: asked.search,
        given_up: asked.given_up,
        after: after.map(|[rule, object, member]| (rule, object, member)),
    };
    let limit = paging::count(asked.limit);
    let page = state.db().read(move |tx| retry::page(tx, &search, limit)).await?;
    let next = page
        .next
        .map(|(rule, object, member)| format!("{rule}-{object}-{member}"));
    let retries = page.steps.into_iter().map(line).collect();
    Ok(Json(Retries { retries, next }))
}

fn line(one: Waiting) -> Line {
    let given_up = one.next_try == NEVER;
    Line {
        label: one.label,
        product: one.product,
        attempts: one.attempts,
        failed_first: Moment::at(one.first),
        next_try: (!given_up).then(|| Moment::at(one.next_try)),
        given_up,
        code: one.code,
        reason: one.reason,
    }
}

/// Whose failures are tried again.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RetryNow")]
pub(crate) struct Now {
    /// Only this person or group: an id, or a userName; without it, all.
    object: Option<String>,
}

/// How many steps are tried with the next cycle.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RetriesWoken")]
pub(crate) struct Woken {
    steps: u64,
}

async fn again(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Woken>> {
    let wanted: Now = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let connection = connections::find(&state, workspace, &name).await?;
    let object = match &wanted.object {
        Some(text) => Some(object::find(&state, workspace, text).await?),
        None => None,
    };
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| retry::now(tx, &actor, now, &connection, object);
    let steps = state.db().write(write).await?;
    Ok(Json(Woken { steps }))
}
