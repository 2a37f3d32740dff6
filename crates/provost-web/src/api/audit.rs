//! `/api/v1/audit`: who did what in Provost.

use super::caller::Reader;
use super::connections::parameters;
use super::moment::Moment;
use super::paging;
use super::problem::Result;
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::Tx;
use provost_store::audit::{self, AuditAsked, Entry, Progress, Step, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Audit", summary);
    api.get(
        "/api/v1/audit",
        Act::Look,
        list,
        about("the audit log, newest first")
            .query::<Asked>()
            .answers::<Rows>(),
    )
    .get(
        "/api/v1/audit/verify",
        Act::Look,
        verify,
        about("whether no row was changed, added or removed").answers::<Found>(),
    )
}

/// Which rows. Every condition must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "AuditAsked")]
pub(crate) struct Asked {
    /// Actions that begin so: `person.`, or a whole one.
    action: Option<String>,
    /// Of who has this in their name.
    actor: Option<String>,
    /// About what has this in its id or name.
    subject: Option<String>,
    /// The `next` of the page before; without it, the newest.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A row.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditRow")]
struct Row {
    /// Its number in the workspace, from 1 without gaps.
    position: i64,
    time: Moment,
    actor: String,
    /// What, as `noun.verb`.
    action: String,
    /// The id, or the name, of what it was done to.
    subject: String,
    detail: String,
}

/// A page of rows. It may have fewer than were asked for, even none, and still go on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub(crate) struct Rows {
    entries: Vec<Row>,
    next: Option<String>,
}

async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Rows>> {
    let asked = parameters(asked)?;
    let search = AuditAsked {
        workspace: caller.workspace(),
        before: asked.after.as_deref().map(paging::place).transpose()?,
        action: asked.action,
        actor: asked.actor,
        subject: asked.subject,
    };
    let limit = paging::count(asked.limit);
    let page = state
        .db()
        .read(move |tx: &mut Tx| audit::page(tx, &search, limit))
        .await?;
    let next = page.next.map(|position| position.to_string());
    let entries = page.entries.into_iter().map(row).collect();
    Ok(Json(Rows { entries, next }))
}

fn row(entry: Entry) -> Row {
    Row {
        position: entry.position,
        time: Moment::at(entry.at),
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail,
    }
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditVerdict")]
pub(crate) struct Found {
    /// Whether every row is as it was written.
    intact: bool,
    /// Rows that were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<i64>,
    /// The last row's hash: written down elsewhere, it proves later that the past has not changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// The number of the first row that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

async fn verify(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Found>> {
    let workspace = caller.workspace();
    let mut from = Progress::default();
    let verdict = loop {
        let here = from.clone();
        let read = move |tx: &mut Tx| audit::verify_next(tx, workspace, &here);
        match state.db().read(read).await? {
            Step::Further(next) => from = next,
            Step::Done(verdict) => break verdict,
        }
    };
    Ok(Json(match verdict {
        Verdict::Intact { rows, head } => Found {
            intact: true,
            rows: Some(rows),
            head: Some(head),
            position: None,
            reason: None,
        },
        Verdict::Broken { position, reason } => Found {
            intact: false,
            rows: None,
            head: None,
            position: Some(position),
            reason: Some(reason),
        },
    }))
}
