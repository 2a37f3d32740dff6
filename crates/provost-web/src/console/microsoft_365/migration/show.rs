//! The section: what is configured, the values for Entra, the form, and the end.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::providers::hub_url;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_store::migration::{Counts, Migration, State as Migrated};
use provost_sync::microsoft_365::{ChecklistLine, Values, provider_values};
use provost_sync::migration::{CertificateShown, MigrationDraft, moment_text};

#[derive(Template)]
#[template(path = "microsoft_365/migration.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    state: &'static str,
    class: &'static str,
    /// What comes first, while the checklist of the provider is not whole.
    is_locked: bool,
    checklist: String,
    guide: String,
    saved: Option<Migration>,
    starts: Option<Moment>,
    deadline: Option<Moment>,
    closed: Option<Moment>,
    certificates: Vec<Certificate>,
    counts: Counts,
    onboarding: String,
    letters: String,
    identifiers: String,
    join: String,
    values: Values,
    metadata: String,
    typed: Typed,
    /// What Validate compared, once it was green for what stands in the form.
    compared: String,
    /// Why nothing can be entered, and why it cannot be saved; empty where it can.
    dead: String,
    dead_save: String,
    dead_close: String,
    lines: Vec<Line>,
}

/// A certificate, for people.
struct Certificate {
    shown: CertificateShown,
    ends: Moment,
}

/// A line of the checklist at the end.
struct Line {
    /// A key of the catalogue.
    sentence: &'static str,
    is_done: bool,
    told: String,
}

/// What the form says.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub application: String,
    pub certificate: String,
    pub second: String,
    pub starts: String,
    pub deadline: String,
    pub owner: String,
    pub contact: String,
    pub reason: String,
    pub moved: String,
}

impl Typed {
    /// What was sent. A private key does not stand in a page again.
    pub fn of(form: &Form) -> Self {
        let given = |name: &str| form.get(name).to_owned();
        let pasted = |name: &str| match form.get(name) {
            text if text.contains("PRIVATE KEY") => String::new(),
            text => text.to_owned(),
        };
        Self {
            application: given("application"),
            certificate: pasted("certificate"),
            second: pasted("second"),
            starts: given("starts"),
            deadline: given("deadline"),
            owner: given("owner"),
            contact: given("contact"),
            reason: given("reason"),
            moved: given("moved"),
        }
    }

    fn kept(migration: &Migration) -> Self {
        let certificate = |index: usize| migration.certificates.get(index).cloned().unwrap_or_default();
        Self {
            application: migration.application.clone(),
            certificate: certificate(0),
            second: certificate(1),
            starts: moment_text(migration.starts),
            deadline: moment_text(migration.deadline),
            owner: migration.owner.clone(),
            contact: migration.contact.clone(),
            reason: String::new(),
            moved: moment_text(migration.deadline),
        }
    }
}

/// The draft that a form holds.
pub(super) fn draft(form: &Form) -> MigrationDraft {
    MigrationDraft {
        application: form.get("application").to_owned(),
        certificates: ["certificate", "second"]
            .iter()
            .map(|name| form.get(name).as_bytes().to_vec())
            .collect(),
        starts: form.get("starts").to_owned(),
        deadline: form.get("deadline").to_owned(),
        owner: form.get("owner").to_owned(),
        contact: form.get("contact").to_owned(),
    }
}

/// The section.
pub(in crate::console) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    render(
        &state,
        &visitor,
        &place,
        &headers,
        Sent::default(),
        StatusCode::OK,
    )
    .await
}

/// What a form that was sent leads to.
#[derive(Default)]
pub(super) struct Sent {
    pub typed: Option<Typed>,
    pub faults: Faults,
    pub compared: String,
    pub certificates: Vec<CertificateShown>,
}

/// The page, with what was sent.
pub(super) async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    sent: Sent,
    status: StatusCode,
) -> Result<Response> {
    let provider = &place.provider;
    let engine = place::engine(state)?;
    let found = engine.migration(provider.workspace, &provider.name).await?;
    let first = engine
        .provider_checklist(provider.workspace, &provider.name)
        .await?;
    let is_locked =
        found.migration.is_none() && !first.iter().all(|line| line.done || line.key == "unassigned");
    let clock = Clock::of(visitor, now());
    let (word, class) = super::state(found.state);
    let saved = found.migration;
    let kept = saved.as_ref().map(Typed::kept).unwrap_or_default();
    let language = visitor.language;
    let shown = match sent.certificates.is_empty() {
        true => found.certificates,
        false => sent.certificates,
    };
    let dead = page::lack(visitor, Act::Configure);
    let dead_save = match (dead.is_empty(), sent.compared.is_empty()) {
        (false, _) => dead.clone(),
        (true, true) => language
            .t(text(
                "Validate first: only what was just found good can be saved.",
            ))
            .to_owned(),
        (true, false) => String::new(),
    };
    let is_left = found.counts.open() > 0 || found.read == 0;
    let dead_close = match page::lack(visitor, Act::Own) {
        lack if !lack.is_empty() => lack,
        _ if is_left => language
            .t(text(
                "Somebody is left: everybody has to be onboarded, linked, or exempt by name, and nobody may wait.",
            ))
            .to_owned(),
        _ => String::new(),
    };
    let hub = hub_url(state, headers);
    let values = provider_values(&hub, provider);
    let view = Page {
        frame: place.frame(visitor, text("Migration")),
        head: place.head("migration"),
        faults: sent.faults,
        here: place.at("migration"),
        state: word,
        class,
        is_locked,
        checklist: format!("{}#checklist", place.at("")),
        guide: crate::console::guides::moving(&place.space, "people"),
        starts: saved.as_ref().map(|one| clock.moment(one.starts)),
        deadline: saved.as_ref().map(|one| clock.moment(one.deadline)),
        closed: saved
            .as_ref()
            .and_then(|one| one.closed)
            .map(|at| clock.moment(at)),
        certificates: shown
            .into_iter()
            .map(|shown| Certificate {
                ends: clock.moment(shown.ends),
                shown,
            })
            .collect(),
        counts: found.counts,
        onboarding: place.at("onboarding"),
        letters: place.at("migration/letters"),
        identifiers: place.at("identifiers"),
        join: format!(
            "{}/join/{}",
            hub.trim_end_matches('/'),
            crate::console::address::escaped(&visitor.workspace()?.name)
        ),
        metadata: format!("/saml/{}/metadata", provider.id),
        values,
        typed: sent.typed.unwrap_or(kept),
        compared: sent.compared,
        dead,
        dead_save,
        dead_close,
        lines: found.checklist.into_iter().map(line).collect(),
        saved: saved.filter(|_| found.state != Migrated::Draft),
    };
    Ok(page::html(status, &view))
}

fn line(line: ChecklistLine) -> Line {
    Line {
        sentence: word(line.key),
        is_done: line.done,
        told: match line.done {
            true => line.evidence,
            false => format!("{}: {}", line.evidence, line.missing),
        },
    }
}

/// What a line of the checklist says, by its key.
pub(in crate::console) fn word(key: &str) -> &'static str {
    match key {
        "onboarded" => text("Everybody is onboarded"),
        "linked" => text("Everybody is created and linked"),
        "phase_two" => text("Phase 2 is done, or not needed"),
        _ => text("The migration's configuration is deleted"),
    }
}
