//! `/api/v1/teams`: what a workspace is divided into.

use super::body;
use super::caller::{Configurer, Reader};
use super::moment::Moment;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::provider::{self, Provider};
use provost_store::team::{self, Team};
use provost_store::{Error as Store, Tx};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Teams", summary);
    api.get(
        "/api/v1/teams",
        Act::Look,
        list,
        about("the teams, and who places people in them").answers::<Teams>(),
    )
    .post(
        "/api/v1/teams",
        Act::Configure,
        add,
        about("makes a team").body::<New>().makes::<Shown>(),
    )
}

/// A team.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Team")]
pub(crate) struct Shown {
    id: Uuid,
    name: String,
    created: Moment,
    /// The inbound providers that place their new people in it.
    providers: Vec<String>,
}

/// The teams of the workspace.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Teams {
    teams: Vec<Shown>,
}

async fn list(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Teams>> {
    let workspace = caller.workspace();
    let read =
        move |tx: &mut Tx| Ok::<_, Problem>((team::all(tx, workspace)?, provider::all(tx, workspace)?));
    let (teams, providers): (Vec<Team>, Vec<Provider>) = state.db().read(read).await?;
    let teams = teams.into_iter().map(|one| shown(one, &providers)).collect();
    Ok(Json(Teams { teams }))
}

fn shown(one: Team, providers: &[Provider]) -> Shown {
    let placing = providers
        .iter()
        .filter(|provider| provider.team.as_deref() == Some(&one.name));
    Shown {
        providers: placing.map(|provider| provider.name.clone()).collect(),
        id: one.id,
        created: Moment::at(one.created),
        name: one.name,
    }
}

/// A team that is made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTeam")]
pub(crate) struct New {
    /// Its name, such as `Sales`.
    name: String,
}

async fn add(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Shown>)> {
    let new: New = body::read(&state, &headers, body).await?;
    let (workspace, actor, now, id) = (caller.workspace(), caller.actor(), now(), Uuid::now_v7());
    let write = move |tx: &mut Tx| {
        team::create(tx, &actor, now, workspace, id, &new.name).map_err(|error| match error {
            Store::Conflict => {
                let detail = format!("there is a team \"{}\" already", new.name);
                Problem::new(
                    StatusCode::CONFLICT,
                    "PRV-CONFLICT",
                    detail,
                    "Choose another name.",
                )
            }
            other => other.into(),
        })
    };
    let made: Team = state.db().write(write).await?;
    Ok((StatusCode::CREATED, Json(shown(made, &[]))))
}
