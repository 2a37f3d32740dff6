//! Adding a provider, and changing what may change of it.

use super::super::aside;
use super::super::body;
use super::super::caller::Configurer;
use super::super::etag::Match;
use super::super::path::Path;
use super::super::problem::Result;
use super::check::Checked;
use super::shown::{self, Brief};
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_sync::microsoft_365::{LINK_KEY, ProviderDraft, ProviderEdit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A provider as it is entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewMicrosoft365Provider")]
pub(crate) struct New {
    /// Its display name, which cannot be changed later.
    name: String,
    /// A second name, which can.
    #[serde(default)]
    label: String,
    /// What ties a person to an account: `User: UDI`, and nothing else.
    #[serde(default = "link_key")]
    link_key: String,
    /// The domain that people sign in with, such as `contoso.example`; never the initial one.
    domain: String,
    /// The first part of the initial domain: `contoso` of `contoso.onmicrosoft.com`.
    tenant_name: String,
    /// `worldwide`, unless the tenant is in a national cloud.
    #[serde(default)]
    cloud: String,
    /// Other addresses than the cloud's own: `login_url`, `graph_url`, `allow_private_network`.
    #[serde(default)]
    settings: Map<String, Value>,
}

fn link_key() -> String {
    LINK_KEY.to_owned()
}

impl New {
    pub(super) fn into_draft(self) -> ProviderDraft {
        ProviderDraft {
            name: self.name,
            label: self.label,
            link_key: self.link_key,
            domain: self.domain,
            tenant_name: self.tenant_name,
            cloud: self.cloud,
            settings: Value::Object(self.settings),
        }
    }
}

/// A provider that was made, and what was found of each field.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Microsoft365ProviderMade")]
pub(crate) struct Made {
    #[serde(flatten)]
    provider: Brief,
    checked: Checked,
}

/// `POST /microsoft-365-providers`: with any field that is refused, nothing is saved.
pub(super) async fn add(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>)> {
    let entered: New = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let draft = entered.into_draft();
    let added = aside(async move { engine.add_provider(workspace, &draft, &actor).await });
    let Json((provider, checked)) = added.await?;
    let provider = shown::brief(&provider, None);
    let checked = checked.into();
    Ok((StatusCode::CREATED, Json(Made { provider, checked })))
}

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Microsoft365ProviderChange")]
pub(crate) struct Changed {
    /// Refused: it cannot change.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    label: Option<String>,
    /// Refused: it cannot change.
    #[serde(default)]
    link_key: Option<String>,
    /// While nobody is assigned and nothing is federated.
    #[serde(default)]
    domain: Option<String>,
    /// While nobody is assigned and nothing is federated.
    #[serde(default)]
    tenant_name: Option<String>,
}

/// `PATCH /microsoft-365-providers/{name}`.
pub(super) async fn change(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let changed: Changed = body::read(&state, &headers, body).await?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    condition.check(&shown::tag(&found))?;
    let edit = ProviderEdit {
        name: changed.name,
        label: changed.label,
        link_key: changed.link_key,
        domain: changed.domain,
        tenant_name: changed.tenant_name,
    };
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let edited = aside(async move { engine.edit_provider(workspace, &found.name, &edit, &actor).await });
    let Json(after) = edited.await?;
    shown::answer(&state, after).await
}
