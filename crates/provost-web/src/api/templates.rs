//! `/api/v1/templates`: what a connection can begin with.

use super::caller::Reader;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::State;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Json;
use provost_connect::graph::attribute::{ATTRIBUTES, Attribute};
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::Preferences;
use provost_store::connection_template;
use schemars::JsonSchema;
use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value, json};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Connections", summary);
    api.get(
        "/api/v1/templates",
        Act::Look,
        list,
        about("what a connection can begin with").answers::<shape::answer::Templates>(),
    )
    .get(
        "/api/v1/templates/{template}",
        Act::Look,
        one,
        about("one of them, whole").answers::<shape::connection::Template>(),
    )
    .get(
        "/api/v1/attributes",
        Act::Look,
        attributes,
        about("what Microsoft 365 keeps of people and groups: type, limit, who may write it")
            .answers::<Attributes>(),
    )
}

/// A template: the connector, settings, preferences and rules that a new connection begins with.
#[derive(Debug, Clone, Serialize)]
pub struct Template {
    /// Its name, such as `microsoft-365`.
    pub name: String,
    /// What people call it, such as `Microsoft 365`.
    pub title: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// The connector.
    pub connector: String,
    /// Settings of the connector that the application is known to need.
    pub settings: Map<String, Value>,
    /// How such a connection runs.
    pub preferences: Preferences,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The application's attributes, each with its type and what is known of it.
    pub attributes: Value,
}

impl Template {
    /// What the application takes: one whose sheet has attributes of people alone takes no groups.
    pub fn objects(&self) -> Vec<Kind> {
        let lines = self.attributes.as_array().map(Vec::as_slice).unwrap_or_default();
        let has = |kind: Kind| {
            let of = |line: &Value| Kind::deserialize(line.get("object")?).ok();
            lines.iter().any(|line| of(line) == Some(kind))
        };
        let mut objects = vec![Kind::Person, Kind::Group];
        if objects.iter().any(|kind| has(*kind)) {
            objects.retain(|kind| has(*kind));
        }
        objects
    }

    /// What is noted on a connection that begins with it.
    pub(crate) fn noted(&self) -> connection_template::Template {
        connection_template::Template {
            template: self.name.clone(),
            objects: self.objects(),
        }
    }
}

/// `GET /templates`: each by name and sentence.
pub(crate) async fn list(extract::State(state): extract::State<State>, _caller: Reader) -> Json<Value> {
    let brief =
        |one: &Template| json!({"name": one.name, "connector": one.connector, "summary": one.summary});
    let templates: Vec<Value> = state.templates().iter().map(brief).collect();
    Json(json!({ "templates": templates }))
}

/// `GET /templates/{name}`: a whole one.
pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    _caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Template>> {
    find(&state, &name).cloned().map(Json)
}

/// The template of this name.
///
/// # Errors
/// 404 when there is none.
pub(super) fn find<'a>(state: &'a State, name: &str) -> Result<&'a Template> {
    let found = state.templates().iter().find(|one| one.name == name);
    found.ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        Problem::new(
            StatusCode::NOT_FOUND,
            "PRV-TEMPLATE-UNKNOWN",
            format!("there is no template \"{shown}\""),
            "GET /api/v1/templates lists those that there are.",
        )
    })
}

/// The attributes of Microsoft 365. An application's own stand in its template; one that speaks SCIM tells its own.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Attributes {
    #[schemars(with = "Vec<Map<String, Value>>")]
    attributes: &'static [Attribute],
}

/// `GET /attributes`.
pub(crate) async fn attributes(_caller: Reader) -> Json<Attributes> {
    Json(Attributes {
        attributes: ATTRIBUTES,
    })
}
