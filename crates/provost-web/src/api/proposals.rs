//! `/api/v1/connections/{name}/preview`: what a change would do before it is saved, and the question that is asked
//! where somebody leaves.

use super::caller::Reader;
use super::connections;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{body, object, shape};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Json;
use provost_engine::policy::Guard;
use provost_engine::rule::Rule;
use provost_store::connection::{Connection, Preferences};
use provost_sync::setup::Confirm;
use provost_sync::{ChangePreview, Proposal};
use schemars::JsonSchema;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

/// Names of each side that a preview shows.
const NAMED: usize = 100;
/// People and groups that a proposal names at most.
const MOST: usize = 1_000;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new(
        "Connections",
        "who would enter and leave by a change, and what would be written; saves nothing",
    );
    api.post(
        "/api/v1/connections/{name}/preview",
        Act::Look,
        preview,
        about.body::<Proposed>().answers::<shape::plan::ChangePreview>(),
    )
}

/// A change that is not saved; what is left out stays.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Proposed {
    /// All rules, in place of those that there are.
    #[schemars(with = "Option<Vec<shape::rule::Rule>>")]
    rules: Option<Vec<Rule>>,
    #[schemars(with = "Option<shape::connection::Preferences>")]
    preferences: Option<Preferences>,
    #[schemars(with = "Option<shape::connection::Guard>")]
    guard: Option<Guard>,
    /// Who would be assigned: ids, or userNames of people.
    assign: Vec<String>,
    /// Who would be assigned no longer.
    unassign: Vec<String>,
}

async fn preview(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ChangePreview>> {
    let proposed: Proposed = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let (engine, key) = connections::engine(&state, workspace, &name).await?;
    let proposal = Proposal {
        assign: keys(&state, workspace, &proposed.assign).await?,
        unassign: keys(&state, workspace, &proposed.unassign).await?,
        rules: proposed.rules,
        preferences: proposed.preferences,
        guard: proposed.guard,
    };
    Ok(Json(engine.preview_change(key, &proposal, NAMED).await?))
}

/// The inside keys of who is named.
///
/// # Errors
/// 404 for somebody who is nobody; 400 for too many at once.
pub(super) async fn keys(state: &State, workspace: i64, texts: &[String]) -> Result<Vec<i64>> {
    if texts.len() > MOST {
        let detail = format!("{} people and groups are named, and {MOST} may be", texts.len());
        return Err(Problem::request(detail, "Name fewer of them in one request."));
    }
    let mut all = Vec::with_capacity(texts.len());
    for text in texts {
        all.push(object::find(state, workspace, text).await?);
    }
    Ok(all)
}

/// How many would enter and leave. Who leaves has to have been seen.
///
/// # Errors
/// 409 `PRV-SCOPE-LEAVES` with who leaves, until that is confirmed.
pub(super) async fn settle(
    state: &State,
    connection: &Connection,
    proposal: &Proposal,
    confirm: &Confirm,
) -> Result<(u64, u64)> {
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let preview = engine.preview_change(connection.key, proposal, NAMED).await?;
    if preview.leave == 0 {
        return Ok((preview.enter, 0));
    }
    let seen = format!(
        "{}\n{}\n{}",
        connection.key,
        preview.leave,
        preview.leave_names.join("\n")
    );
    let digest = format!("{:016x}", xxh3_64(seen.as_bytes()));
    if confirm.digest.as_ref() != Some(&digest) {
        let sentence = format!(
            "\"{}\" would not mean {} of the directory any more; they lose the account as its rules say",
            connection.name, preview.leave
        );
        return Err(Problem::confirm(
            "PRV-SCOPE-LEAVES",
            sentence,
            digest,
            preview.leave_names,
        ));
    }
    Ok((preview.enter, preview.leave))
}
