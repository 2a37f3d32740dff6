//! Setting connections up: trying one before it is saved, adding, changing, switching and removing it.

use super::caller::{Configurer, Operator, Reader};
use super::connections::{self, time};
use super::etag::{Match, Tag};
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{aside, body, templates};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_connect::Secret;
use provost_engine::rule::Rule;
use provost_store::connection::Preferences;
use provost_sync::setup::{Checked, Confirm, ConnectionChange, ConnectionDraft, PreferencesSaved, Tried};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    let api = api
        .post(
            "/api/v1/connection-tests",
            Act::Configure,
            attempt,
            about("tries what is entered, step by step, and saves nothing")
                .body::<Entered>()
                .answers::<shape::setup::Tried>(),
        )
        .post(
            "/api/v1/connections",
            Act::Configure,
            add,
            about("makes a connection, once its test succeeds")
                .body::<Entered>()
                .makes::<shape::answer::ConnectionMade>(),
        )
        .patch(
            "/api/v1/connections/{name}",
            Act::Configure,
            change,
            about("changes what is named, once the test succeeds with it")
                .body::<Altered>()
                .answers::<shape::setup::Tried>()
                .conditional(),
        )
        .delete(
            "/api/v1/connections/{name}",
            Act::Configure,
            remove,
            about("forgets a connection, unless a rule of it is switched on; its accounts stay")
                .silent()
                .conditional(),
        );
    running(api)
}

fn running(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    api.post(
        "/api/v1/connections/{name}/test",
        Act::Operate,
        check,
        about("tries it; an invalid one that succeeds becomes active").answers::<shape::setup::Checked>(),
    )
    .post(
        "/api/v1/connections/{name}/on",
        Act::Operate,
        on,
        about("switches it on")
            .body::<Because>()
            .answers::<shape::answer::Switched>(),
    )
    .post(
        "/api/v1/connections/{name}/off",
        Act::Operate,
        off,
        about("switches it off: nothing is written any more, also in the middle of a cycle")
            .body::<Because>()
            .answers::<shape::answer::Switched>(),
    )
    .post(
        "/api/v1/connections/{name}/resync",
        Act::Operate,
        resync,
        about("the next cycle looks at everybody").silent(),
    )
    .get(
        "/api/v1/connections/{name}/preferences",
        Act::Look,
        preferences,
        about("how it runs")
            .answers::<shape::connection::Preferences>()
            .tagged(),
    )
    .put(
        "/api/v1/connections/{name}/preferences",
        Act::Configure,
        prefer,
        about("all preferences, with `confirm` where somebody loses something")
            .body::<Preferred>()
            .answers::<shape::setup::PreferencesSaved>()
            .conditional(),
    )
}

/// A connection as it is entered. What a template says is replaced by what is entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewConnection")]
pub(crate) struct Entered {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    connector: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    /// When the credential ends, RFC 3339.
    #[serde(default)]
    secret_expires: Option<String>,
    #[serde(default)]
    #[schemars(with = "Option<shape::connection::Preferences>")]
    preferences: Option<Preferences>,
    #[serde(default)]
    #[schemars(with = "Option<Vec<shape::rule::Rule>>")]
    rules: Option<Vec<Rule>>,
    /// Whether it is saved although its test fails; it is invalid then, and no cycle runs.
    #[serde(default)]
    accept_invalid: bool,
}

impl Entered {
    fn into_draft(self, state: &State) -> Result<ConnectionDraft> {
        let mut draft = ConnectionDraft {
            name: self.name,
            description: self.description,
            connector: self.connector.clone().unwrap_or_default(),
            secret_expires: moment(self.secret_expires.as_deref())?,
            ..ConnectionDraft::default()
        };
        let mut settings = Map::new();
        if let Some(name) = &self.template {
            let template = templates::find(state, name)?;
            if self
                .connector
                .as_ref()
                .is_some_and(|one| *one != template.connector)
            {
                let detail = format!("the template {name} is for the connector {}", template.connector);
                return Err(Problem::request(detail, "Leave the connector out."));
            }
            draft.connector.clone_from(&template.connector);
            draft.preferences = template.preferences.clone();
            draft.rules.clone_from(&template.rules);
            settings.clone_from(&template.settings);
            draft.template = Some(template.noted());
        }
        settings.extend(self.settings);
        draft.settings = Value::Object(settings);
        draft.secrets = sealed(self.secrets);
        draft.preferences = self.preferences.unwrap_or(draft.preferences);
        draft.rules = self.rules.unwrap_or(draft.rules);
        Ok(draft)
    }
}

fn sealed(secrets: BTreeMap<String, String>) -> Vec<(String, Secret)> {
    secrets
        .into_iter()
        .map(|(name, value)| (name, Secret::new(value)))
        .collect()
}

/// A time of RFC 3339 in milliseconds since 1970.
fn moment(text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else {
        return Ok(None);
    };
    let parsed: std::result::Result<jiff::Timestamp, _> = text.parse();
    parsed.map(|at| Some(at.as_millisecond())).map_err(|_| {
        let hint = "Write it as 2027-01-31T12:00:00Z.";
        Problem::request("`secret_expires` is no time of RFC 3339", hint)
    })
}

