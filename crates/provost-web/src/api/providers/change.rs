//! Making and changing inbound providers.

use super::super::body;
use super::super::caller::Configurer;
use super::super::etag::Match;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::shown::{Brief, answer, brief, tag};
use super::validity::Validity;
use super::{look, tokens};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_scim::sheet::Sheet;
use provost_store::provider::{self, Edit, Provider, Settings, State as Standing};
use provost_store::{Error as Store, Tx, extension, token};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A provider that is made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewProvider")]
pub(crate) struct New {
    /// Its name, such as `Entra`.
    name: String,
    /// Whether it is only prepared: its requests are answered 401 until it is saved.
    #[serde(default)]
    draft: bool,
    /// The role that new people get; without it, `user`.
    #[serde(default)]
    role: Option<String>,
    /// The team that new people get.
    #[serde(default)]
    team: Option<String>,
    /// What is set about it; what is left out has its default. `sheet` may be `template:connecter` or
    /// `template:peripass`.
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(flatten)]
    validity: Validity,
}

/// A new provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderMade")]
pub(crate) struct Made {
    provider: Brief,
    token: tokens::Made,
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProviderChange")]
pub(crate) struct Changed {
    /// The role that new people get; who is there already keeps theirs.
    #[serde(default)]
    role: Option<String>,
    /// The team that new people get; an empty one: none.
    #[serde(default)]
    team: Option<String>,
    /// Settings that change; `null` brings back the default.
    #[serde(default)]
    settings: Map<String, Value>,
}

/// `POST /providers`.
pub(crate) async fn add(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>)> {
    let new: New = body::read(&state, &headers, body).await?;
    let (workspace, actor, now, id) = (caller.workspace(), caller.actor(), now(), Uuid::now_v7());
    let expires = new.validity.ends(now)?;
    let defaults = Settings::default();
    let write = move |tx: &mut Tx| {
        let settings = with(tx, workspace, &defaults, &new.settings)?;
        let new = provider::New {
            id,
            workspace,
            name: &new.name,
            role: new.role.as_deref().unwrap_or("user"),
            team: new.team.as_deref(),
            state: if new.draft {
                Standing::Draft
            } else {
                Standing::Saved
            },
            settings: &settings,
        };
        let made = provider::create(tx, &actor, now, &new).map_err(|error| taken(error, new.name))?;
        let minted = token::mint(tx, &actor, now, &made, "first", expires)?;
        Ok::<_, Problem>((made, minted))
    };
    let (made, minted) = state.db().write(write).await?;
    let token = tokens::Made::new(&state, minted, expires);
    let provider = brief(&state, &made);
    Ok((StatusCode::CREATED, Json(Made { provider, token })))
}

fn taken(error: Store, name: &str) -> Problem {
    match error {
        Store::Conflict => {
            let detail = format!("there is an inbound provider \"{name}\" already");
            Problem::new(
                StatusCode::CONFLICT,
                "PRV-CONFLICT",
                detail,
                "Choose another name.",
            )
        }
        other => other.into(),
    }
}

/// Settings with some of them changed.
fn with(tx: &mut Tx, workspace: i64, before: &Settings, entered: &Map<String, Value>) -> Result<Settings> {
    let wrong = |detail: String| {
        Problem::request(
            format!("the settings cannot be used: {detail}"),
            "Correct the setting and send it again.",
        )
    };
    let mut entered = entered.clone();
    let sheet = entered.remove("sheet");
    let shown = serde_json::to_value(before).map_err(|error| wrong(error.to_string()))?;
    let mut fields = shown.as_object().cloned().unwrap_or_default();
    for (name, value) in entered {
        if value.is_null() {
            fields.remove(&name);
        } else {
            fields.insert(name, value);
        }
    }
    fields.remove("sheet");
    let mut after: Settings =
        serde_json::from_value(Value::Object(fields)).map_err(|error| wrong(error.to_string()))?;
    after.sheet = match sheet {
        None => before.sheet.clone(),
        Some(Value::Null) => None,
        Some(Value::String(named)) => Some(template(&named)?),
        Some(value) => {
            let catalogue = extension::catalogue(tx, workspace)?;
            Some(Sheet::parse(&value, &catalogue).map_err(|error| wrong(error.detail))?)
        }
    };
    Ok(after)
}

fn template(named: &str) -> Result<Sheet> {
    let found = named.strip_prefix("template:").and_then(Sheet::template);
    found.ok_or_else(|| {
        let known: Vec<String> = Sheet::TEMPLATES
            .iter()
            .map(|name| format!("template:{name}"))
            .collect();
        Problem::request(
            "there is no such sheet template",
            format!("Use one of: {}.", known.join(", ")),
        )
    })
}

/// `PATCH /providers/{provider}`.
pub(crate) async fn change(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let changed: Changed = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = look(tx, workspace, &name)?;
        condition.check(&tag(&found))?;
        let settings = with(tx, workspace, &found.settings, &changed.settings)?;
        let edit = Edit {
            role: changed.role.as_deref(),
            team: changed
                .team
                .as_deref()
                .map(|team| Some(team).filter(|team| !team.is_empty())),
            settings: Some(&settings),
            state: None,
        };
        Ok::<_, Problem>(provider::edit(tx, &actor, now, &found, &edit)?)
    };
    let after: Provider = state.db().write(write).await?;
    answer(&state, after).await
}

/// `POST /providers/{provider}/save`.
pub(crate) async fn save(
    state: extract::State<State>,
    caller: Configurer,
    name: Path<String>,
) -> Result<Json<Brief>> {
    switch(state, caller, name, Standing::Saved).await
}

/// `POST /providers/{provider}/off`.
pub(crate) async fn off(
    state: extract::State<State>,
    caller: Configurer,
    name: Path<String>,
) -> Result<Json<Brief>> {
    switch(state, caller, name, Standing::Off).await
}

async fn switch(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    to: Standing,
) -> Result<Json<Brief>> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = look(tx, workspace, &name)?;
        let edit = Edit {
            state: Some(to),
            ..Edit::default()
        };
        Ok::<_, Problem>(provider::edit(tx, &actor, now, &found, &edit)?)
    };
    let after: Provider = state.db().write(write).await?;
    Ok(Json(brief(&state, &after)))
}
