//! `GET /guides/{guide}`: the steps, the one that is next opened, its checks with their evidence.

use super::facts::{Chosen, Facts};
use super::step::{self, Guide, Step, Subject, Way};
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::runs::dead_for;
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// The guide of an address.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub guide: String,
}

/// What the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub step: String,
    pub connection: String,
    pub provider: String,
}

#[derive(Template)]
#[template(path = "guides/guide.html")]
struct Page {
    frame: Frame,
    title: &'static str,
    about: &'static str,
    done: i64,
    all: i64,
    connections: Vec<Choice>,
    providers: Vec<Choice>,
    steps: Vec<StepView>,
    /// The one that is opened.
    open: OpenStep,
    from: String,
    dead: String,
    asked: Asked,
    sign_address: String,
    unsign: String,
}

#[derive(Template)]
#[template(path = "guides/checks.html")]
struct Fragment {
    frame: Frame,
    open: OpenStep,
}

/// A connection or provider to choose.
struct Choice {
    name: String,
    address: String,
    is_here: bool,
}

/// A step of the list.
struct StepView {
    title: &'static str,
    address: String,
    is_done: bool,
    is_open: bool,
    /// Whether a step before it is not done.
    is_locked: bool,
}

/// The step that is opened.
struct OpenStep {
    key: &'static str,
    about: &'static str,
    doing: Vec<&'static str>,
    /// An id on the page, the label, and the value to be copied.
    values: Vec<(String, &'static str, String)>,
    ways: Vec<Way>,
    checks: Vec<CheckView>,
    sign: Option<SignView>,
    back: Option<String>,
    /// Where the next one is; none on the last.
    next: Option<String>,
    /// Why the way to the next one is closed.
    missing: &'static str,
    /// Why nothing can be done here yet, in the reader's language; empty where it can.
    locked: String,
}

impl OpenStep {
    /// Why the step cannot be signed off: the step before it, else what the reader's role keeps them from.
    fn why<'a>(&'a self, dead: &'a str) -> &'a str {
        match self.locked.as_str() {
            "" => dead,
            locked => locked,
        }
    }
}

struct CheckView {
    sentence: &'static str,
    is_done: bool,
    is_english: bool,
    /// What shows it, in the reader's language; or a text of the catalogue.
    told: String,
    missing: &'static str,
    at: Option<Moment>,
}

/// What a person signs off.
struct SignView {
    sentence: &'static str,
    is_elsewhere: bool,
    note: Option<(String, String, Moment)>,
}

/// The guide's page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: std::result::Result<Path<Named>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (guide, facts, asked, clock) = read(&state, &visitor, named, asked).await?;
    let steps = (guide.steps)(&facts);
    let at = opened(&steps, &facts, &asked.step);
    let missing: Vec<bool> = steps.iter().map(|one| one.missing(&facts).is_some()).collect();
    let address = |step: &str| address(guide, &facts, &asked, step);
    let views = steps.iter().enumerate().map(|(index, one)| StepView {
        title: one.title,
        address: address(one.key),
        is_done: !missing.get(index).copied().unwrap_or(true),
        is_open: index == at,
        is_locked: missing.iter().take(index).any(|missing| *missing),
    });
    let views: Vec<StepView> = views.collect();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let here = facts.space.to(&["guides", guide.name]);
    let page = Page {
        title: guide.title,
        about: guide.about,
        done: count(views.iter().filter(|one| one.is_done).count()),
        all: count(views.len()),
        connections: connections(guide, &facts, &asked),
        providers: providers(guide, &facts, &asked),
        from: address(steps.get(at).map_or("", |one| one.key)).replacen("?", "/live?", 1),
        open: open_step(guide, steps, at, &facts, &clock, &address),
        steps: views,
        dead: dead_for(&visitor),
        sign_address: format!("{here}/sign"),
        unsign: format!("{here}/unsign"),
        frame: Frame::new(&visitor, guide.title)
            .below(facts.space.at("/guides"), visitor.language.t("Guides")),
        asked: asked.clone(),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// The checks of the opened step alone: they are looked at again while an administrator works elsewhere.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: std::result::Result<Path<Named>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (guide, facts, asked, clock) = read(&state, &visitor, named, asked).await?;
    let steps = (guide.steps)(&facts);
    let at = opened(&steps, &facts, &asked.step);
    let address = |step: &str| address(guide, &facts, &asked, step);
    let page = Fragment {
        open: open_step(guide, steps, at, &facts, &clock, &address),
        frame: Frame::bare(visitor.language, ""),
    };
    Ok(page::html(StatusCode::OK, &page))
}

async fn read(
    state: &State,
    visitor: &Visitor,
    named: std::result::Result<Path<Named>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<(&'static Guide, Facts, Asked, Clock)> {
    let (Path(named), Query(asked)) = (named.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let guide = find(&named.guide)?;
    let chosen = Chosen {
        connection: asked.connection.clone(),
        provider: asked.provider.clone(),
        ..guide.subject.chosen()
    };
    let now = now();
    let facts = Facts::read(state, visitor, guide.name, chosen, now).await?;
    Ok((guide, facts, asked, Clock::of(visitor, now)))
}

/// The guide of this name.
pub(super) fn find(name: &str) -> Result<&'static Guide> {
    step::find(name).ok_or_else(|| {
        Refusal::Absent("There is no such guide. The list shows those that there are.".to_owned())
    })
}

/// The step that is asked for, else the first that is not done, else the last.
fn opened(steps: &[Step], facts: &Facts, asked: &str) -> usize {
    let named = steps.iter().position(|one| one.key == asked);
    let first = || steps.iter().position(|one| one.missing(facts).is_some());
    named.or_else(first).unwrap_or(steps.len().saturating_sub(1))
}

/// The page with this step opened, about the same connection and provider.
fn address(guide: &Guide, facts: &Facts, asked: &Asked, step: &str) -> String {
    let mut parameters = vec![("step", step.to_owned())];
    parameters.extend((!asked.connection.is_empty()).then(|| ("connection", asked.connection.clone())));
    parameters.extend((!asked.provider.is_empty()).then(|| ("provider", asked.provider.clone())));
    facts.space.page(format!("/guides/{}", guide.name), &parameters)
}

fn connections(guide: &Guide, facts: &Facts, asked: &Asked) -> Vec<Choice> {
    if matches!(guide.subject, Subject::Provider(_) | Subject::Microsoft365) {
        return Vec::new();
    }
    let here = facts.connection.as_ref().map(|one| one.connection.name.as_str());
    choices((guide, facts), &facts.connections, here, |name| Asked {
        connection: name.to_owned(),
        ..asked.clone()
    })
}

fn providers(guide: &Guide, facts: &Facts, asked: &Asked) -> Vec<Choice> {
    if matches!(guide.subject, Subject::Connection(_)) {
        return Vec::new();
    }
    let inbound = facts.provider.as_ref().map(|one| one.provider.name.as_str());
    let (names, here) = match &facts.microsoft_365 {
        Some(moving) => (
            &moving.names,
            moving.provider.as_ref().map(|one| one.name.as_str()),
        ),
        None => (&facts.providers, inbound),
    };
    choices((guide, facts), names, here, |name| Asked {
        provider: name.to_owned(),
        ..asked.clone()
    })
}

/// What the guide can be about; nothing where there is nothing to choose.
fn choices(
    (guide, facts): (&Guide, &Facts),
    names: &[String],
    here: Option<&str>,
    asking: impl Fn(&str) -> Asked,
) -> Vec<Choice> {
    if names.len() < 2 {
        return Vec::new();
    }
    let choice = |name: &String| {
        let asked = asking(name);
        Choice {
            name: name.clone(),
            address: address(guide, facts, &asked, &asked.step),
            is_here: here == Some(name.as_str()),
        }
    };
    names.iter().map(choice).collect()
}

/// Why nothing can be done in a step yet: the first one before it that is not done, by its number and title; empty where
/// all are, and in guides whose steps can be looked at in any order.
pub(super) fn locked(guide: &Guide, steps: &[Step], at: usize, facts: &Facts) -> String {
    let open = steps
        .iter()
        .enumerate()
        .take(at)
        .find(|(_, one)| guide.is_strict && one.missing(facts).is_some());
    open.map_or_else(String::new, |(index, one)| {
        let number = (index + 1).to_string();
        let title = facts.language.t(one.title);
        facts.language.f(
            "Locked until step {}, “{}”, is done or recorded.",
            &[&number, title],
        )
    })
}

fn open_step(
    guide: &Guide,
    mut steps: Vec<Step>,
    at: usize,
    facts: &Facts,
    clock: &Clock,
    address: &impl Fn(&str) -> String,
) -> OpenStep {
    let locked = locked(guide, &steps, at, facts);
    let next = steps.get(at + 1).map(|one| address(one.key));
    let back = at
        .checked_sub(1)
        .and_then(|before| steps.get(before))
        .map(|one| address(one.key));
    let step = if at < steps.len() {
        steps.swap_remove(at)
    } else {
        Step::default()
    };
    let missing = step.missing(facts).unwrap_or_default();
    let checks = step.checks.iter().chain(&step.proofs);
    let checks = checks.map(|check| match &check.found {
        Ok(found) => CheckView {
            sentence: check.sentence,
            is_done: true,
            is_english: check.is_english,
            told: found.told.clone(),
            missing: "",
            at: found.at.map(|at| clock.moment(at)),
        },
        Err(missing) => CheckView {
            sentence: check.sentence,
            is_done: false,
            is_english: false,
            told: String::new(),
            missing,
            at: None,
        },
    });
    let note = facts.notes.get(step.key);
    OpenStep {
        key: step.key,
        about: step.about,
        checks: checks.collect(),
        sign: step.sign.map(|sentence| SignView {
            sentence,
            is_elsewhere: step.is_elsewhere,
            note: note.map(|one| (one.note.clone(), one.actor.clone(), clock.moment(one.at))),
        }),
        doing: step.doing,
        values: (1..)
            .zip(step.values)
            .map(|(place, (label, value))| value_at(place, label, value))
            .collect(),
        ways: step.ways,
        back,
        next,
        missing,
        locked,
    }
}

fn value_at(place: usize, label: &'static str, value: String) -> (String, &'static str, String) {
    (format!("value-{place}"), label, value)
}
