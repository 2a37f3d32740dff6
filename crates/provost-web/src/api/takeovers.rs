//! `/api/v1/takeovers`: inbound providers that want a person whom another one has.

use super::caller::{Operator, Reader};
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract;
use axum::http::StatusCode;
use axum::response::Json;
use provost_store::takeover::{self, Request};
use provost_store::{Tx, directory, provider};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Takeovers", summary);
    api.get(
        "/api/v1/takeovers",
        Act::Look,
        list,
        about("what waits for a decision").answers::<Takeovers>(),
    )
    .post(
        "/api/v1/takeovers/{key}/approve",
        Act::Access,
        approve,
        about("the provider that asks has the person from now on").silent(),
    )
    .post(
        "/api/v1/takeovers/{key}/deny",
        Act::Access,
        deny,
        about("the person stays; asking again opens no new request").silent(),
    )
}

/// A provider that waits for a person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Takeover")]
struct Line {
    key: i64,
    label: String,
    /// Who has the person; none: nobody, or the person was deleted.
    owner: Option<String>,
    /// Who asks.
    provider: String,
    /// When it was asked last.
    asked: Moment,
    times: i64,
}

/// What waits.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Takeovers {
    takeovers: Vec<Line>,
}

async fn list(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Takeovers>> {
    let workspace = caller.workspace();
    let read = move |tx: &mut Tx| {
        let mut all = Vec::new();
        for request in takeover::pending(tx, workspace)? {
            let owner = match directory::by_key(tx, request.object)? {
                Some(object) => provider::by_key(tx, object.owner)?.map(|one| one.name),
                None => None,
            };
            all.push(line(request, owner));
        }
        Ok::<_, Problem>(all)
    };
    let takeovers = state.db().read(read).await?;
    Ok(Json(Takeovers { takeovers }))
}

fn line(request: Request, owner: Option<String>) -> Line {
    Line {
        key: request.key,
        label: request.label,
        owner,
        provider: request.provider_name,
        asked: Moment::at(request.asked),
        times: request.times,
    }
}

async fn approve(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        own(tx, workspace, key)?;
        Ok::<_, Problem>(takeover::approve(tx, &actor, now, key)?)
    };
    let _person = state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deny(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<StatusCode> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        own(tx, workspace, key)?;
        Ok::<_, Problem>(takeover::deny(tx, &actor, now, key)?)
    };
    state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a request of another workspace as one that nobody has.
fn own(tx: &mut Tx, workspace: i64, key: i64) -> Result<()> {
    let found = takeover::get(tx, key)?.filter(|one| one.workspace == workspace);
    match found {
        Some(_) => Ok(()),
        None => Err(Problem::unknown(
            "PRV-TAKEOVER-UNKNOWN",
            "takeover",
            &key.to_string(),
            "takeovers",
        )),
    }
}
