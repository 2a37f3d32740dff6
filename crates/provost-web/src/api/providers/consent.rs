//! The tenant of Microsoft Entra that a provider belongs to, and the application that administrators consent to. The
//! consent itself is asked for in a browser, by which it is bound: here is where.

use super::super::body;
use super::super::caller::{Configurer, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::find;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_connect::Secret;
use provost_signin::{ApplicationChange, Error, SignIn};
use provost_store::entra_application::{self, LOGIN, PERMISSIONS};
use provost_store::{Error as Store, Tx, tenant_consent, workspace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Other providers of the same tenant that are named.
const OTHERS: i64 = 100;

/// What is known of a provider's tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantConsent")]
pub(crate) struct Shown {
    /// Whether there is an application to consent to, with its secret.
    can_be_asked: bool,
    /// The page on which an administrator asks for the consent; for the customer's own there are setup links.
    begin: String,
    /// What was recorded; none as long as nobody has consented.
    recorded: Option<Recorded>,
    /// The workspace's other providers that belong to the same tenant.
    same_tenant: Vec<String>,
}

/// A tenant that was recorded.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordedTenant")]
struct Recorded {
    /// The tenant's id.
    tenant: String,
    /// Who consented, as their tenant calls them.
    account: String,
    /// Who they were here.
    actor: String,
    /// The application that they consented to.
    client_id: String,
    /// When the tenant was recorded for the first time.
    first: Moment,
    /// When it was last consented to.
    at: Moment,
}

/// `GET /providers/{provider}/consent`.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Shown>> {
    let provider = find(&state, caller.workspace(), &name).await?;
    let key = provider.workspace;
    let named = provider.name.clone();
    let read = move |tx: &mut Tx| {
        let kept = tenant_consent::get(tx, provider.key)?;
        let others = match &kept {
            Some(kept) => tenant_consent::others(tx, kept, OTHERS)?,
            None => Vec::new(),
        };
        let can_be_asked = entra_application::has_secret(tx, key)?;
        let space = workspace::by_key(tx, key)?;
        Ok::<_, Store>((kept, others, can_be_asked, space.map(|one| one.name)))
    };
    let (kept, same_tenant, can_be_asked, space) = state.db().read_short(read).await?;
    let base = state.public_url();
    let segment = crate::console::address::escaped;
    Ok(Json(Shown {
        can_be_asked,
        begin: format!(
            "{base}/w/{}/providers/{}/authenticate",
            segment(&space.unwrap_or_default()),
            segment(&named)
        ),
        recorded: kept.map(|kept| Recorded {
            tenant: kept.tenant,
            account: kept.account,
            actor: kept.actor,
            client_id: kept.client_id,
            first: Moment::at(kept.first),
            at: Moment::at(kept.at),
        }),
        same_tenant,
    }))
}

/// Which tenant is released.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TenantReleased")]
pub(crate) struct Released {
    /// The id of the tenant that is recorded: nothing is released by mistake.
    tenant: String,
}

/// `DELETE /providers/{provider}/consent`.
pub(crate) async fn release(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Released>, QueryRejection>,
) -> Result<StatusCode> {
    let asked = parameters(asked)?;
    let provider = find(&state, caller.workspace(), &name).await?;
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| tenant_consent::release(tx, &actor, now, &provider, &asked.tenant);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let list = "providers/{provider}/consent";
    Err(Problem::unknown(
        "PRV-CONSENT-NONE",
        "recorded tenant of the provider",
        &name,
        list,
    ))
}

/// The application that administrators of tenants consent to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EntraApplication")]
pub(crate) struct Application {
    /// Its id; none as long as it is not set.
    client_id: Option<String>,
    /// The sign-in service.
    login: String,
    /// What is asked for, separated by spaces.
    permissions: String,
    /// Whether it has a client secret, which is never shown.
    has_secret: bool,
    /// The redirect address to be registered with it.
    redirect_uri: Option<String>,
}

/// `GET /entra-application`.
pub(crate) async fn application(
    extract::State(state): extract::State<State>,
    caller: Reader,
) -> Result<Json<Application>> {
    shown(&state, caller.workspace()).await
}

async fn shown(state: &State, workspace: i64) -> Result<Json<Application>> {
    let read = move |tx: &mut Tx| {
        let found = entra_application::get(tx, workspace)?;
        Ok::<_, Store>((found, entra_application::has_secret(tx, workspace)?))
    };
    let (found, has_secret) = state.db().read_short(read).await?;
    let redirect_uri = state.signin().map(SignIn::consent_url);
    Ok(Json(match found {
        Some(found) => Application {
            client_id: Some(found.client_id),
            login: found.login,
            permissions: found.permissions,
            has_secret,
            redirect_uri,
        },
        None => Application {
            client_id: None,
            login: LOGIN.to_owned(),
            permissions: PERMISSIONS.to_owned(),
            has_secret,
            redirect_uri,
        },
    }))
}

/// What is to be set of the application.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EntraApplicationChange")]
pub(crate) struct Change {
    /// Its id, a GUID.
    client_id: String,
    /// The sign-in service; without it, that of the public cloud.
    login: Option<String>,
    /// What is asked for; without it, all that the registration lists.
    permissions: Option<String>,
    /// A new client secret; without it, the one that is kept stays, when id and service stay.
    client_secret: Option<String>,
}

/// `PUT /entra-application`.
pub(crate) async fn set_application(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Application>> {
    let change: Change = body::read(&state, &headers, body).await?;
    let Some(signin) = state.signin() else {
        return Err(Problem::without_engine());
    };
    let change = ApplicationChange {
        client_id: change.client_id,
        login: change.login.unwrap_or_else(|| LOGIN.to_owned()),
        permissions: change.permissions.unwrap_or_else(|| PERMISSIONS.to_owned()),
        client_secret: change.client_secret.map(Secret::new),
    };
    let workspace = caller.workspace();
    let set = signin
        .entra_application_set(workspace, &caller.actor(), None, change, now())
        .await;
    match set {
        Ok(_) => shown(&state, workspace).await,
        Err(Error::Store(error)) => Err(error.into()),
        Err(error) => Err(Problem::from(Store::Refused {
            code: error.code(),
            sentence: error.sentence(),
            hint: error.hint(),
        })),
    }
}

/// `DELETE /entra-application`.
pub(crate) async fn remove_application(
    extract::State(state): extract::State<State>,
    caller: Configurer,
) -> Result<StatusCode> {
    let (actor, now, workspace) = (caller.actor(), now(), caller.workspace());
    let write = move |tx: &mut Tx| entra_application::remove(tx, &actor, now, workspace);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::unknown(
        "PRV-CONSENT-UNSET",
        "application of the workspace",
        "in Microsoft Entra",
        "entra-application",
    ))
}
