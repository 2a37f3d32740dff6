//! `GET /connections/{name}/links`: which account belongs to whom, and where a link is made or broken by hand.

use super::super::connections::{Tab, tabs};
use super::super::page::{self, Frame};
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::super::time::{Clock, Moment};
use super::found::{Address, Named, dead_for};
use crate::console::address::{Space, escaped};
use crate::console::faults::Faults;
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::link::{self, Asked as Search, Listed};
use provost_store::rule::Stored;
use provost_store::{Error as Store, Tx, rule};
use serde::Deserialize;

/// Links of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "runs/links.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    faults: Faults,
    name: String,
    asked: Asked,
    here: String,
    dead: String,
    /// Rules to choose from when a link is made.
    rules: Vec<(String, String)>,
    rule: String,
    who: String,
    target: String,
    lines: Vec<Line>,
    is_narrowed: bool,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A link.
struct Line {
    rule: i64,
    object: i64,
    label: String,
    address: String,
    rule_name: String,
    target_id: String,
    is_enabled: bool,
    written: Option<Moment>,
}

/// What the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    search: String,
    disabled: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn place(&self) -> Result<Option<(i64, i64)>> {
        let Some(text) = self.after.as_deref() else {
            return Ok(None);
        };
        let (rule, object) = text.split_once('.').ok_or(()).map_err(Refusal::address)?;
        let rule = rule.parse().map_err(Refusal::address)?;
        Ok(Some((rule, object.parse().map_err(Refusal::address)?)))
    }

    fn parameters(&self, after: Option<(i64, i64)>) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        all.extend((!self.search.is_empty()).then(|| ("search", self.search.clone())));
        all.extend(self.disabled.as_ref().map(|_| ("disabled", "true".to_owned())));
        all.extend(after.map(|(rule, object)| ("after", format!("{rule}.{object}"))));
        all
    }
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (named, Query(asked)) = (named.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    show(
        &state,
        &visitor,
        &named.name,
        asked,
        &Form::default(),
        Faults::none(),
    )
    .await
}

/// The page, with what was typed and what is wrong with it.
pub(super) async fn show(
    state: &State,
    visitor: &Visitor,
    name: &str,
    asked: Asked,
    form: &Form,
    faults: Faults,
) -> Result<Response> {
    let place = place::connection(state, visitor, name).await?;
    let search = Search {
        connection: place.connection.key,
        rule: None,
        text: Some(asked.search.trim().to_owned()).filter(|text| !text.is_empty()),
        disabled: asked.disabled.is_some(),
        after: asked.place()?,
    };
    let read = move |tx: &mut Tx| {
        let rules = rule::of_connection(tx, search.connection)?;
        Ok::<_, Store>((rules, link::list(tx, &search, PAGE)?))
    };
    let (rules, found) = state.db().read(read).await?;
    let (space, name, clock) = (&place.space, &place.connection.name, Clock::of(visitor, now()));
    let path = format!("/connections/{}/links", escaped(name));
    let page_of = |after| space.page(path.clone(), &asked.parameters(after));
    let line = |one: &Listed| {
        let rule = rules.iter().find(|rule| rule.key == one.rule);
        line_of(one, rule, space, &clock)
    };
    let page = Page {
        tabs: tabs(&place, "links"),
        here: space.page(path.clone(), &[]),
        dead: dead_for(visitor),
        rules: rules
            .iter()
            .map(|rule| (rule.key.to_string(), rule.name.clone()))
            .collect(),
        rule: form.get("rule").to_owned(),
        who: form.get("who").to_owned(),
        target: form.get("target").to_owned(),
        lines: found.links.iter().map(line).collect(),
        is_narrowed: !asked.search.is_empty() || asked.disabled.is_some(),
        is_later: asked.after.is_some(),
        first: page_of(None),
        next: found.next.map(|after| page_of(Some(after))),
        frame: Frame::new(visitor, visitor.language.f("Links of {}", &[name]))
            .below(space.at("/connections"), visitor.language.t("Connections"))
            .below(space.connection(name), name),
        name: name.clone(),
        asked,
        faults,
    };
    let status = if page.faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(page::html(status, &page))
}

fn line_of(one: &Listed, rule: Option<&Stored>, space: &Space, clock: &Clock) -> Line {
    let is_group = rule.is_some_and(|rule| rule.kind == Kind::Group);
    Line {
        rule: one.rule,
        object: one.object,
        label: super::super::status::shown(&one.label).to_owned(),
        address: if is_group {
            space.group(one.object_id)
        } else {
            space.person(one.object_id)
        },
        rule_name: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
        target_id: one.target_id.clone(),
        is_enabled: one.enabled,
        written: clock.moment_if(one.modified),
    }
}
