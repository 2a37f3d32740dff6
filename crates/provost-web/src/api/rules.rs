//! `/api/v1/connections/{name}/rules`: reading, saving, switching and removing them.

use super::caller::{Configurer, Reader};
use super::connections;
use super::etag::{Match, Tag};
use super::path::Path;
use super::problem::Result;
use super::route::{Interface, Operation};
use super::shape;
use super::{aside, body};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_engine::rule::Rule;
use provost_store::rule;
use provost_sync::RuleRemoval;
use provost_sync::setup::{Confirm, HeadCount};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Rules", summary);
    api.get(
        "/api/v1/connections/{name}/rules",
        Act::Look,
        list,
        about("the rules; a sealed password shows as the name of its secret")
            .answers::<shape::answer::Rules>()
            .tagged(),
    )
    .put(
        "/api/v1/connections/{name}/rules",
        Act::Configure,
        save,
        about("makes the rules exactly these, with `confirm` where somebody leaves")
            .body::<Saved>()
            .answers::<shape::answer::Warnings>()
            .conditional(),
    )
    .post(
        "/api/v1/connections/{name}/rules/count",
        Act::Look,
        count,
        about("how many a rule would mean; saves nothing")
            .body::<Proposed>()
            .answers::<shape::setup::HeadCount>(),
    )
    .post(
        "/api/v1/connections/{name}/rules/{rule}/on",
        Act::Configure,
        on,
        about("switches a rule on")
            .body::<Confirmed>()
            .answers::<shape::answer::RuleSwitched>(),
    )
    .post(
        "/api/v1/connections/{name}/rules/{rule}/off",
        Act::Configure,
        off,
        about("switches a rule off; its links stay")
            .body::<Confirmed>()
            .answers::<shape::answer::RuleSwitched>(),
    )
    .post(
        "/api/v1/connections/{name}/rules/{rule}/remove",
        Act::Configure,
        remove,
        about("shows whom it concerns, and takes the rule away once that is confirmed")
            .body::<Confirmed>()
            .answers::<shape::plan::RuleRemoval>(),
    )
}

/// `GET …/rules`: all of them, as they are saved. A sealed password shows as the name of its secret.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let rules = all(&state, key).await?;
    Ok(Tag::of(&rules).on(StatusCode::OK, json!({ "rules": rules })))
}

/// The rules as they are saved.
async fn all(state: &State, connection: i64) -> Result<Vec<Rule>> {
    let stored = state
        .db()
        .read(move |tx| rule::of_connection(tx, connection))
        .await?;
    Ok(stored.into_iter().map(|stored| stored.rule).collect())
}

/// Rules with what a person has confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RulesChange")]
pub(crate) struct Saved {
    #[schemars(with = "Vec<shape::rule::Rule>")]
    rules: Vec<Rule>,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
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
    let condition = Match::of(&headers)?;
    let Saved { rules, confirm } = body::read(&state, &headers, body).await?;
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    condition.check_state(&all(&state, key).await?)?;
    let actor = caller.actor();
    let saved = aside(async move { engine.save_rules(key, rules, &actor, &confirm).await });
    let Json(warnings) = saved.await?;
    Ok(Json(json!({ "warnings": warnings })))
}

/// A rule that is not saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProposedRule")]
pub(crate) struct Proposed {
    #[schemars(with = "shape::rule::Rule")]
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
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
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
