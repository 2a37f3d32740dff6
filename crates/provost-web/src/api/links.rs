//! `/api/v1/connections/{name}/links`: which account belongs to whom.

use super::caller::{Operator, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::{aside, body, object, paging};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::link::{self, Asked as Search, Link, Listed};
use provost_store::rule::{self, Stored};
use provost_store::{Tx, directory};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Links", summary);
    api.get(
        "/api/v1/connections/{name}/links",
        Act::Look,
        list,
        about("which account belongs to whom")
            .query::<Asked>()
            .answers::<Links>(),
    )
    .post(
        "/api/v1/connections/{name}/links",
        Act::Operate,
        make,
        about("links to an account that you choose; the target is asked whether it has it")
            .body::<New>()
            .makes::<Made>(),
    )
    .get(
        "/api/v1/connections/{name}/links/{who}",
        Act::Look,
        one,
        about("the links of somebody, with what was last written").answers::<Wholes>(),
    )
    .delete(
        "/api/v1/connections/{name}/links/{who}",
        Act::Operate,
        cut,
        about("breaks a link: the account stays, and the next cycle looks for a match again")
            .query::<OfRule>()
            .silent(),
    )
}

/// Which links.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LinksAsked")]
pub(crate) struct Asked {
    /// With this in the name or in the target's id, or the directory's id in full.
    search: Option<String>,
    /// Only of this rule.
    rule: Option<String>,
    /// Only accounts that Provost disabled.
    disabled: bool,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A link in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Link")]
struct Line {
    rule: String,
    /// The directory's id.
    id: Uuid,
    label: String,
    target_id: String,
    /// Whether the account is enabled, as far as it was written.
    enabled: bool,
    /// When Provost disabled it.
    disabled: Option<Moment>,
    /// When it was last written.
    written: Moment,
}

/// A page of links. It may have fewer lines than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Links {
    links: Vec<Line>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Links>> {
    let asked = parameters(asked)?;
    let connection = connections::find(&state, caller.workspace(), &name).await?.key;
    let rules: Vec<Stored> = state
        .db()
        .read(move |tx| rule::of_connection(tx, connection))
        .await?;
    let after = asked.after.as_deref().map(paging::keys::<2>).transpose()?;
    let search = Search {
        connection,
        rule: asked
            .rule
            .as_deref()
            .map(|name| named(&rules, name))
            .transpose()?
            .map(|rule| rule.key),
        text: asked.search,
        disabled: asked.disabled,
        after: after.map(|[rule, object]| (rule, object)),
    };
    let limit = paging::count(asked.limit);
    let page = state.db().read(move |tx| link::list(tx, &search, limit)).await?;
    let next = page.next.map(|(rule, object)| format!("{rule}-{object}"));
    let links = page.links.into_iter().map(|one| line(one, &rules)).collect();
    Ok(Json(Links { links, next }))
}

fn line(one: Listed, rules: &[Stored]) -> Line {
    Line {
        rule: rule_name(one.rule, rules),
        id: one.object_id,
        label: one.label,
        target_id: one.target_id,
        enabled: one.enabled,
        disabled: Moment::after_all(one.disabled),
        written: Moment::at(one.modified),
    }
}

fn rule_name(key: i64, rules: &[Stored]) -> String {
    let found = rules.iter().find(|rule| rule.key == key);
    found.map_or_else(String::new, |rule| rule.name.clone())
}

fn named<'a>(rules: &'a [Stored], name: &str) -> Result<&'a Stored> {
    let found = rules.iter().find(|rule| rule.name == name);
    found.ok_or_else(|| Problem::unknown("PRV-RULE-UNKNOWN", "rule", name, "connections/{name}/rules"))
}

/// A link with what was last written.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LinkWhole")]
struct Whole {
    rule: String,
    id: Uuid,
    label: String,
    target_id: String,
    enabled: bool,
    disabled: Option<Moment>,
    /// What was last written, by attribute; what nobody should read is `[Redact]`.
    written: Map<String, Value>,
}

/// Somebody's links in a connection.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LinksOfObject")]
pub(crate) struct Wholes {
    links: Vec<Whole>,
}

async fn one(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path((name, who)): Path<(String, String)>,
) -> Result<Json<Wholes>> {
    let (_, links, rules) = of(&state, caller.workspace(), &name, &who).await?;
    let links = links.into_iter().map(|one| whole(one, &rules)).collect();
    Ok(Json(Wholes { links }))
}

