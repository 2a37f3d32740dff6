//! `…/migration/entra-list`: what is done in Entra, as somebody has ticked it; and what the last test sign-in said.

use super::super::super::body;
use super::super::super::caller::Configurer;
use super::super::super::moment::Moment;
use super::super::super::path::Path;
use super::super::super::problem::Result;
use super::super::super::route::Interface;
use super::super::{about, engine};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use provost_store::migration::{EntraLine, Tested, Tick};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    api.put(
        "/api/v1/microsoft-365-providers/{name}/migration/entra-list/{line}",
        Act::Configure,
        put,
        about("ticks a line of what is done in Entra, or takes the tick back")
            .body::<Done>()
            .silent(),
    )
}

/// How a line is to stand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MigrationEntraDone")]
struct Done {
    is_done: bool,
}

/// A line of what is done in Entra.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationEntraLine")]
pub(super) struct Line {
    /// `application`, `single_sign_on`, `assignment` or `certificate`.
    line: &'static str,
    is_done: bool,
    /// When it was ticked.
    time: Option<Moment>,
    /// Who has ticked it.
    actor: Option<String>,
}

/// Every line, in its order.
pub(super) fn lines(ticks: &[Tick]) -> Vec<Line> {
    let line = |line: &EntraLine| {
        let tick = ticks.iter().find(|one| one.line == *line);
        Line {
            line: line.as_str(),
            is_done: tick.is_some(),
            time: tick.map(|one| Moment::at(one.at)),
            actor: tick.map(|one| one.actor.clone()),
        }
    };
    EntraLine::ALL.iter().map(line).collect()
}

/// The last test sign-in: what the tenant's answer said, or why it was refused.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationTest")]
pub(super) struct Test {
    /// Whether the answer holds.
    is_good: bool,
    time: Moment,
    actor: String,
    /// Why it was refused; empty for one that holds.
    code: String,
    reason: String,
    /// What to do about it.
    hint: String,
    /// Empty, as the rest, where it was refused before that was known.
    issuer: String,
    audience: String,
    /// The account's object id.
    account: String,
    /// Its user principal name, and its display name.
    name: String,
    label: String,
    /// The claims that are looked for: those that were there, and those that were not.
    claims: Vec<String>,
    missing_claims: Vec<String>,
    /// By how many milliseconds this server's clock is ahead of the tenant's, with the way of the answer in between.
    ahead: Option<i64>,
}

impl From<Tested> for Test {
    fn from(tested: Tested) -> Self {
        let outcome = tested.outcome;
        Self {
            is_good: outcome.is_good(),
            time: Moment::at(tested.at),
            actor: tested.actor,
            code: outcome.code,
            reason: outcome.sentence,
            hint: outcome.hint,
            issuer: outcome.issuer,
            audience: outcome.audience,
            account: outcome.account,
            name: outcome.name,
            label: outcome.label,
            claims: outcome.found,
            missing_claims: outcome.missing,
            ahead: outcome.ahead,
        }
    }
}

/// `PUT …/migration/entra-list/{line}`: what stands so already stays, with who and when.
async fn put(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, line)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let sent: Done = body::read(&state, &headers, body).await?;
    let actor = caller.actor();
    engine(&state)?
        .tick_migration(caller.workspace(), &name, &line, sent.is_done, &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
