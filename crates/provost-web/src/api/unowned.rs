//! `/api/v1/connections/{name}/unowned`: what the target has and no link names.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::path::Path;
use super::problem::Result;
use super::route::{Interface, Operation};
use super::{aside, paging, shape};
use crate::policy::Act;
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::unowned::{self, Sort, Unowned};
use provost_sync::Discovered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Unowned", summary);
    api.get(
        "/api/v1/connections/{name}/unowned",
        Act::Look,
        list,
        about("what the last discovery found and nobody owns")
            .query::<Asked>()
            .answers::<Accounts>(),
    )
    .post(
        "/api/v1/connections/{name}/discover",
        Act::Operate,
        discover,
        about("lists the target to its end; changes nothing there").answers::<shape::run::Discovered>(),
    )
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "UnownedAsked")]
pub(crate) struct Asked {
    /// `local`: nobody in the directory matches; `unassigned`: somebody matches who is not meant; `assigned`: who is.
    sort: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// An account that nobody owns.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unowned")]
struct Line {
    /// `person` or `group`.
    kind: String,
    target_id: String,
    label: String,
    /// `local`, `unassigned` or `assigned`.
    sort: String,
    /// None where the target does not say.
    enabled: Option<bool>,
    seen: Moment,
}

/// A page of accounts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnownedPage")]
pub(crate) struct Accounts {
    unowned: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Accounts>> {
    let asked = parameters(asked)?;
    let sort: Option<Sort> = asked.sort.as_deref().map(str::parse).transpose()?;
    let after = asked.after.as_deref().map(place).transpose()?;
    let connection = connections::find(&state, caller.workspace(), &name).await?.key;
    let limit = paging::lines(asked.limit);
    let read = move |tx: &mut Tx| {
        let after = after.as_ref().map(|(kind, id)| (*kind, id.as_str()));
        unowned::list(tx, connection, sort, after, limit)
    };
    let found: Vec<Unowned> = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| format!("{}/{}", last.kind, last.target_id));
    let line = |one: Unowned| Line {
        kind: one.kind.to_string(),
        sort: one.sort.to_string(),
        target_id: one.target_id,
        label: one.label,
        enabled: one.enabled,
        seen: Moment::at(one.seen),
    };
    let unowned = found.into_iter().map(line).collect();
    Ok(Json(Accounts { unowned, next }))
}

fn place(text: &str) -> Result<(Kind, String)> {
    match text.split_once('/') {
        Some(("person", id)) => Ok((Kind::Person, id.to_owned())),
        Some(("group", id)) => Ok((Kind::Group, id.to_owned())),
        _ => Err(paging::strange()),
    }
}

async fn discover(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<Json<Discovered>> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    aside(async move { engine.discover(key).await }).await
}
