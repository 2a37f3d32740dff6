//! Lists of people and groups by name.

use super::super::caller::Reader;
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::problem::{Problem, Result};
use super::super::{paging, providers};
use crate::state::State;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::directory::{self, Listing, NamedLine};
use provost_store::{Tx, provider};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who is listed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// The beginning of a name, a display name or an e-mail address, in any letter case.
    search: Option<String>,
    /// Only what this inbound provider keeps: its name or id.
    provider: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// Names of inbound providers by their keys.
pub(super) type Names = BTreeMap<i64, String>;

/// The names of the workspace's providers.
///
/// # Errors
/// Any error of the store.
pub(super) fn names(tx: &mut Tx, workspace: i64) -> provost_store::Result<Names> {
    let all = provider::all(tx, workspace)?.into_iter();
    Ok(all.map(|one| (one.key, one.name)).collect())
}

/// A person or a group in a list.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    /// Its id.
    id: Uuid,
    /// `person` or `group`.
    kind: &'static str,
    /// The userName, or a group's displayName.
    name: String,
    /// What to call it.
    label: String,
    /// The first e-mail address.
    email: Option<String>,
    /// The inbound provider that keeps it; none for the directory's own.
    provider: Option<String>,
    /// `active`, `inactive` or `blocked`.
    state: &'static str,
    /// When it last changed.
    modified: Moment,
}

impl Line {
    pub fn of(line: NamedLine, names: &Names) -> Self {
        Self {
            id: line.id,
            kind: word(line.kind),
            provider: names.get(&line.owner).cloned(),
            state: match (line.blocked, line.active) {
                (true, _) => "blocked",
                (false, true) => "active",
                (false, false) => "inactive",
            },
            modified: Moment::at(line.modified),
            name: line.name,
            label: line.label,
            email: line.email,
        }
    }
}

/// The word for a kind.
pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person",
        Kind::Group => "group",
    }
}

/// A page of people. A page of a search may have fewer lines than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct People {
    people: Vec<Line>,
    next: Option<String>,
}

/// A page of groups. A page of a search may have fewer lines than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Groups {
    groups: Vec<Line>,
    next: Option<String>,
}

type Sent = std::result::Result<Query<Asked>, extract::rejection::QueryRejection>;

/// `GET /people`.
pub(crate) async fn people(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: Sent,
) -> Result<Json<People>> {
    let (people, next) = page(&state, caller.workspace(), Kind::Person, parameters(asked)?).await?;
    Ok(Json(People { people, next }))
}

/// `GET /groups`.
pub(crate) async fn groups(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: Sent,
) -> Result<Json<Groups>> {
    let (groups, next) = page(&state, caller.workspace(), Kind::Group, parameters(asked)?).await?;
    Ok(Json(Groups { groups, next }))
}

async fn page(
    state: &State,
    workspace: i64,
    kind: Kind,
    asked: Asked,
) -> Result<(Vec<Line>, Option<String>)> {
    let owner = match &asked.provider {
        Some(text) => Some(providers::find(state, workspace, text).await?.key),
        None => None,
    };
    let listing = Listing {
        workspace,
        kind,
        search: asked.search,
        after: asked.after,
        owner,
    };
    let limit = paging::count(asked.limit);
    let read = move |tx: &mut Tx| {
        let page = directory::list_named(tx, &listing, limit)?;
        Ok::<_, Problem>((page, names(tx, workspace)?))
    };
    let (page, names) = state.db().read(read).await?;
    let lines = page
        .lines
        .into_iter()
        .map(|line| Line::of(line, &names))
        .collect();
    Ok((lines, page.next))
}
