//! What is known of Microsoft 365 providers.

use super::super::caller::Reader;
use super::super::connections::parameters;
use super::super::etag::Tag;
use super::super::moment::Moment;
use super::super::paging::{self, Page};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{Json, Response};
use provost_store::Tx;
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365::{self, Provider};
use provost_sync::microsoft_365::{Values, provider_values};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// A provider in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Microsoft365Provider")]
pub(crate) struct Brief {
    id: Uuid,
    /// Its display name, for good.
    name: String,
    /// Its second name; may be empty.
    label: String,
    /// What ties a person to an account: `User: UDI`.
    link_key: String,
    domain: String,
    /// `contoso` of `contoso.onmicrosoft.com`.
    tenant_name: String,
    tenant_id: Option<String>,
    /// `verified` or `unverified`: what a look at the tenant showed last.
    domain_state: &'static str,
    domain_checked: Option<Moment>,
    /// `draft`, `active` or `federated`.
    state: &'static str,
    /// Since when it is in this state.
    since: Moment,
    /// `federation`, or `provisioning_only` where an owner decided so.
    mode: &'static str,
    mode_changed: Option<Moment>,
    mode_reason: String,
    /// Whether people and groups can be assigned to it.
    is_assignable: bool,
    /// The connection that provisions it; none before its credentials were saved.
    connection: Option<String>,
    created: Moment,
    /// Who added it.
    actor: String,
}

/// A page of providers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Microsoft365Providers")]
pub(crate) struct Providers {
    microsoft_365_providers: Vec<Brief>,
    next: Option<String>,
}

/// A provider with everything about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Microsoft365ProviderWhole")]
pub(crate) struct Whole {
    #[serde(flatten)]
    brief: Brief,
    /// When the section Authentication was saved.
    authentication: Option<Moment>,
    /// What Entra and Microsoft 365 are told of this server, when people sign in by it.
    values: SignInValues,
    /// The state of the connection, where there is one.
    connection_state: Option<&'static str>,
    /// How many people and groups are assigned.
    assigned: i64,
    /// How many were assigned before a provider of the domain was removed.
    detached: i64,
}

/// Addresses of this server that are entered at Microsoft.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderValues")]
struct SignInValues {
    /// The identifier (entity id) of the application that people are matched by.
    sp_entity_id: String,
    /// Its reply address (assertion consumer service).
    sp_acs: String,
    issuer: String,
    /// Where people are sent to sign in, by SAML 2.0.
    sign_in: String,
    /// The same by WS-Federation.
    ws_federation: String,
    /// What clients of WS-Federation ask for (WS-MetadataExchange).
    mex: String,
    sign_out: String,
    /// The metadata of SAML 2.0.
    metadata: String,
    ws_federation_metadata: String,
}

impl From<Values> for SignInValues {
    fn from(values: Values) -> Self {
        Self {
            sp_entity_id: values.sp_entity_id,
            sp_acs: values.sp_acs,
            issuer: values.issuer,
            sign_in: values.sign_in,
            ws_federation: values.ws_federation,
            mex: values.mex,
            sign_out: values.sign_out,
            metadata: values.metadata,
            ws_federation_metadata: values.ws_federation_metadata,
        }
    }
}

/// What a list shows of a provider.
pub(super) fn brief(one: &Provider, connection: Option<String>) -> Brief {
    Brief {
        id: one.id,
        name: one.name.clone(),
        label: one.label.clone(),
        link_key: one.link_key.clone(),
        domain: one.domain.clone(),
        tenant_name: one.tenant_name.clone(),
        tenant_id: one.tenant_id.clone(),
        domain_state: one.domain_state.as_str(),
        domain_checked: Moment::after_all(one.domain_checked),
        state: one.state.as_str(),
        since: Moment::at(one.since),
        mode: one.mode.as_str(),
        mode_changed: Moment::after_all(one.mode_changed),
        mode_reason: one.mode_reason.clone(),
        is_assignable: one.is_assignable(),
        connection,
        created: Moment::at(one.created),
        actor: one.actor.clone(),
    }
}

/// The tag of what a change replaces.
pub(super) fn tag(one: &Provider) -> Tag {
    Tag::of(&(one.id, one.version))
}

fn connected(tx: &mut Tx, one: &Provider) -> Result<Option<Connection>> {
    match one.connection {
        Some(key) => Ok(connection::by_key(tx, key)?),
        None => Ok(None),
    }
}

/// `GET /microsoft-365-providers`.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Providers>> {
    let page = parameters(page)?;
    let (workspace, limit) = (caller.workspace(), page.lines());
    let after = page.after.unwrap_or_default();
    let read = move |tx: &mut Tx| {
        let found = microsoft_365::list(tx, workspace, &after, limit)?;
        let next = paging::next(&found, limit, |last| last.name.clone());
        let mut shown = Vec::with_capacity(found.len());
        for one in &found {
            let connection = connected(tx, one)?.map(|connection| connection.name);
            shown.push(brief(one, connection));
        }
        Ok::<_, Problem>((shown, next))
    };
    let (microsoft_365_providers, next) = state.db().read(read).await?;
    Ok(Json(Providers {
        microsoft_365_providers,
        next,
    }))
}

/// `GET /microsoft-365-providers/{name}`.
pub(super) async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let found = super::find(&state, caller.workspace(), &name).await?;
    answer(&state, found).await
}

/// An answer with everything about a provider, and its tag.
///
/// # Errors
/// Any error of the store.
pub(super) async fn answer(state: &State, found: Provider) -> Result<Response> {
    let values = provider_values(state.public_url(), &found);
    let one = found.clone();
    let read = move |tx: &mut Tx| {
        let connection = connected(tx, &one)?;
        let assigned = match &connection {
            Some(connection) => provost_store::assignment::count(tx, connection.key)?,
            None => 0,
        };
        let detached = microsoft_365::detached_count(tx, one.workspace, &one.domain)?;
        Ok::<_, Problem>((connection, assigned, detached))
    };
    let (connection, assigned, detached): (Option<Connection>, _, _) = state.db().read(read).await?;
    let connection_state = connection.as_ref().map(|one| one.state.name());
    let whole = Whole {
        authentication: Moment::after_all(found.authentication),
        values: values.into(),
        connection_state,
        assigned,
        detached,
        brief: brief(&found, connection.map(|one| one.name)),
    };
    Ok(tag(&found).on(StatusCode::OK, whole))
}
