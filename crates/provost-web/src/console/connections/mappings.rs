//! `/connections/{name}/rules/{rule}/mappings`: every target attribute with where its value comes from, and those that
//! nothing is mapped to yet.

use super::base::{Base, OfRule, at, rule_frame};
use super::catalogue::Attribute;
use super::editor::limits;
use super::save::{self, Found};
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::mapping::{Apply, Mapping, MappingSource, NullPolicy};
use provost_engine::object::Kind;
use serde::Deserialize;
use serde_json::Value;

#[derive(Template)]
#[template(path = "connections/mappings.html")]
struct Page {
    frame: Frame,
    base: Base,
    lines: Vec<Line>,
    leavers: Vec<Line>,
    /// People's rules have mappings for those who leave.
    has_leavers: bool,
    /// Required ones without a mapping first.
    unmapped: Vec<Unmapped>,
    missing: i64,
    add: String,
    attributes: Vec<Attribute>,
}

/// A mapping.
struct Line {
    target: String,
    address: String,
    /// Where the value comes from, a word of the reader's language.
    way: &'static str,
    /// The attribute, expression or value.
    source: String,
    when: &'static str,
    null: &'static str,
    /// The form of the value, a text; empty where nothing is known of the attribute.
    form: &'static str,
    limits: Vec<String>,
    is_matching: bool,
}

/// An attribute that nothing is mapped to.
struct Unmapped {
    name: String,
    address: String,
    form: &'static str,
    limits: Vec<String>,
    note: String,
    is_required: bool,
}

/// The table.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<OfRule>, PathRejection>,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    Ok(page::html(StatusCode::OK, &page(&visitor, &found)))
}

fn page(visitor: &Visitor, found: &Found) -> Page {
    let (rule, language) = (found.rule(), visitor.language);
    let mapped = found.mapped();
    let is_mapped = |name: &str| mapped.iter().any(|one| one.eq_ignore_ascii_case(name));
    let mut unmapped: Vec<Unmapped> = found
        .target
        .attributes
        .iter()
        .filter(|one| !one.is_read_only && !is_mapped(&one.name))
        .map(|one| Unmapped {
            name: one.name.clone(),
            address: at(&found.place, &["rules", &rule.name, "mappings", &one.name]),
            form: one.form,
            limits: limits(one, language),
            note: one.note.clone(),
            is_required: one.is_required,
        })
        .collect();
    unmapped.sort_by_key(|one| !one.is_required);
    let missing = found.target.missing(&mapped).count();
    Page {
        frame: rule_frame(visitor, &found.place, &rule.name, text("Mappings")),
        base: Base::of_rule(visitor, &found.place, &rule.name, "mappings"),
        lines: rule
            .mappings
            .iter()
            .map(|one| line(found, one, false, language))
            .collect(),
        leavers: rule
            .leaver
            .iter()
            .map(|one| line(found, one, true, language))
            .collect(),
        has_leavers: rule.object == Kind::Person,
        unmapped,
        missing: i64::try_from(missing).unwrap_or(i64::MAX),
        add: at(&found.place, &["rules", &rule.name, "new-mapping"]),
        attributes: found.target.attributes.clone(),
    }
}

fn line(found: &Found, mapping: &Mapping, is_leaver: bool, language: Language) -> Line {
    let rule = found.rule();
    let address = at(&found.place, &["rules", &rule.name, "mappings", &mapping.target]);
    let (way, source) = source(mapping);
    let known = found.target.find(&mapping.target);
    Line {
        address: if is_leaver {
            format!("{address}?leavers=on")
        } else {
            address
        },
        way,
        source,
        when: when(mapping.apply),
        null: null(mapping),
        form: known.map_or("", |one| one.form),
        limits: known.map(|one| limits(one, language)).unwrap_or_default(),
        is_matching: !is_leaver && rule.matching.iter().any(|one| one.target == mapping.target),
        target: mapping.target.clone(),
    }
}

fn source(mapping: &Mapping) -> (&'static str, String) {
    match &mapping.source {
        MappingSource::Direct { attribute } => (text("attribute"), attribute.clone()),
        MappingSource::Expression { text: expression } => (text("expression"), expression.clone()),
        MappingSource::Constant {
            value: Value::String(value),
        } => (text("fixed"), value.clone()),
        MappingSource::Constant { value } => (text("fixed"), value.to_string()),
        MappingSource::Generated => (text("generated"), String::new()),
        MappingSource::Secret { .. } => (text("sealed"), String::new()),
        MappingSource::None => (text("left alone"), String::new()),
    }
}

fn when(apply: Apply) -> &'static str {
    match apply {
        Apply::Always => text("always"),
        Apply::OnCreate => text("on create"),
        Apply::AddOnly => text("only added"),
        Apply::ValueAddOnly => text("never removed"),
        Apply::IfEmpty => text("where it is empty"),
    }
}

fn null(mapping: &Mapping) -> &'static str {
    match mapping.null {
        NullPolicy::Skip => "",
        NullPolicy::Clear => text("removed where there is no value"),
        NullPolicy::Default => text("the default where there is no value"),
        NullPolicy::DefaultIfEmpty => text("the default where the target has nothing"),
    }
}

/// The attribute that was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    attribute: String,
    leavers: Option<String>,
}

/// Leads to the editor of the attribute that was typed.
pub(super) async fn begin(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<OfRule>, PathRejection>,
    chosen: std::result::Result<Query<Chosen>, QueryRejection>,
) -> Result<Response> {
    let (Path(path), Query(chosen)) = (path.map_err(Refusal::address)?, chosen.map_err(Refusal::address)?);
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let typed = chosen.attribute.trim();
    if typed.is_empty() {
        return Ok(page::elsewhere(&at(
            &found.place,
            &["rules", &path.rule, "mappings"],
        )));
    }
    // The target's own letter case, so that no second mapping of the same attribute begins.
    let name = found.target.find(typed).map_or(typed, |one| one.name.as_str());
    let address = at(&found.place, &["rules", &path.rule, "mappings", name]);
    let leavers = if chosen.leavers.is_some() {
        "?leavers=on"
    } else {
        ""
    };
    Ok(page::elsewhere(&format!("{address}{leavers}")))
}
