//! Products with their seats, who has them, and the groups that bring them.

use super::caller::{Configurer, Operator, Reader};
use super::connections::{self, parameters, time};
use super::paging;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{aside, body, object};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::group_licence::{self, GroupLicence, Way};
use provost_store::link_licence::{self, Holder};
use provost_store::{Error as Store, Tx, directory, product};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Holders on a page when nothing is said, and at most.
const PAGE: i64 = 100;
const MOST: i64 = 500;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Licences", summary);
    api.get(
        "/api/v1/connections/{name}/licences",
        Act::Look,
        list,
        about("products with their seats, as they were read last").answers::<shape::answer::Licences>(),
    )
    .post(
        "/api/v1/connections/{name}/licences/read",
        Act::Operate,
        look,
        about("reads the products and seats from the target").silent(),
    )
    .get(
        "/api/v1/connections/{name}/licences/{product}/plans",
        Act::Look,
        plans,
        about("the services of a product, which a licence can leave out").answers::<Plans>(),
    )
    .get(
        "/api/v1/connections/{name}/licences/{product}/holders",
        Act::Look,
        holders,
        about("who has a product from Provost, and because of what")
            .query::<Page>()
            .answers::<shape::answer::Holders>(),
    )
    .get(
        "/api/v1/connections/{name}/group-licences",
        Act::Look,
        groups,
        about("which groups bring which licence")
            .query::<paging::Page>()
            .answers::<shape::answer::GroupLicences>(),
    )
    .post(
        "/api/v1/connections/{name}/group-licences",
        Act::Configure,
        bring,
        about("has a group bring a licence")
            .body::<Brought>()
            .or_nothing(201, "it brings it from now on")
            .or_nothing(204, "it did before"),
    )
    .delete(
        "/api/v1/connections/{name}/group-licences/{key}",
        Act::Configure,
        end,
        about("has a group bring that no more").silent(),
    )
}

/// `GET /connections/{name}/licences`: used, planned and short, for each product.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let lines = engine.licence_page(key).await?;
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            let mut shown = json!(line);
            shown["seen"] = time(line.seen);
            shown
        })
        .collect();
    Ok(Json(json!({ "licences": lines })))
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HoldersAsked")]
pub(crate) struct Page {
    /// The `next` of the page before.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// `GET /connections/{name}/licences/{product}/holders`: to whom Provost gave it.
pub(crate) async fn holders(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path((name, product)): Path<(String, String)>,
    page: std::result::Result<Query<Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let connection = connections::find(&state, caller.workspace(), &name).await?.key;
    let after = page.after.as_deref().map(place).transpose()?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, MOST);
    let wanted = product.clone();
    let read = move |tx: &mut Tx| {
        let Some(key) = product_key(tx, connection, &wanted)? else {
            return Ok(None);
        };
        link_licence::holders(tx, key, after, limit).map(Some)
    };
    let found: Vec<Holder> = state.db().read(read).await?.ok_or_else(|| unknown(&product))?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found
        .last()
        .filter(|_| full)
        .map(|last| format!("{}.{}", last.given.rule, last.given.object));
    let holders: Vec<Value> = found
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "label": one.label, "target_id": one.target_id, "since": time(one.given.modified),
                "disabled_plans": one.given.disabled_plans, "origin": one.given.origin,
            })
        })
        .collect();
    Ok(Json(json!({"holders": holders, "next": next})))
}

fn place(text: &str) -> Result<(i64, i64)> {
    let parts = text.split_once('.').and_then(|(rule, object)| {
        let object: i64 = object.parse().ok()?;
        Some((rule.parse().ok()?, object))
    });
    parts.ok_or_else(|| Problem::request("`after` is no `next` of another page", "Leave it out to begin."))
}

/// `GET /connections/{name}/group-licences`: which groups bring which licence.
pub(crate) async fn groups(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<paging::Page>, extract::rejection::QueryRejection>,
) -> Result<Json<Value>> {
    let page = parameters(page)?;
    let key = connections::find(&state, caller.workspace(), &name).await?.key;
    let (after, limit) = (page.key()?.unwrap_or(0), page.lines());
    let found = state
        .db()
        .read(move |tx| group_licence::list(tx, key, after, limit))
        .await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().map(|last| last.key).filter(|_| full);
    let groups: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({"group_licences": groups, "next": next})))
}

