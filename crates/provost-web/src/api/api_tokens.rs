//! `/api/v1/api-tokens`: the tokens of this interface. They are made and revoked by an owner, in the console or by the
//! command line: no token makes another.

use super::caller::Reader;
use super::connections::parameters;
use super::moment::Moment;
use super::paging::{self, Page};
use super::problem::Result;
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::api_token::{self, ApiToken};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes(api: Interface) -> Interface {
    let about = Operation::new(
        "Credentials",
        "the tokens of this interface; their text is not kept",
    );
    api.get(
        "/api/v1/api-tokens",
        Act::Look,
        list,
        about.query::<Page>().answers::<Tokens>(),
    )
}

/// A token of this interface.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
struct Line {
    key: i64,
    label: String,
    /// `read`, `operate` or `configure`.
    scope: &'static str,
    /// `valid`, `expired` or `revoked`.
    state: &'static str,
    /// Who made it.
    actor: String,
    created: Moment,
    expires: Option<Moment>,
    /// To the minute.
    last_used: Option<Moment>,
    revoked: Option<Moment>,
}

/// A page of tokens.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiTokens")]
pub(crate) struct Tokens {
    api_tokens: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<Tokens>> {
    let page = parameters(page)?;
    let (workspace, after, limit) = (caller.workspace(), page.key()?.unwrap_or(0), page.lines());
    let read = move |tx: &mut provost_store::Tx| api_token::list(tx, workspace, after, limit);
    let found: Vec<ApiToken> = state.db().read(read).await?;
    let next = paging::next(&found, limit, |last| last.token.key.to_string());
    let now = now();
    let api_tokens = found.into_iter().map(|one| line(one, now)).collect();
    Ok(Json(Tokens { api_tokens, next }))
}

fn line(one: ApiToken, now: i64) -> Line {
    let token = one.token;
    let state = match (token.revoked, token.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, true) => "valid",
        (None, false) => "expired",
    };
    Line {
        key: token.key,
        label: token.label,
        scope: one.scope.as_str(),
        state,
        actor: token.actor,
        created: Moment::at(token.created),
        expires: token.expires.map(Moment::at),
        last_used: token.last_used.map(Moment::at),
        revoked: token.revoked.map(Moment::at),
    }
}
