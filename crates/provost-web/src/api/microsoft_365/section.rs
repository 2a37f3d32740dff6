//! The sections Authentication and Provisioning.

use super::super::aside;
use super::super::body;
use super::super::caller::Configurer;
use super::super::etag::Match;
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::Result;
use super::shown;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::{Json, Response};
use provost_connect::Secret;
use provost_connect::graph::permission::Function;
use provost_sync::microsoft_365::{Credentials, ProviderTried};
use schemars::JsonSchema;
use serde::Deserialize;

/// Nothing has to be entered.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderAuthentication")]
pub(crate) struct Authentication {}

/// `PUT /microsoft-365-providers/{name}/authentication`.
pub(super) async fn authentication(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let Authentication {} = body::read(&state, &headers, body).await?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    condition.check(&shown::tag(&found))?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let after = engine
        .configure_provider_authentication(workspace, &found.name, &actor)
        .await?;
    shown::answer(&state, after).await
}

/// The application's credentials. No answer ever has them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderCredential")]
pub(crate) struct Credential {
    /// The application (client) id, or an address of the portal that has it.
    client_id: String,
    /// The tenant's id, one of its domains, or an address of the portal that has it.
    tenant: String,
    /// The value of a client secret, not its id.
    #[serde(default)]
    client_secret: Option<String>,
    /// A certificate with its key, in one text (PEM); in the place of a secret.
    #[serde(default)]
    certificate: Option<String>,
    /// When the credential ends, RFC 3339.
    #[serde(default)]
    secret_expires: Option<String>,
    /// What the connection is to do: `people` (always), `groups`, `licences`, `passwords`, `sessions`, `restore`; left
    /// out, what is saved stays. One whose right is missing stays off, and the answer names the right.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    functions: Option<Vec<Function>>,
}

impl Credential {
    fn into_credentials(self) -> Result<Credentials> {
        Ok(Credentials {
            client_id: self.client_id,
            tenant: self.tenant,
            secret: self.client_secret.map(Secret::new),
            certificate: self.certificate.map(Secret::new),
            expires: Moment::read("secret_expires", self.secret_expires.as_deref())?,
            functions: self.functions,
        })
    }
}

/// `PUT /microsoft-365-providers/{name}/provisioning`: what works stays in force until something better does.
pub(super) async fn provisioning(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ProviderTried>> {
    let condition = Match::of(&headers)?;
    let entered: Credential = body::read(&state, &headers, body).await?;
    let credentials = entered.into_credentials()?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    condition.check(&shown::tag(&found))?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    aside(async move {
        engine
            .configure_provider_provisioning(workspace, &found.name, &credentials, &actor)
            .await
    })
    .await
}

/// `POST /microsoft-365-providers/{name}/provisioning/test`: a step that fails is part of the answer.
pub(super) async fn attempt(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ProviderTried>> {
    let entered: Credential = body::read(&state, &headers, body).await?;
    let credentials = entered.into_credentials()?;
    let found = super::find(&state, caller.workspace(), &name).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    aside(async move {
        engine
            .try_provider_credentials(workspace, &found.name, &credentials)
            .await
    })
    .await
}
