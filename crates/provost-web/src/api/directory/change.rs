//! Adding, changing and deleting people and groups of the directory's own.

use super::super::body;
use super::super::caller::Operator;
use super::super::etag::Match;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::shown::{answer, tag};
use super::{look, members, nobody, refuse_owned};
use crate::scim::own;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::provider::{Permission, check_role};
use provost_store::{Tx, extension, team};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A person who is added.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// The attributes, as in SCIM; `userName` is required.
    attributes: Map<String, Value>,
    /// The role; without it, `user`.
    #[serde(default)]
    role: Option<String>,
    /// The team, by its name.
    #[serde(default)]
    team: Option<String>,
    /// What the person may do in the team: `read`, `write` or `manage`.
    #[serde(default)]
    permission: Option<String>,
}

/// A group that is added.
#[derive(Deserialize, JsonSchema, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    /// The attributes, as in SCIM; `displayName` is required.
    attributes: Map<String, Value>,
    /// Who is in it: ids, or userNames of people.
    #[serde(default)]
    members: Vec<String>,
}

/// Attributes that change.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// The attributes that change; `null` takes one away, and what is left out stays (RFC 7396).
    attributes: Map<String, Value>,
}

/// Who is added to whose directory.
fn owner(workspace: i64) -> Owner {
    Owner {
        workspace,
        key: workspace,
    }
}

/// `POST /people`.
pub(crate) async fn add_person(
    extract::State(state): extract::State<State>,
    caller: Operator,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let new: NewPerson = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let placement = placement(tx, workspace, &new)?;
        let catalogue = extension::catalogue(tx, workspace)?;
        let change = Change {
            owner: owner(workspace),
            actor: &actor,
            now,
        };
        Ok::<_, Problem>(own::create(
            tx,
            &catalogue,
            &change,
            Kind::Person,
            &new.attributes,
            &placement,
        )?)
    };
    let made: Object = state.db().write(write).await?;
    answer(&state, StatusCode::CREATED, made).await
}

/// Role, team and permission, each checked.
fn placement<'n>(tx: &mut Tx, workspace: i64, new: &'n NewPerson) -> Result<Placement<'n>> {
    let role = new.role.as_deref().unwrap_or("user");
    check_role(role)?;
    if let Some(name) = &new.team
        && team::by_name(tx, workspace, name)?.is_none()
    {
        return Err(Problem::unknown("PRV-TEAM-UNKNOWN", "team", name, "teams"));
    }
    let permission: Option<Permission> = new.permission.as_deref().map(str::parse).transpose()?;
    if permission.is_some() && new.team.is_none() {
        let hint = "Name the team, or leave the permission out.";
        return Err(Problem::request(
            "a permission holds in a team, and none is named",
            hint,
        ));
    }
    Ok(Placement {
        role,
        team: new.team.as_deref(),
        permission: permission.map(Permission::as_str),
    })
}

/// `POST /groups`.
pub(crate) async fn add_group(
    extract::State(state): extract::State<State>,
    caller: Operator,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let new: NewGroup = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let catalogue = extension::catalogue(tx, workspace)?;
        let change = Change {
            owner: owner(workspace),
            actor: &actor,
            now,
        };
        let none = Placement {
            role: "user",
            team: None,
            permission: None,
        };
        let group = own::create(tx, &catalogue, &change, Kind::Group, &new.attributes, &none)?;
        members::put(tx, &change, &group, &new.members, &[])?;
        Ok::<_, Problem>(directory::by_key(tx, group.key)?.unwrap_or(group))
    };
    let made: Object = state.db().write(write).await?;
    answer(&state, StatusCode::CREATED, made).await
}

/// `PATCH /people/{who}`.
pub(crate) async fn change_person(
    state: extract::State<State>,
    caller: Operator,
    who: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    change(state, caller, Kind::Person, who, headers, body).await
}

/// `PATCH /groups/{who}`.
pub(crate) async fn change_group(
    state: extract::State<State>,
    caller: Operator,
    who: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    change(state, caller, Kind::Group, who, headers, body).await
}

async fn change(
    extract::State(state): extract::State<State>,
    caller: Operator,
    kind: Kind,
    Path(who): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let entered: Changed = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = open(tx, workspace, kind, &who, &condition)?;
        let catalogue = extension::catalogue(tx, workspace)?;
        let change = Change {
            owner: found.owned_by(),
            actor: &actor,
            now,
        };
        let after = own::change(tx, &catalogue, &change, &found, &entered.attributes)?;
        Ok::<_, Problem>(after.unwrap_or(found))
    };
    let after: Object = state.db().write(write).await?;
    answer(&state, StatusCode::OK, after).await
}

/// The object that is to be changed, when it may be and is as the caller believes.
pub(super) fn open(tx: &mut Tx, workspace: i64, kind: Kind, who: &str, condition: &Match) -> Result<Object> {
    let found = look(tx, workspace, kind, who)?.ok_or_else(|| nobody(kind, who))?;
    condition.check(&tag(&found))?;
    refuse_owned(tx, &found)?;
    Ok(found)
}

/// `DELETE /people/{who}`.
pub(crate) async fn delete_person(
    state: extract::State<State>,
    caller: Operator,
    who: Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    delete(state, caller, Kind::Person, who, headers).await
}

/// `DELETE /groups/{who}`.
pub(crate) async fn delete_group(
    state: extract::State<State>,
    caller: Operator,
    who: Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    delete(state, caller, Kind::Group, who, headers).await
}

async fn delete(
    extract::State(state): extract::State<State>,
    caller: Operator,
    kind: Kind,
    Path(who): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    let condition = Match::of(&headers)?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = open(tx, workspace, kind, &who, &condition)?;
        let change = Change {
            owner: found.owned_by(),
            actor: &actor,
            now,
        };
        Ok::<_, Problem>(directory::delete(tx, &change, &found)?)
    };
    state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
