//! `/api/v1/connections/{name}/entra-schema`: synchronization schemas of Microsoft Entra, taken over and given back.

use super::caller::{Configurer, Reader};
use super::connections;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape::rule::Rule as RuleShape;
use super::{body, proposals, shape};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_engine::import::{self, Import, Problem as Remark};
use provost_engine::rule::Rule;
use provost_store::{Tx, foreign_schema, rule};
use provost_sync::Proposal;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the versions say of it.
const NOTE: &str = "import of a synchronization schema";

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Rules", summary);
    api.post(
        "/api/v1/entra-schemas/check",
        Act::Look,
        check,
        about("what a synchronization schema holds, and what of it is not supported")
            .body::<Checked>()
            .answers::<Read>(),
    )
    .get(
        "/api/v1/connections/{name}/entra-schema",
        Act::Look,
        export,
        about("the rules as a synchronization schema; what was imported comes back unchanged")
            .answers::<Map<String, Value>>(),
    )
    .put(
        "/api/v1/connections/{name}/entra-schema",
        Act::Configure,
        take_over,
        about("makes the rules what a schema says, with `confirm` where somebody leaves")
            .body::<TakenOver>()
            .answers::<Read>(),
    )
}

/// A schema that is looked at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EntraCheck")]
pub(crate) struct Checked {
    /// The schema, from the portal or from Microsoft Graph.
    schema: Map<String, Value>,
}

/// A schema that is taken over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EntraImport")]
pub(crate) struct TakenOver {
    /// The schema, from the portal or from Microsoft Graph.
    schema: Map<String, Value>,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What a schema holds.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EntraRead")]
pub(crate) struct Read {
    #[schemars(with = "Vec<RuleShape>")]
    rules: Vec<Rule>,
    /// What is not supported or should be known.
    #[schemars(with = "Vec<RemarkShape>")]
    problems: Vec<Remark>,
}

/// What is not supported, or should be known.
#[derive(JsonSchema)]
#[schemars(rename = "EntraRemark")]
#[allow(dead_code, reason = "it is described, never made")]
struct RemarkShape {
    /// `unsupported` or `note`.
    severity: String,
    place: String,
    message: String,
    hint: String,
}

fn read(schema: Map<String, Value>) -> Result<Import> {
    import::parse(&Value::Object(schema).to_string()).map_err(|problems| {
        let detail = problems
            .iter()
            .map(|one| format!("{}: {}", one.place, one.message))
            .collect::<Vec<_>>();
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "PRV-ENTRA-SCHEMA",
            format!("the schema cannot be taken over: {}", detail.join("; ")),
            "Correct it, or take another export.",
        )
    })
}

async fn check(
    extract::State(state): extract::State<State>,
    _caller: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Read>> {
    let Checked { schema } = body::read(&state, &headers, body).await?;
    let Import { rules, problems, .. } = read(schema)?;
    Ok(Json(Read { rules, problems }))
}

async fn export(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let read = move |tx: &mut Tx| {
        let rules = rule::of_connection(tx, key)?
            .into_iter()
            .map(|stored| stored.rule);
        Ok::<_, Problem>((rules.collect::<Vec<Rule>>(), foreign_schema::get(tx, key)?))
    };
    let (rules, original) = state.db().read(read).await?;
    let original = original.as_ref().map(|one| &one.definition);
    Ok(Json(import::export(&rules, original)))
}

async fn take_over(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Read>> {
    let TakenOver { schema, confirm } = body::read(&state, &headers, body).await?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let Import {
        rules,
        problems,
        original,
    } = read(schema)?;
    let proposal = Proposal {
        rules: Some(rules.clone()),
        ..Proposal::default()
    };
    proposals::settle(&state, &connection, &proposal, &confirm).await?;
    let (by, now, saved, owner) = (caller.actor(), now(), rules.clone(), connection.clone());
    let write = move |tx: &mut Tx| {
        rule::replace_all(tx, &by, now, &owner, &saved, NOTE)?;
        foreign_schema::put(tx, &by, now, &owner, &original)
    };
    let done = state.db().write(write).await;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine
        .told_configuration(&connection, &caller.actor(), done)
        .await?;
    Ok(Json(Read { rules, problems }))
}
