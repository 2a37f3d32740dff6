//! `/microsoft-365-providers/{name}/migration` and `…/onboarding`: the window in which people of the tenant sign in at
//! both sides, the letters to them, who has come, what is decided about the others, and its end.

mod letters;
mod list;
mod onboarding;

use super::super::aside;
use super::super::body;
use super::super::caller::{Configurer, Reader};
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::Result;
use super::super::route::Interface;
use super::super::shape;
use super::super::shape::setup::FieldChecked;
use super::about;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::migration::Counts;
use provost_sync::microsoft_365::{ChecklistLine, FieldLine};
use provost_sync::migration::{CertificateShown, Migrating, MigrationDraft};
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) fn routes(api: Interface) -> Interface {
    onboarding::routes(letters::routes(list::routes(own(api))))
}

fn own(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/migration",
        Act::Look,
        show,
        about("how far the migration is: its window, its numbers, its checklist").answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/migration/validate",
        Act::Configure,
        validate,
        about("compares what is entered with what the tenant publishes about the application; saves nothing")
            .body::<Entered>()
            .answers::<Checked>(),
    )
    .put(
        "/api/v1/microsoft-365-providers/{name}/migration",
        Act::Configure,
        save,
        about("saves exactly what was found good by validate within the last 24 hours")
            .body::<Entered>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/migration/deadline",
        Act::Configure,
        deadline,
        about("moves the deadline, with a reason; the certificates have to last until then")
            .body::<Moved>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/migration/close",
        Act::Configure,
        close,
        about("an owner's: closes the migration for good, once nobody is left, with `confirm` and the name typed")
            .body::<Closing>()
            .silent(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/migration/archive",
        Act::Configure,
        archive,
        about("an owner's: configuration and results of a closed migration, for 30 days")
            .answers::<Map<String, Value>>(),
    )
}

/// What is entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "MigrationEntered")]
#[derive(Default)]
pub(crate) struct Entered {
    /// The Application (client) ID, or an address of its page.
    application: String,
    /// One or two: PEM, or the Base64 of DER, which is what a file of DER has to be sent as. Never a private key.
    certificates: Vec<String>,
    /// A day, or a time in UTC or with its zone.
    starts: String,
    deadline: String,
    /// Who answers for the window.
    owner: String,
    /// Whom people ask; it is shown to them.
    contact: String,
}

impl From<Entered> for MigrationDraft {
    fn from(sent: Entered) -> Self {
        Self {
            application: sent.application,
            certificates: sent.certificates.into_iter().map(String::into_bytes).collect(),
            starts: sent.starts,
            deadline: sent.deadline,
            owner: sent.owner,
            contact: sent.contact,
        }
    }
}

/// A certificate.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationCertificate")]
struct Certificate {
    subject: String,
    issuer: String,
    /// The thumbprint as Entra shows it.
    sha1: String,
    sha256: String,
    starts: Moment,
    ends: Moment,
}

impl From<CertificateShown> for Certificate {
    fn from(one: CertificateShown) -> Self {
        Self {
            subject: one.subject,
            issuer: one.issuer,
            sha1: one.sha1,
            sha256: one.sha256,
            starts: Moment::at(one.starts),
            ends: Moment::at(one.ends),
        }
    }
}

/// What validate found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationChecked")]
pub(crate) struct Checked {
    /// Whether exactly these values can be saved.
    is_green: bool,
    #[schemars(with = "Vec<FieldChecked>")]
    lines: Vec<FieldLine>,
    certificates: Vec<Certificate>,
    /// What was compared; empty where the tenant was not asked.
    compared: String,
}

/// How the people stand; they add up to `people`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationCounts")]
struct Numbers {
    people: i64,
    onboarded: i64,
    not_onboarded: i64,
    unlinked: i64,
    exempt: i64,
    /// Sign-ins that wait for an approval.
    pending: i64,
    /// Sign-ins in which something does not fit.
    mismatched: i64,
    approved: i64,
    denied: i64,
}

impl From<Counts> for Numbers {
    fn from(counts: Counts) -> Self {
        Self {
            people: counts.people,
            onboarded: counts.onboarded,
            not_onboarded: counts.not_onboarded,
            unlinked: counts.unlinked,
            exempt: counts.exempt,
            pending: counts.pending,
            mismatched: counts.mismatched,
            approved: counts.approved,
            denied: counts.denied,
        }
    }
}

