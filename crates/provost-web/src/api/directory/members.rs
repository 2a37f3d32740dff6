//! Both sides of membership.

use super::super::caller::{Operator, Reader};
use super::super::connections::parameters;
use super::super::etag::Match;
use super::super::paging::{self, Page};
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::super::{body, object};
use super::lists::{Line, names};
use super::{change, find};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::directory::{self, Object};
use provost_store::member::{self, Joining, Of};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Members that one request names at most.
const MOST: usize = 1_000;

/// A page of a group's members.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Members {
    members: Vec<Line>,
    next: Option<String>,
}

/// A page of a person's groups.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GroupsOfPerson")]
pub(crate) struct Groups {
    groups: Vec<Line>,
    next: Option<String>,
}

type Sent = std::result::Result<Query<Page>, QueryRejection>;

/// `GET /groups/{who}/members`.
pub(crate) async fn of_group(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
    page: Sent,
) -> Result<Json<Members>> {
    let group = find(&state, caller.workspace(), Kind::Group, &who).await?;
    let (members, next) = list(&state, &group, Of::Group(group.key), &parameters(page)?).await?;
    Ok(Json(Members { members, next }))
}

/// `GET /people/{who}/groups`.
pub(crate) async fn of_person(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
    page: Sent,
) -> Result<Json<Groups>> {
    let person = find(&state, caller.workspace(), Kind::Person, &who).await?;
    let (groups, next) = list(&state, &person, Of::Member(person.key), &parameters(page)?).await?;
    Ok(Json(Groups { groups, next }))
}

async fn list(state: &State, object: &Object, of: Of, page: &Page) -> Result<(Vec<Line>, Option<String>)> {
    let (after, limit, workspace) = (page.key()?.unwrap_or(0), page.lines(), object.workspace);
    let read = move |tx: &mut Tx| {
        let found = member::named_page(tx, of, after, limit)?;
        Ok::<_, Problem>((found, names(tx, workspace)?))
    };
    let (found, names) = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| last.key.to_string());
    Ok((
        found.into_iter().map(|line| Line::of(line, &names)).collect(),
        next,
    ))
}

/// Who comes and who goes: ids, or userNames of people.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MemberChange")]
pub(crate) struct Change {
    /// Who is added.
    #[serde(default)]
    add: Vec<String>,
    /// Who is taken out.
    #[serde(default)]
    remove: Vec<String>,
}

/// How many memberships came or went.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MembersChanged")]
pub(crate) struct Changed {
    changed: usize,
}

/// `POST /groups/{who}/members`.
pub(crate) async fn change(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(who): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Changed>> {
    let condition = Match::of(&headers)?;
    let wanted: Change = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let group = change::open(tx, workspace, Kind::Group, &who, &condition)?;
        let change = directory::Change {
            owner: group.owned_by(),
            actor: &actor,
            now,
        };
        put(tx, &change, &group, &wanted.add, &wanted.remove)
    };
    let changed = state.db().write(write).await?;
    Ok(Json(Changed { changed }))
}

/// Adds and takes out members, all or nothing; answers how many memberships came or went.
///
/// # Errors
/// 404 for somebody who is not in the directory; 400 for a group in itself, and for too many at once.
pub(super) fn put(
    tx: &mut Tx,
    change: &directory::Change,
    group: &Object,
    add: &[String],
    remove: &[String],
) -> Result<usize> {
    if add.len() + remove.len() > MOST {
        let detail = format!(
            "{} members are named, and {MOST} may be",
            add.len() + remove.len()
        );
        return Err(Problem::request(detail, "Name fewer of them in one request."));
    }
    let joining = known(tx, group, add)?;
    let leaving = known(tx, group, remove)?;
    let leaving: Vec<_> = leaving.iter().map(|one| (one.key, one.id)).collect();
    Ok(member::add(tx, change, group, &joining)? + member::remove(tx, change, group, &leaving)?)
}

fn known(tx: &mut Tx, group: &Object, texts: &[String]) -> Result<Vec<Joining>> {
    let mut all = Vec::with_capacity(texts.len());
    for text in texts {
        let found = object::present(tx, group.workspace, text)?.ok_or_else(|| object::nobody(text))?;
        if found.key == group.key {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "PRV-GROUP-IN-ITSELF",
                "a group cannot be a member of itself",
                "Leave it out of the list.",
            ));
        }
        all.push(Joining::from(&found));
    }
    Ok(all)
}
