//! Removing a provider: what goes is shown first, and who was assigned is kept.

use super::super::aside;
use super::super::caller::Configurer;
use super::super::connections::parameters;
use super::super::etag::Match;
use super::super::path::Path;
use super::super::problem::Result;
use super::shown;
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a person has confirmed.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ProviderRemovalConfirmed")]
pub(crate) struct Confirmed {
    /// The digest of the question that was answered with yes.
    digest: Option<String>,
}

/// `DELETE /microsoft-365-providers/{name}`.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    confirmed: std::result::Result<Query<Confirmed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    let confirmed = parameters(confirmed)?;
    let condition = Match::of(&headers)?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    condition.check(&shown::tag(&found))?;
    let confirm = Confirm {
        digest: confirmed.digest,
        ..Confirm::default()
    };
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let removed = aside(async move {
        engine
            .remove_provider(workspace, &found.name, &confirm, &actor)
            .await
    });
    let _done = removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
