//! Setup links: pages for a customer's administrator. They are made in the console, which shows them once.

use super::super::caller::{Configurer, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::paging::{self, Page};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::find;
use crate::state::{State, now};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Json;
use provost_store::setup_link::{self, SetupLink};
use schemars::JsonSchema;
use serde::Serialize;

/// A setup link in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SetupLink")]
struct Line {
    key: i64,
    label: String,
    /// `valid`, `expired` or `revoked`.
    state: &'static str,
    created: Moment,
    actor: String,
    expires: Moment,
    revoked: Option<Moment>,
    /// When it was first opened.
    opened: Option<Moment>,
    /// The key of the token that was made through it.
    token: Option<i64>,
}

/// A page of setup links.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SetupLinks")]
pub(crate) struct Links {
    setup_links: Vec<Line>,
    next: Option<String>,
}

/// `GET /providers/{provider}/setup-links`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Links>> {
    let page = parameters(page)?;
    let provider = find(&state, caller.workspace(), &name).await?;
    let (after, limit) = (page.key()?.unwrap_or(0), page.lines());
    let read = move |tx: &mut provost_store::Tx| {
        setup_link::list(tx, provider.workspace, provider.key, after, limit)
    };
    let found: Vec<SetupLink> = state.db().read(read).await?;
    let (next, now) = (paging::next(&found, limit, |last| last.key.to_string()), now());
    let setup_links = found.into_iter().map(|one| line(one, now)).collect();
    Ok(Json(Links { setup_links, next }))
}

fn line(one: SetupLink, now: i64) -> Line {
    Line {
        state: super::validity::standing(one.revoked, one.expires > now),
        key: one.key,
        label: one.label,
        created: Moment::at(one.created),
        actor: one.actor,
        expires: Moment::at(one.expires),
        revoked: one.revoked.map(Moment::at),
        opened: one.opened.map(Moment::at),
        token: one.token,
    }
}

/// `DELETE /providers/{provider}/setup-links/{key}`.
pub(crate) async fn revoke(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let provider = find(&state, caller.workspace(), &name).await?;
    let (actor, now, workspace) = (caller.actor(), now(), provider.workspace);
    let write = move |tx: &mut provost_store::Tx| setup_link::revoke(tx, &actor, now, workspace, key);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let list = "providers/{provider}/setup-links";
    Err(Problem::unknown(
        "PRV-SETUP-LINK-UNKNOWN",
        "live setup link",
        &key.to_string(),
        list,
    ))
}
