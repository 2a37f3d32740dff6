//! The section: what is configured, the values for Entra, the form, and the end.

use super::super::place::{self as places, Head, Named, Place};
use super::test::Last;
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
use provost_store::microsoft_365::Provider;
use provost_store::migration::{Counts, EntraLine, Migration, State as Migrated, Tick};
use provost_sync::microsoft_365::{ChecklistLine, Values, provider_values};
use provost_sync::migration::{CertificateShown, MigrationDraft, is_private_key, moment_text};

/// Where enterprise applications are made.
const ENTRA: &str =
    "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview";

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
    ticks: Vec<TickLine>,
    tested: Option<Last>,
    /// Where a test goes on at the tenant; empty before it was begun.
    way: String,
    dead_test: String,
    counts: Counts,
    onboarding: String,
    letters: String,
    identifiers: String,
    join: String,
    values: Values,
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

/// A line of what is done in Entra.
struct TickLine {
    /// Its word in the form.
    word: &'static str,
    /// A key of the catalogue.
    sentence: &'static str,
    /// Where it leads, and what the link says.
    way: Option<(String, &'static str)>,
    /// Who has ticked it, and when.
    ticked: Option<(String, Moment)>,
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
            text if is_private_key(text) => String::new(),
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
    /// Where a test goes on at the tenant.
    pub way: String,
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
    let is_locked = found.migration.is_none()
        && !found.is_testable
        && !first.iter().all(|line| line.done || line.key == "unassigned");
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
    let dead_test = match (dead.is_empty(), found.is_testable) {
        (false, _) => dead.clone(),
        (true, false) => language
            .t(text(
                "Validate first: the answer is checked with what was found good.",
            ))
            .to_owned(),
        (true, true) => String::new(),
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
        ticks: EntraLine::ALL
            .iter()
            .map(|line| tick_line(*line, &found.ticks, provider, &clock))
            .collect(),
        tested: found.tested.map(|one| Last::of(one, &clock)),
        way: sent.way,
        dead_test,
        counts: found.counts,
        onboarding: place.at("onboarding"),
        letters: place.at("migration/letters"),
        identifiers: place.at("identifiers"),
        join: format!(
            "{}/join/{}",
            hub.trim_end_matches('/'),
            crate::console::address::escaped(&visitor.workspace()?.name)
        ),
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

fn tick_line(line: EntraLine, ticks: &[Tick], provider: &Provider, clock: &Clock) -> TickLine {
    let ticked = ticks.iter().find(|one| one.line == line);
    let (sentence, way) = match line {
        EntraLine::Application => (
            text(
                "Enterprise applications, New application, Create your own application: name it “Provost migration”, choose the non-gallery kind, and create it.",
            ),
            Some((ENTRA.to_owned(), text("Open Enterprise applications in Entra"))),
        ),
        EntraLine::SingleSignOn => (
            text(
                "Single sign-on, SAML: upload our metadata file, or paste Identifier and Reply URL, and save.",
            ),
            Some((
                format!("/saml/{}/metadata", provider.id),
                text("Download our metadata file"),
            )),
        ),
        EntraLine::Assignment => (
            text("Users and groups: assign the people who move, or switch “Assignment required” off."),
            None,
        ),
        EntraLine::Certificate => (
            text(
                "Download the certificate (Base64), and copy the Application ID from Overview: both are pasted below.",
            ),
            None,
        ),
    };
    TickLine {
        word: line.as_str(),
        sentence,
        way,
        ticked: ticked.map(|one| (one.actor.clone(), clock.moment(one.at))),
    }
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