/// A licence that a group is to bring.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewGroupLicence")]
pub(crate) struct Brought {
    /// The group's id.
    group: String,
    /// The product's id or short name.
    product: String,
    #[serde(default)]
    disabled_plans: Vec<String>,
    /// `member`: each member's account gets it; `group`: the target's group does.
    #[schemars(with = "String")]
    way: Way,
}

/// `POST /connections/{name}/group-licences`.
pub(crate) async fn bring(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let brought: Brought = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let connection = connections::find(&state, workspace, &name).await?;
    let group = object::find(&state, workspace, &brought.group).await?;
    let (actor, wanted, now) = (caller.actor(), brought.product.clone(), now());
    let write = move |tx: &mut Tx| {
        let Some(product) = product_key(tx, connection.key, &wanted)? else {
            return Ok(None);
        };
        let Some(group) = directory::by_key(tx, group)? else {
            return Ok(None);
        };
        let new = group_licence::New {
            group: &group,
            product,
            disabled_plans: &brought.disabled_plans,
            way: brought.way,
        };
        group_licence::add(tx, &actor, now, &connection, &new).map(Some)
    };
    let added: Option<bool> = state.db().write(write).await?;
    match added {
        Some(true) => Ok(StatusCode::CREATED),
        Some(false) => Ok(StatusCode::NO_CONTENT),
        None => Err(unknown(&brought.product)),
    }
}

/// `DELETE /connections/{name}/group-licences/{key}`.
pub(crate) async fn end(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let connection = connections::find(&state, caller.workspace(), &name).await?;
    let (actor, now) = (caller.actor(), now());
    let write = move |tx: &mut Tx| group_licence::remove(tx, &actor, now, &connection, key);
    if state.db().write(write).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-GROUP-LICENCE-UNKNOWN",
        "no group of the connection brings such a licence",
        "GET /api/v1/connections/{name}/group-licences lists those that do.",
    ))
}

/// The key of a product by its id or its short name.
fn product_key(tx: &mut Tx, connection: i64, text: &str) -> std::result::Result<Option<i64>, Store> {
    let by_id = product::by_sku(tx, connection, text)?;
    let found = match by_id {
        Some(row) => Some(row),
        None => product::by_name(tx, connection, text)?,
    };
    Ok(found.map(|row| row.key))
}

fn unknown(product: &str) -> Problem {
    let shown: String = product.chars().take(64).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-LICENCE-UNKNOWN",
        format!("the organisation has no product \"{shown}\""),
        "GET /api/v1/connections/{name}/licences lists those that it has.",
    )
}

fn shown(one: &GroupLicence) -> Value {
    json!({
        "key": one.key,
        "group": one.group_id,
        "label": one.label,
        "product": one.sku,
        "product_name": one.product_name,
        "disabled_plans": one.disabled_plans,
        "way": one.way,
        "written": one.written,
        "created": time(one.created),
        "actor": one.actor,
    })
}

/// The services of a product.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServicePlans")]
pub(crate) struct Plans {
    plans: Vec<Plan>,
}

/// A service of a product.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServicePlan")]
struct Plan {
    id: String,
    name: String,
    /// Whether it is for people; only such services can be left out.
    assignable: bool,
}

/// `GET /connections/{name}/licences/{product}/plans`.
pub(crate) async fn plans(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path((name, product)): Path<(String, String)>,
) -> Result<Json<Plans>> {
    let connection = connections::find(&state, caller.workspace(), &name).await?.key;
    let wanted = product.clone();
    let read = move |tx: &mut Tx| {
        let by_id = product::by_sku(tx, connection, &wanted)?;
        match by_id {
            Some(row) => Ok::<_, Store>(Some(row)),
            None => product::by_name(tx, connection, &wanted),
        }
    };
    let found = state.db().read(read).await?.ok_or_else(|| unknown(&product))?;
    let plan = |one: product::ServicePlan| Plan {
        id: one.id,
        name: one.name,
        assignable: one.assignable,
    };
    let plans = found.product.plans.into_iter().map(plan).collect();
    Ok(Json(Plans { plans }))
}

/// `POST /connections/{name}/licences/read`: cycles do so by themselves where the connection deals with licences.
pub(crate) async fn look(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    let (engine, key) = connections::engine(&state, caller.workspace(), &name).await?;
    let Json(()) = aside(async move { engine.read_products(key).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
