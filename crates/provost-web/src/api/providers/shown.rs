//! What is known of inbound providers.

use super::super::caller::Reader;
use super::super::connections::parameters;
use super::super::etag::Tag;
use super::super::moment::Moment;
use super::super::paging::Page;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::super::shape::provider::Settings;
use super::{look, tenant_url};
use crate::state::{State, now};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{Json, Response};
use provost_engine::object::Kind;
use provost_store::provider::{self, Provider};
use provost_store::{Tx, directory, habit, request};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// Milliseconds for which requests are counted.
const HOUR: i64 = 60 * 60 * 1000;

/// A provider in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub(crate) struct Brief {
    id: Uuid,
    name: String,
    /// `draft`, `saved` or `off`.
    state: &'static str,
    /// The role that new people get.
    role: String,
    /// The team that new people get.
    team: Option<String>,
    /// Whose habits its requests showed last.
    sends_like: Option<String>,
    first_request: Option<Moment>,
    last_request: Option<Moment>,
    /// The address that goes into the identity provider; none where the server has no public address.
    tenant_url: Option<String>,
}

/// A page of providers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Providers {
    providers: Vec<Brief>,
    next: Option<String>,
}

/// A provider with everything about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderWhole")]
pub(crate) struct Whole {
    #[serde(flatten)]
    brief: Brief,
    #[schemars(with = "Settings")]
    settings: provider::Settings,
    /// People whom it keeps.
    people: i64,
    /// Groups that it keeps.
    groups: i64,
    requests_in_the_last_hour: Requests,
    /// What it does beyond the RFC, which a strict setting would break.
    habits: Vec<Habit>,
}

/// How many requests came.
#[derive(Serialize, JsonSchema)]
struct Requests {
    all: i64,
    failed: i64,
    /// Whether all were counted: at most the newest 100,000 are.
    is_complete: bool,
}

/// A tolerated habit that was met.
#[derive(Serialize, JsonSchema)]
struct Habit {
    name: String,
    uses: i64,
    vendor: Option<&'static str>,
    source: Option<&'static str>,
    first_seen: Moment,
    last_seen: Moment,
}

/// What a list shows of a provider.
pub(super) fn brief(state: &State, one: &Provider) -> Brief {
    Brief {
        id: one.id,
        name: one.name.clone(),
        state: one.state.as_str(),
        role: one.role.clone(),
        team: one.team.clone(),
        sends_like: one.seen.map(|dialect| dialect.to_string()),
        first_request: one.first_request.map(Moment::at),
        last_request: one.last_request.map(Moment::at),
        tenant_url: tenant_url(state),
    }
}

/// The tag of what a change replaces.
pub(super) fn tag(one: &Provider) -> Tag {
    Tag::of(&(&one.name, &one.role, &one.team, one.state, &one.settings))
}

/// `GET /providers`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Providers>> {
    let page = parameters(page)?;
    let workspace = caller.workspace();
    let mut all: Vec<Provider> = state.db().read(move |tx| provider::all(tx, workspace)).await?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let after = page.after.as_deref().unwrap_or_default();
    let mut rest = all.iter().skip_while(|one| one.name.as_str() <= after);
    let limit = usize::try_from(page.lines()).unwrap_or(1);
    let shown: Vec<&Provider> = rest.by_ref().take(limit).collect();
    let next = rest.next().and(shown.last()).map(|last| last.name.clone());
    let providers = shown.into_iter().map(|one| brief(&state, one)).collect();
    Ok(Json(Providers { providers, next }))
}

/// `GET /providers/{provider}`.
pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let workspace = caller.workspace();
    let read = move |tx: &mut Tx| look(tx, workspace, &name);
    let found = state.db().read_short(read).await?;
    answer(&state, found).await
}

/// An answer with everything about a provider, and its tag.
///
/// # Errors
/// Any error of the store.
pub(super) async fn answer(state: &State, found: Provider) -> Result<Response> {
    let (tag, brief, since) = (tag(&found), brief(state, &found), now() - HOUR);
    let read = move |tx: &mut Tx| {
        let requests = request::counts(tx, found.key, since)?;
        let people = directory::count_owned(tx, found.owner(), Kind::Person)?;
        let groups = directory::count_owned(tx, found.owner(), Kind::Group)?;
        let habits = habit::of_provider(tx, found.key)?;
        Ok::<_, Problem>((found.settings.clone(), requests, people, groups, habits))
    };
    let (settings, requests, people, groups, habits) = state.db().read(read).await?;
    let whole = Whole {
        brief,
        settings,
        people,
        groups,
        requests_in_the_last_hour: Requests {
            all: requests.all,
            failed: requests.failed,
            is_complete: !requests.is_cut,
        },
        habits: habits.into_iter().map(shown).collect(),
    };
    Ok(tag.on(StatusCode::OK, whole))
}

fn shown(one: habit::Count) -> Habit {
    let known = one.habit();
    Habit {
        uses: one.uses,
        vendor: known.map(|habit| habit.vendor()),
        source: known.map(|habit| habit.source()),
        first_seen: Moment::at(one.first_seen),
        last_seen: Moment::at(one.last_seen),
        name: one.name,
    }
}