/// What nobody should read is not shown; nothing is, where the rule cannot say what that is.
fn whole(one: Link, rules: &[Stored]) -> Whole {
    let rule = rules.iter().find(|rule| rule.key == one.rule);
    let compiled = rule.and_then(|rule| rule.rule.compile().ok());
    let shown = |name: &str, value: Value| match &compiled {
        Some(rule) if !rule.is_sensitive(name) => value,
        _ => Value::from("[Redact]"),
    };
    let written = one.written.into_iter().map(|(name, value)| {
        let value = shown(&name, value);
        (name, value)
    });
    Whole {
        rule: rule_name(one.rule, rules),
        id: one.object_id,
        label: one.label,
        target_id: one.target_id,
        enabled: one.enabled,
        disabled: Moment::after_all(one.disabled),
        written: written.collect(),
    }
}

/// The links that a person or group has in a connection, which may be none, with the connection's key and rules.
async fn of(state: &State, workspace: i64, name: &str, who: &str) -> Result<(i64, Vec<Link>, Vec<Stored>)> {
    let connection = connections::find(state, workspace, name).await?.key;
    let object = object::find(state, workspace, who).await?;
    let read = move |tx: &mut Tx| {
        let rules = rule::of_connection(tx, connection)?;
        let mut links = link::of_object(tx, object)?;
        links.retain(|link| rules.iter().any(|rule| rule.key == link.rule));
        Ok::<_, Problem>((connection, links, rules))
    };
    state.db().read(read).await
}

/// Which of several links.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "OfRule")]
pub(crate) struct OfRule {
    /// The rule, where there are several links.
    rule: Option<String>,
}

async fn cut(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path((name, who)): Path<(String, String)>,
    of_rule: std::result::Result<Query<OfRule>, QueryRejection>,
) -> Result<StatusCode> {
    let of_rule = parameters(of_rule)?;
    let (connection, mut links, rules) = of(&state, caller.workspace(), &name, &who).await?;
    if let Some(name) = &of_rule.rule {
        let rule = named(&rules, name)?.key;
        links.retain(|link| link.rule == rule);
    }
    let list = "connections/{name}/links";
    let link = match links.as_slice() {
        [one] => one,
        [] => return Err(Problem::unknown("PRV-LINK-UNKNOWN", "link of", &who, list)),
        several => return Err(ambiguous(several.iter().map(|link| rule_name(link.rule, &rules)))),
    };
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    if engine
        .unlink(connection, link.rule, link.object, &caller.actor())
        .await?
    {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::unknown("PRV-LINK-UNKNOWN", "link of", &who, list))
}

fn ambiguous(rules: impl Iterator<Item = String>) -> Problem {
    let names: Vec<String> = rules.collect();
    let hint = format!("Name one of these as `rule`: {}.", names.join(", "));
    Problem::request("there is not exactly one rule that can be meant", hint)
}

/// A link that is made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewLink")]
pub(crate) struct New {
    /// The person or group: an id, or a userName.
    object: String,
    /// The account's or the group's id in the target.
    target_id: String,
    /// By which rule, where several are for this kind.
    #[serde(default)]
    rule: Option<String>,
}

/// A new link.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LinkMade")]
pub(crate) struct Made {
    rule: String,
    target_id: String,
    /// Whether the account is enabled; none where the target does not say.
    enabled: Option<bool>,
}

async fn make(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>)> {
    let new: New = body::read(&state, &headers, body).await?;
    let workspace = caller.workspace();
    let (engine, connection) = connections::engine(&state, workspace, &name).await?;
    let wanted = new.object.clone();
    let read = move |tx: &mut Tx| {
        let found = object::present(tx, workspace, &wanted)?.ok_or_else(|| object::nobody(&wanted))?;
        Ok::<_, Problem>((found, rule::of_connection(tx, connection)?))
    };
    let (found, rules): (directory::Object, Vec<Stored>) = state.db().read(read).await?;
    let rule = chosen(&rules, new.rule.as_deref(), found.kind)?;
    let (key, rule_name, actor) = (rule.key, rule.name.clone(), caller.actor());
    let linked = aside(async move {
        engine
            .relink(connection, key, found.key, &new.target_id, &actor)
            .await
    });
    let Json(account) = linked.await?;
    let made = Made {
        rule: rule_name,
        target_id: account.id,
        enabled: account.enabled,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

fn chosen<'a>(rules: &'a [Stored], name: Option<&str>, kind: Kind) -> Result<&'a Stored> {
    if let Some(name) = name {
        return named(rules, name);
    }
    let fitting: Vec<&Stored> = rules.iter().filter(|rule| rule.kind == kind).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        several => Err(ambiguous(several.iter().map(|rule| rule.name.clone()))),
    }
}
