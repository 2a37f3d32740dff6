//! Who has come, who is left, and what is decided.

use crate::api::aside;
use crate::api::body;
use crate::api::caller::{Configurer, Reader};
use crate::api::connections::parameters;
use crate::api::microsoft_365::{about, engine, find};
use crate::api::moment::Moment;
use crate::api::paging;
use crate::api::path::Path;
use crate::api::problem::{Problem, Result};
use crate::api::route::Interface;
use crate::api::shape;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::Tx;
use provost_store::migration::{self, Request, Standing};
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/onboarding",
        Act::Look,
        requests,
        about("who signed in during the migration, those that do not fit first")
            .query::<Wanted>()
            .answers::<Requests>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/onboarding/left",
        Act::Look,
        left,
        about("the people who are not onboarded and not exempt")
            .query::<LeftWanted>()
            .answers::<LeftPeople>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/onboarding/approve",
        Act::Configure,
        approve,
        about("approves a sign-in that waits: its person is linked by the object id, and signs in once more")
            .body::<Named>()
            .silent(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/onboarding/deny",
        Act::Configure,
        deny,
        about("denies a sign-in, with a reason").body::<Denied>().silent(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/onboarding/merge",
        Act::Configure,
        merge,
        about("ties a sign-in to the person who is meant, once both sides were seen")
            .body::<Both>()
            .silent(),
    )
}

/// Which sign-ins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "OnboardingWanted")]
pub(crate) struct Wanted {
    /// `mismatched`, `pending`, `approved`, `denied` or `onboarded`; without it, all.
    state: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// Somebody who signed in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OnboardingRequest")]
struct Shown {
    /// The object id.
    account: String,
    user_principal_name: String,
    display_name: String,
    /// The mail address that they typed; empty for none.
    typed: String,
    /// `mismatched`, `pending`, `approved`, `denied` or `onboarded`.
    state: &'static str,
    /// `none`, `typed`, `twice`, `mail`, `stranger`, `device` or `closed`.
    conflict: &'static str,
    /// Who fits.
    person: Option<Uuid>,
    person_label: String,
    first: Moment,
    last: Moment,
    onboarded: Option<Moment>,
    decided: Option<Moment>,
    actor: String,
    reason: String,
}

impl From<Request> for Shown {
    fn from(one: Request) -> Self {
        Self {
            state: one.standing.as_str(),
            conflict: one.conflict.as_str(),
            account: one.account,
            user_principal_name: one.name,
            display_name: one.label,
            typed: one.typed,
            person: one.person_id,
            person_label: one.person_label,
            first: Moment::at(one.first),
            last: Moment::at(one.last),
            onboarded: Moment::after_all(one.onboarded),
            decided: Moment::after_all(one.decided),
            actor: one.actor,
            reason: one.reason,
        }
    }
}

/// A page of sign-ins.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OnboardingRequests")]
pub(crate) struct Requests {
    requests: Vec<Shown>,
    next: Option<String>,
}

fn nowhere() -> Problem {
    Problem::request(
        "the list does not go on there",
        "Take `after` from the `next` of the page before, or leave it out.",
    )
}

/// `GET …/onboarding`.
async fn requests(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Requests>> {
    let wanted = parameters(wanted)?;
    let standing = wanted.state.as_deref().map(str::parse::<Standing>).transpose();
    let standing =
        standing.map_err(|error| Problem::request(error.to_string(), "Correct it, or leave it out."))?;
    let after = match wanted.after.as_deref() {
        None => None,
        Some(text) => {
            let (state, key) = text.split_once('~').ok_or_else(nowhere)?;
            let parts = (state.parse::<i64>(), key.parse::<i64>());
            let (Ok(state), Ok(key)) = parts else {
                return Err(nowhere());
            };
            Some((state, key))
        }
    };
    let provider = find(&state, caller.workspace(), &name).await?;
    let limit = paging::count(wanted.limit) as i64;
    let read = move |tx: &mut Tx| migration::requests(tx, provider.key, standing, after, limit);
    let page = state.db().read(read).await?;
    Ok(Json(Requests {
        next: page.next.map(|(state, key)| format!("{state}~{key}")),
        requests: page.requests.into_iter().map(Shown::from).collect(),
    }))
}

/// Which people.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "OnboardingLeftWanted")]
pub(crate) struct LeftWanted {
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// Somebody who is not onboarded.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OnboardingLeftPerson")]
struct LeftPerson {
    id: Uuid,
    label: String,
    user_name: String,
    /// `unlinked`, `suggested` or `linked`.
    link: &'static str,
}

/// A page of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OnboardingLeft")]
pub(crate) struct LeftPeople {
    people: Vec<LeftPerson>,
    /// A page may have few lines, even none, and still go on.
    next: Option<String>,
}

/// `GET …/onboarding/left`.
async fn left(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    wanted: std::result::Result<Query<LeftWanted>, QueryRejection>,
) -> Result<Json<LeftPeople>> {
    let wanted = parameters(wanted)?;
    let after = match wanted.after.as_deref() {
        None => None,
        Some(text) => {
            let mut parts = text.splitn(3, '~');
            let number = |part: Option<&str>| part.and_then(|text| text.parse::<i64>().ok());
            let (state, key) = (number(parts.next()), number(parts.next()));
            let (Some(state), Some(key), Some(name)) = (state, key, parts.next()) else {
                return Err(nowhere());
            };
            Some((state, name.to_owned(), key))
        }
    };
    let provider = find(&state, caller.workspace(), &name).await?;
    let (key, connection) = (provider.key, provider.connection.unwrap_or(0));
    let limit = paging::count(wanted.limit);
    let read = move |tx: &mut Tx| migration::left(tx, key, connection, after.clone(), limit);
    let page = state.db().read(read).await?;
    Ok(Json(LeftPeople {
        next: page
            .next
            .map(|(state, name, key)| format!("{state}~{key}~{name}")),
        people: page
            .people
            .into_iter()
            .map(|one| LeftPerson {
                id: one.id,
                label: one.label,
                user_name: one.name,
                link: one.link.as_str(),
            })
            .collect(),
    }))
}

/// Whose sign-in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OnboardingNamed")]
pub(crate) struct Named {
    /// The object id.
    account: String,
}

/// `POST …/onboarding/approve`.
async fn approve(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Named { account } = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .approve_onboarding(workspace, &name, &account, &actor)
            .await
    });
    let Json(()) = done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose sign-in is denied, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OnboardingDenied")]
pub(crate) struct Denied {
    /// The object id.
    account: String,
    #[serde(default)]
    reason: String,
}

/// `POST …/onboarding/deny`.
async fn deny(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Denied { account, reason } = body::read(&state, &headers, body).await?;
    engine(&state)?
        .deny_onboarding(caller.workspace(), &name, &account, &reason, &caller.actor())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Both sides, and what was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OnboardingMerge")]
pub(crate) struct Both {
    /// The object id.
    account: String,
    person: Uuid,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `POST …/onboarding/merge`.
async fn merge(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let sent: Both = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .merge_onboarding(
                workspace,
                &name,
                &sent.account,
                sent.person,
                &sent.confirm,
                &actor,
            )
            .await
    });
    let Json(()) = done.await?;
    Ok(StatusCode::NO_CONTENT)
}
