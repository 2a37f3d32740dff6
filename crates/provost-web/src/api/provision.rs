//! `POST /api/v1/connections/{name}/provision`: one person, or a group with some of its members, now.

use super::caller::Operator;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{body, connections, object};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Json;
use provost_sync::Provisioned;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new(
        "Plans and cycles",
        "one person, or a group with some of its members, now; answers each step",
    );
    api.post(
        "/api/v1/connections/{name}/provision",
        Act::Operate,
        provision,
        about.body::<Asked>().answers::<shape::run::Provisioned>(),
    )
}

/// Whom it is about: ids, or userNames of people.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProvisionRequest")]
pub(crate) struct Asked {
    object: String,
    #[serde(default)]
    members: Vec<String>,
}

/// Carries it out, and answers each step.
pub(crate) async fn provision(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Provisioned>> {
    let asked: Asked = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let connection = connections::find(&state, workspace, &name).await?;
    let who = object::find(&state, workspace, &asked.object).await?;
    if asked.members.len() > provost_sync::MOST_MEMBERS {
        let most = provost_sync::MOST_MEMBERS;
        let detail = format!("{} members are named, and {most} may be", asked.members.len());
        return Err(Problem::request(detail, "Name fewer of them."));
    }
    let mut members = Vec::with_capacity(asked.members.len());
    for text in &asked.members {
        members.push(object::find(&state, workspace, text).await?);
    }
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let done = engine
        .provision(connection.key, who, &members, &caller.actor())
        .await?;
    Ok(Json(done))
}
