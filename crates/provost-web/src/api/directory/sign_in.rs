//! How a person signs in for themselves: passkeys, sessions, and the links by which they begin.

use super::super::caller::{Operator, Reader};
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::super::route::{Interface, Operation};
use super::{PEOPLE, find};
use crate::policy::Act;
use crate::signin::me;
use crate::state::{State, now};
use axum::extract;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Json, Response};
use provost_engine::object::Kind;
use provost_signin::Error;
use provost_signin::person::{Closed, Grant, Kept, Overseen, Passkey, People, Session};
use provost_store::workspace;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new(PEOPLE, summary);
    api.get(
        "/api/v1/people/{who}/sign-in",
        Act::Look,
        show,
        about("how a person signs in for themselves").answers::<SignIn>(),
    )
    .post(
        "/api/v1/people/{who}/sign-in/links",
        Act::Access,
        make_link,
        about(
            "a link by which a person makes a passkey, once; it takes the place of those that were not used",
        )
        .makes::<MadeLink>(),
    )
    .delete(
        "/api/v1/people/{who}/sign-in/links/{key}",
        Act::Access,
        withdraw_link,
        about("withdraws a link").silent(),
    )
    .delete(
        "/api/v1/people/{who}/sign-in/sessions",
        Act::Access,
        end_sessions,
        about("ends all sessions of a person").silent(),
    )
    .delete(
        "/api/v1/people/{who}/sign-in/sessions/{key}",
        Act::Access,
        end_session,
        about("ends one session of a person").silent(),
    )
    .delete(
        "/api/v1/people/{who}/sign-in/passkeys/{key}",
        Act::Access,
        take_passkey,
        about("takes a passkey from a person; their sessions end").silent(),
    )
}

/// How a person signs in for themselves.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonSignIn")]
struct SignIn {
    person: Uuid,
    /// Why they cannot sign in, if they cannot: `inactive`, `blocked` or `provider_off`.
    closed: Option<&'static str>,
    last_signin: Option<Moment>,
    passkeys: Vec<PasskeyLine>,
    sessions: Vec<SessionLine>,
    links: Vec<LinkLine>,
    /// The applications that they have signed in to, by name, also those that they may not sign in to any more.
    applications: Vec<UsedLine>,
}

/// An application that a person has signed in to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonApplication")]
struct UsedLine {
    /// The name of its connection.
    name: String,
    last_used: Moment,
}

/// A passkey of a person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonPasskey")]
struct PasskeyLine {
    key: i64,
    name: String,
    /// `device`: on one device; `syncable`: on one, and may be synchronised; `synced`: synchronised.
    kept: &'static str,
    created: Moment,
    last_used: Option<Moment>,
}

/// A session of a person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonSession")]
struct SessionLine {
    key: i64,
    /// How they signed in: `passkey`.
    method: &'static str,
    opened: Moment,
    /// To the minute.
    seen: Moment,
    expires: Moment,
    address: String,
    /// What the browser called itself.
    agent: String,
}

/// A link by which a person makes a passkey.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonLink")]
struct LinkLine {
    key: i64,
    /// `valid`, `used`, `withdrawn` or `expired`.
    state: &'static str,
    actor: String,
    created: Moment,
    expires: Moment,
    used: Option<Moment>,
    withdrawn: Option<Moment>,
}

/// A link that was made just now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MadePersonLink")]
struct MadeLink {
    key: i64,
    /// Its address, which is shown this once.
    link: String,
    expires: Moment,
}

impl From<&Passkey> for PasskeyLine {
    fn from(one: &Passkey) -> Self {
        Self {
            key: one.key,
            name: one.name.clone(),
            kept: Kept::of(one).as_str(),
            created: Moment::at(one.created),
            last_used: one.last_used.map(Moment::at),
        }
    }
}

impl From<&Session> for SessionLine {
    fn from(one: &Session) -> Self {
        Self {
            key: one.key,
            method: one.method.as_str(),
            opened: Moment::at(one.created),
            seen: Moment::at(one.seen),
            expires: Moment::at(one.expires),
            address: one.address.clone(),
            agent: one.agent.clone(),
        }
    }
}

impl LinkLine {
    fn of(one: &Grant, now: i64) -> Self {
        Self {
            key: one.key,
            state: one.state(now),
            actor: one.actor.clone(),
            created: Moment::at(one.created),
            expires: Moment::at(one.expires),
            used: one.used.map(Moment::at),
            withdrawn: one.withdrawn.map(Moment::at),
        }
    }
}