/// A line of the checklist.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationChecklistLine")]
struct Line {
    /// `onboarded`, `linked`, `phase_two` or `closed`.
    key: &'static str,
    done: bool,
    evidence: String,
    missing: String,
}

impl From<ChecklistLine> for Line {
    fn from(line: ChecklistLine) -> Self {
        Self {
            key: line.key,
            done: line.done,
            evidence: line.evidence,
            missing: line.missing,
        }
    }
}

/// A migration.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Migration")]
pub(crate) struct Shown {
    /// `draft`, `scheduled`, `open`, `overdue` or `closed`.
    state: &'static str,
    /// Empty before it is saved, and once it is closed.
    application: String,
    certificates: Vec<Certificate>,
    starts: Option<Moment>,
    deadline: Option<Moment>,
    owner: String,
    contact: String,
    /// What was compared when it was saved.
    compared: String,
    closed: Option<Moment>,
    /// Where people join is `/join/{workspace}` of this server.
    counts: Numbers,
    checklist: Vec<Line>,
    /// What is done in Entra, as somebody has ticked it.
    entra_list: Vec<list::Line>,
    /// The last test sign-in. It is begun in the console: it needs a browser.
    test: Option<list::Test>,
    /// Whether one can be begun.
    is_testable: bool,
}

impl From<Migrating> for Shown {
    fn from(found: Migrating) -> Self {
        let of = found.migration.as_ref();
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        Self {
            state: found.state.as_str(),
            application: text(of.map(|one| &one.application)),
            starts: of.map(|one| Moment::at(one.starts)),
            deadline: of.map(|one| Moment::at(one.deadline)),
            owner: text(of.map(|one| &one.owner)),
            contact: text(of.map(|one| &one.contact)),
            compared: text(of.map(|one| &one.compared)),
            closed: of.and_then(|one| one.closed).map(Moment::at),
            certificates: found.certificates.into_iter().map(Certificate::from).collect(),
            counts: found.counts.into(),
            checklist: found.checklist.into_iter().map(Line::from).collect(),
            entra_list: list::lines(&found.ticks),
            test: found.tested.map(list::Test::from),
            is_testable: found.is_testable,
        }
    }
}

async fn shown(state: &State, workspace: i64, name: &str) -> Result<Json<Shown>> {
    let found = super::engine(state)?.migration(workspace, name).await?;
    Ok(Json(found.into()))
}

/// `GET …/migration`.
async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Shown>> {
    shown(&state, caller.workspace(), &name).await
}

/// `POST …/migration/validate`: what is refused is part of the answer.
async fn validate(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Checked>> {
    let sent: Entered = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let draft = sent.into();
    let done = aside(async move { engine.check_migration(workspace, &name, &draft, &actor).await });
    let Json(found) = done.await?;
    Ok(Json(Checked {
        is_green: found.green,
        lines: found.lines,
        certificates: found.certificates.into_iter().map(Certificate::from).collect(),
        compared: found.compared,
    }))
}

/// `PUT …/migration`.
async fn save(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let sent: Entered = body::read(&state, &headers, body).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    engine
        .save_migration(workspace, &name, &sent.into(), &caller.actor())
        .await?;
    shown(&state, workspace, &name).await
}

/// Another deadline, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MigrationDeadline")]
pub(crate) struct Moved {
    /// A day, or a time in UTC or with its zone.
    deadline: String,
    #[serde(default)]
    reason: String,
}

/// `POST …/migration/deadline`.
async fn deadline(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let sent: Moved = body::read(&state, &headers, body).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    engine
        .move_migration_deadline(workspace, &name, &sent.deadline, &sent.reason, &caller.actor())
        .await?;
    shown(&state, workspace, &name).await
}

/// What was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MigrationClosing")]
pub(crate) struct Closing {
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// `POST …/migration/close`.
async fn close(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Closing { confirm } = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine.close_migration(workspace, &name, &confirm, &actor).await?;
        Ok(())
    });
    let Json(()) = done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET …/migration/archive`.
async fn archive(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<Json<Map<String, Value>>> {
    caller.owns(&state).await?;
    let engine = super::engine(&state)?;
    let found = engine
        .migration_archive(caller.workspace(), &name, &caller.actor())
        .await?;
    Ok(Json(serde_json::from_str(&found.document).unwrap_or_default()))
}
