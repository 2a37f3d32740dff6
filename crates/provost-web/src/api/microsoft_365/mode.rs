//! Whether a provider is used without federation: a decision of its own, and an owner's.

use super::super::aside;
use super::super::body;
use super::super::caller::Configurer;
use super::super::etag::Match;
use super::super::path::Path;
use super::super::problem::Result;
use super::super::shape;
use super::shown;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::{Json, Response};
use provost_store::microsoft_365::Mode;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::Deserialize;

/// What was decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderModeChange")]
pub(crate) struct Chosen {
    /// `provisioning_only`: accounts without federation, for good; `federation`: people are assigned once the domain
    /// is federated.
    #[schemars(with = "String")]
    mode: Mode,
    /// Why, for the audit log.
    #[serde(default)]
    reason: String,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `PUT /microsoft-365-providers/{name}/mode`.
pub(super) async fn set(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let chosen: Chosen = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    condition.check(&shown::tag(&found))?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let decided = aside(async move {
        let Chosen {
            mode,
            reason,
            confirm,
        } = chosen;
        engine
            .set_provider_mode(workspace, &found.name, mode, &reason, &confirm, &actor)
            .await
    });
    let Json(after) = decided.await?;
    shown::answer(&state, after).await
}