fn people(state: &State) -> Result<People> {
    let signin = state.signin().ok_or_else(Problem::without_engine)?;
    Ok(signin.people())
}

fn refused(error: Error) -> Problem {
    match error {
        Error::Store(error) => error.into(),
        error => {
            let status = match error.code() {
                "PRV-PERSON-GONE" => StatusCode::NOT_FOUND,
                "PRV-PERSON-CLOSED" => StatusCode::CONFLICT,
                _ => return Problem::internal(&error),
            };
            Problem::new(status, error.code(), error.sentence(), error.hint())
        }
    }
}

async fn person(state: &State, workspace: i64, who: &str) -> Result<i64> {
    Ok(find(state, workspace, Kind::Person, who).await?.key)
}

/// `GET /people/{who}/sign-in`.
async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(who): Path<String>,
) -> Result<Json<SignIn>> {
    let workspace = caller.workspace();
    let key = person(&state, workspace, &who).await?;
    let found = people(&state)?.overseen(workspace, key).await.map_err(refused)?;
    Ok(Json(shown(&found, now())))
}

fn shown(found: &Overseen, now: i64) -> SignIn {
    SignIn {
        person: found.person.id,
        closed: found.closed.map(Closed::as_str),
        last_signin: found.account.last_signin.map(Moment::at),
        passkeys: found.passkeys.iter().map(PasskeyLine::from).collect(),
        sessions: found.sessions.iter().map(SessionLine::from).collect(),
        links: found.links.iter().map(|one| LinkLine::of(one, now)).collect(),
        applications: found
            .applications
            .iter()
            .map(|one| UsedLine {
                name: one.name.clone(),
                last_used: Moment::at(one.last_used),
            })
            .collect(),
    }
}

/// `POST /people/{who}/sign-in/links`.
async fn make_link(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(who): Path<String>,
    headers: axum::http::HeaderMap,
) -> Result<Response> {
    let workspace = caller.workspace();
    let key = person(&state, workspace, &who).await?;
    let (text, made) = people(&state)?
        .make_link(&caller.actor(), workspace, key, now())
        .await
        .map_err(refused)?;
    let all = state.db().read_short(workspace::all).await?;
    let name = all
        .into_iter()
        .find(|one| one.key == workspace)
        .map(|one| one.name);
    let origin = state.settings().public_url.clone().unwrap_or_else(|| {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        format!("http://{}", host.unwrap_or("localhost"))
    });
    let answer = MadeLink {
        key: made.key,
        link: me::link_to(&origin, &name.unwrap_or_default(), &text),
        expires: Moment::at(made.expires),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn nothing(what: &str, who: &str) -> Problem {
    let shown: String = who.chars().take(64).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-PERSON-SIGNIN-UNKNOWN",
        format!("\"{shown}\" has no such {what}"),
        "GET /api/v1/people/{who}/sign-in shows what there is, with the keys.",
    )
}

/// `DELETE /people/{who}/sign-in/links/{key}`.
async fn withdraw_link(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((who, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let workspace = caller.workspace();
    let whose = person(&state, workspace, &who).await?;
    let done = people(&state)?
        .withdraw_link(&caller.actor(), workspace, whose, key, now())
        .await
        .map_err(refused)?;
    done.then_some(StatusCode::NO_CONTENT)
        .ok_or_else(|| nothing("link that works", &who))
}

/// `DELETE /people/{who}/sign-in/sessions`.
async fn end_sessions(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(who): Path<String>,
) -> Result<StatusCode> {
    let workspace = caller.workspace();
    let whose = person(&state, workspace, &who).await?;
    people(&state)?
        .end_sessions(&caller.actor(), workspace, whose, None, now())
        .await
        .map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /people/{who}/sign-in/sessions/{key}`.
async fn end_session(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((who, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let workspace = caller.workspace();
    let whose = person(&state, workspace, &who).await?;
    let ended = people(&state)?
        .end_sessions(&caller.actor(), workspace, whose, Some(key), now())
        .await
        .map_err(refused)?;
    (ended > 0)
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(|| nothing("session", &who))
}

/// `DELETE /people/{who}/sign-in/passkeys/{key}`.
async fn take_passkey(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((who, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let workspace = caller.workspace();
    let whose = person(&state, workspace, &who).await?;
    let done = people(&state)?
        .take_passkey(&caller.actor(), workspace, whose, key, now())
        .await
        .map_err(refused)?;
    done.then_some(StatusCode::NO_CONTENT)
        .ok_or_else(|| nothing("passkey", &who))
}
