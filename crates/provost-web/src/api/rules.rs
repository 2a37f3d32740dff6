//! `/api/v1/connections/{name}/rules`: reading, saving, switching and removing them.

use super::caller::{Configurer, Reader};
use super::connections;
use super::problem::Result;
use super::{aside, body};
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Path};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_engine::rule::Rule;
use provost_store::rule;
use provost_sync::RuleRemoval;
use provost_sync::setup::{Confirm, HeadCount};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET …/rules`: all of them, as they are saved. A sealed password shows as the name of its secret.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let stored = state.db().read(move |tx| rule::of_connection(tx, key)).await?;
    let rules: Vec<Rule> = stored.into_iter().map(|stored| stored.rule).collect();
    Ok(Json(json!({ "rules": rules })))
}

/// Rules with what a person has confirmed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    rules: Vec<Rule>,
    #[serde(default)]
    confirm: Confirm,
}

/// `PUT …/rules`: replaces all rules. The answer has what the target warns of.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    let Saved { rules, confirm } = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let actor = caller.actor();
    let saved = aside(async move { engine.save_rules(key, rules, &actor, &confirm).await });
    let Json(warnings) = saved.await?;
    Ok(Json(json!({ "warnings": warnings })))
}

/// A rule that is not saved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposed {
    rule: Rule,
}

/// `POST …/rules/count`: how many people or groups a rule would mean.
pub(crate) async fn count(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<HeadCount>> {
    let Proposed { rule } = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    Ok(Json(engine.head_count(key, &rule).await?))
}

/// What a person has confirmed.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    #[serde(default)]
    confirm: Confirm,
}

/// `POST …/rules/{rule}/on`.
pub(crate) async fn on(
    state: extract::State<State>,
    caller: Configurer,
    path: Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    switch(state, caller, path, headers, body, true).await
}

/// `POST …/rules/{rule}/off`: nothing is done by it, and its links stay.
pub(crate) async fn off(
    state: extract::State<State>,
    caller: Configurer,
    path: Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    switch(state, caller, path, headers, body, false).await
}

async fn switch(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, rule)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
    on: bool,
) -> Result<Json<Value>> {
    let Confirmed { confirm } = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let warnings = engine
        .switch_rule(key, &rule, on, &caller.actor(), &confirm)
        .await?;
    Ok(Json(json!({"rule": rule, "enabled": on, "warnings": warnings})))
}

/// `POST …/rules/{rule}/remove`: shows whom it concerns, and takes the rule away once that is confirmed.
pub(crate) async fn remove(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, rule)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RuleRemoval>> {
    let Confirmed { confirm } = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let actor = caller.actor();
    aside(async move { engine.remove_rule(key, &rule, &confirm, &actor).await }).await
}
