//! Asking whether the general settings of a provider hold, before and after they are saved.

use super::super::aside;
use super::super::body;
use super::super::caller::Configurer;
use super::super::path::Path;
use super::super::problem::Result;
use super::super::shape::setup::FieldChecked;
use super::change::New;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Json;
use provost_sync::microsoft_365::{FieldLine, ProviderChecked};
use schemars::JsonSchema;
use serde::Serialize;

/// What a look at each field found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderChecked")]
pub(crate) struct Checked {
    /// Whether it could be saved so.
    is_ok: bool,
    #[schemars(with = "Vec<FieldChecked>")]
    lines: Vec<FieldLine>,
    /// `verified`: the domain is the tenant's; `unverified`: nobody could say so yet.
    domain_state: &'static str,
    /// The domain as it is kept.
    domain: String,
    /// The tenant's name as it is kept.
    tenant_name: String,
    /// The tenant's id, where the domain told it.
    tenant_id: Option<String>,
}

impl From<ProviderChecked> for Checked {
    fn from(found: ProviderChecked) -> Self {
        Self {
            is_ok: found.ok(),
            lines: found.lines,
            domain_state: found.domain.as_str(),
            domain: found.domain_normal,
            tenant_name: found.tenant_name_normal,
            tenant_id: found.tenant_id,
        }
    }
}

/// `POST /microsoft-365-provider-checks`: what is refused is part of the answer.
pub(super) async fn draft(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Checked>> {
    let entered: New = body::read(&state, &headers, body).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    let draft = entered.into_draft();
    let Json(found) = aside(async move { engine.check_provider(workspace, &draft).await }).await?;
    Ok(Json(found.into()))
}

/// `POST /microsoft-365-providers/{name}/check`.
pub(super) async fn again(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<Json<Checked>> {
    let found = super::find(&state, caller.workspace(), &name).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let asked = aside(async move { engine.recheck_provider(workspace, &found.name, &actor).await });
    let Json(found) = asked.await?;
    Ok(Json(found.into()))
}