/// `POST /connection-tests`: tries what is entered, step by step, and saves nothing.
pub(crate) async fn attempt(
    extract::State(state): extract::State<State>,
    _caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tried>> {
    let entered: Entered = body::read(&state, &headers, body).await?;
    let draft = entered.into_draft(&state)?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    aside(async move { engine.try_connection(&draft).await }).await
}

/// `POST /connections`: adds a connection after trying it.
pub(crate) async fn add(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>)> {
    let entered: Entered = body::read(&state, &headers, body).await?;
    let accept_invalid = entered.accept_invalid;
    let draft = entered.into_draft(&state)?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let (workspace, actor) = (caller.workspace(), caller.actor());
    let added = aside(async move {
        engine
            .add_connection(workspace, &draft, &actor, accept_invalid)
            .await
    });
    let Json(added) = added.await?;
    let off: Vec<Value> = added
        .switched_off
        .iter()
        .map(|(rule, reason)| json!({"rule": rule, "reason": reason}))
        .collect();
    let mut shown = connections::brief(&added.connection);
    shown["tried"] = json!(added.tried);
    shown["rules_switched_off"] = off.into();
    Ok((StatusCode::CREATED, Json(shown)))
}

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConnectionChange")]
pub(crate) struct Altered {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    settings: Option<Map<String, Value>>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    secret_expires: Option<String>,
    #[serde(default)]
    accept_invalid: bool,
}

/// `PATCH /connections/{name}`: changes name, description, settings or secrets.
pub(crate) async fn change(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tried>> {
    let condition = Match::of(&headers)?;
    let altered: Altered = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    condition.check(&connections::tag(&found))?;
    let settings = altered.settings.map(|new| {
        let mut settings = found.settings.as_object().cloned().unwrap_or_default();
        settings.extend(new);
        settings.retain(|_, value| !value.is_null());
        Value::Object(settings)
    });
    let change = ConnectionChange {
        name: altered.name,
        description: altered.description,
        settings,
        secrets: sealed(altered.secrets),
        secret_expires: moment(altered.secret_expires.as_deref())?,
    };
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let (actor, accept) = (caller.actor(), altered.accept_invalid);
    aside(async move { engine.change_connection(found.key, &change, &actor, accept).await }).await
}

/// `DELETE /connections/{name}`: refused while a rule of it is switched on.
pub(crate) async fn remove(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    let condition = Match::of(&headers)?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    condition.check(&connections::tag(&found))?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let (actor, key) = (caller.actor(), found.key);
    let _gone = aside(async move { engine.drop_connection(key, &actor).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connections/{name}/test`: tries a saved connection and keeps what was found.
pub(crate) async fn check(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<Json<Checked>> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    aside(async move { engine.check_connection(key).await }).await
}

/// Why a connection is switched.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SwitchReason")]
pub(crate) struct Because {
    #[serde(default)]
    reason: String,
}

/// `POST /connections/{name}/on`.
pub(crate) async fn on(
    state: extract::State<State>,
    caller: Operator,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    switch(state, caller, name, headers, body, true).await
}

/// `POST /connections/{name}/off`: nothing is written any more, also in the middle of a cycle.
pub(crate) async fn off(
    state: extract::State<State>,
    caller: Operator,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>> {
    switch(state, caller, name, headers, body, false).await
}

async fn switch(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
    on: bool,
) -> Result<Json<Value>> {
    let because: Because = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let now = engine
        .switch_connection(found.key, on, &because.reason, &caller.actor())
        .await?;
    Ok(Json(
        json!({"name": found.name, "was": found.state.name(), "state": now.name()}),
    ))
}

/// Preferences with what a person has confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PreferencesChange")]
pub(crate) struct Preferred {
    #[schemars(with = "shape::connection::Preferences")]
    preferences: Preferences,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `GET /connections/{name}/preferences`.
pub(crate) async fn preferences(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Response> {
    let preferences = connections::find(&state, caller.workspace(), &name)
        .await?
        .preferences;
    Ok(Tag::of(&preferences).on(StatusCode::OK, preferences))
}

/// `PUT /connections/{name}/preferences`.
pub(crate) async fn prefer(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PreferencesSaved>> {
    let condition = Match::of(&headers)?;
    let Preferred { preferences, confirm } = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    condition.check_state(&found.preferences)?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?.clone();
    let (actor, key) = (caller.actor(), found.key);
    aside(async move { engine.save_preferences(key, preferences, &actor, &confirm).await }).await
}

/// `POST /connections/{name}/resync`: every object is looked at again by the next cycle.
pub(crate) async fn resync(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    engine.resync(key, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The fields of a saved connection that set-up is about.
pub(super) fn facts(found: &provost_store::connection::Connection) -> Value {
    json!({
        "description": found.preferences.description,
        "settings": found.settings,
        "tested": time(found.tested),
        "checks": found.checks,
    })
}
