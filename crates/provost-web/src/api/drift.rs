//! `/api/v1/connections/{name}/drift`: what was found changed in the target.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{body, object, paging};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::Tx;
use provost_store::connection::Connection;
use provost_store::drift::{self, Asked as Search, Drift, Place, State as Standing};
use provost_store::rule::{self, Stored};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Drift", summary);
    api.get(
        "/api/v1/connections/{name}/drift",
        Act::Look,
        list,
        about("what differs from what was written")
            .query::<Asked>()
            .answers::<Differences>(),
    )
    .post(
        "/api/v1/connections/{name}/drift/accept",
        Act::Operate,
        accept,
        about("lets what was found stand, for as long as the target keeps it")
            .body::<Which>()
            .answers::<Decided>(),
    )
    .post(
        "/api/v1/connections/{name}/drift/repair",
        Act::Operate,
        repair,
        about("has our value written again with the next cycle")
            .body::<Which>()
            .answers::<Decided>(),
    )
}

/// Which differences.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "DriftAsked")]
pub(crate) struct Asked {
    /// `open`, `repaired` or `accepted`; without it, open.
    state: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A difference.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Difference")]
struct Line {
    rule: String,
    label: String,
    attribute: String,
    /// What was written; redacted where nobody should read it.
    expected: Value,
    /// What the target has; redacted where nobody should read it.
    found: Value,
    /// `open`, `repaired` or `accepted`.
    state: String,
    /// What the mapping says about it: `repair`, `report` or `accept`.
    policy: Option<String>,
    first_seen: Moment,
    last_seen: Moment,
}

/// A page of differences.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DriftPage")]
pub(crate) struct Differences {
    drift: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Differences>> {
    let asked = parameters(asked)?;
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let search = Search {
        connection: key,
        rule: None,
        state: Some(asked.state.as_deref().map_or(Ok(Standing::Open), str::parse)?),
        after: asked.after.as_deref().map(place).transpose()?,
    };
    let limit = paging::count(asked.limit);
    let read = move |tx: &mut Tx| {
        Ok::<_, Problem>((drift::list(tx, &search, limit)?, rule::of_connection(tx, key)?))
    };
    let (found, rules): (Vec<Drift>, Vec<Stored>) = state.db().read(read).await?;
    let next = found
        .last()
        .filter(|_| found.len() == limit)
        .map(|last| format!("{}/{}/{}", last.rule, last.object, last.attribute));
    let drift = found.into_iter().map(|one| line(one, &rules)).collect();
    Ok(Json(Differences { drift, next }))
}

fn place(text: &str) -> Result<(i64, i64, String)> {
    let mut parts = text.splitn(3, '/');
    let mut key = || parts.next().and_then(|part| part.parse::<i64>().ok());
    match (key(), key(), parts.next()) {
        (Some(rule), Some(object), Some(attribute)) => Ok((rule, object, attribute.to_owned())),
        _ => Err(paging::strange()),
    }
}

fn line(one: Drift, rules: &[Stored]) -> Line {
    let rule = rules.iter().find(|rule| rule.key == one.rule);
    let mapping = rule.and_then(|rule| {
        rule.rule
            .mappings
            .iter()
            .find(|mapping| mapping.target == one.attribute)
    });
    let policy = mapping.and_then(|mapping| serde_json::to_value(mapping.drift).ok());
    Line {
        rule: rule.map_or_else(String::new, |rule| rule.name.clone()),
        policy: policy.and_then(|word| word.as_str().map(str::to_owned)),
        label: one.label,
        attribute: one.attribute,
        expected: one.expected,
        found: one.found,
        state: one.state.to_string(),
        first_seen: Moment::at(one.first_seen),
        last_seen: Moment::at(one.last_seen),
    }
}

/// Which differences are decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WhichDrift")]
pub(crate) struct Which {
    /// The person or group: an id, or a userName.
    object: String,
    /// Only this attribute.
    #[serde(default)]
    attribute: Option<String>,
}

/// What was decided.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DriftDecided")]
pub(crate) struct Decided {
    attributes: Vec<String>,
}

async fn accept(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Decided>> {
    let which: Which = body::read(&state, &headers, body).await?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let object = object::find(&state, connection.workspace, &which.object).await?;
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let open = standing(tx, &connection, object, &which, &[Standing::Open])?;
        for one in &open {
            let at = Place {
                rule: one.rule,
                object: one.object,
                attribute: &one.attribute,
            };
            drift::accept(tx, &actor, now, &connection, &at)?;
        }
        Ok::<_, Problem>(open)
    };
    let open: Vec<Drift> = state.db().write(write).await?;
    Ok(decided(open))
}

async fn repair(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Decided>> {
    let which: Which = body::read(&state, &headers, body).await?;
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let object = object::find(&state, connection.workspace, &which.object).await?;
    let (attribute, key) = (which.attribute.clone(), connection.key);
    let read = move |tx: &mut Tx| {
        standing(
            tx,
            &connection,
            object,
            &which,
            &[Standing::Open, Standing::Accepted],
        )
    };
    let open: Vec<Drift> = state.db().read(read).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    engine
        .repair(key, object, attribute.as_deref(), &caller.actor())
        .await?;
    Ok(decided(open))
}

fn decided(open: Vec<Drift>) -> Json<Decided> {
    let attributes = open.into_iter().map(|one| one.attribute).collect();
    Json(Decided { attributes })
}

/// The differences in these states that are meant; never none.
fn standing(
    tx: &mut Tx,
    connection: &Connection,
    object: i64,
    which: &Which,
    states: &[Standing],
) -> Result<Vec<Drift>> {
    let mut found = Vec::new();
    for stored in rule::of_connection(tx, connection.key)? {
        found.extend(drift::of_object(tx, stored.key, object)?);
    }
    let attribute = which.attribute.as_deref();
    found.retain(|one| states.contains(&one.state) && attribute.is_none_or(|name| one.attribute == name));
    if found.is_empty() {
        let list = "connections/{name}/drift";
        return Err(Problem::unknown(
            "PRV-DRIFT-UNKNOWN",
            "such difference of",
            &which.object,
            list,
        ));
    }
    Ok(found)
}
