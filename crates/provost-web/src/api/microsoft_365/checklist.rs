//! What has to be true before people are moved.

use super::super::caller::Reader;
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::Result;
use crate::state::State;
use axum::extract;
use axum::response::Json;
use provost_sync::microsoft_365::ChecklistLine;
use schemars::JsonSchema;
use serde::Serialize;

/// The four lines, computed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderChecklist")]
pub(crate) struct Checklist {
    /// Whether all of them are true: until then, Migration and Federation are locked.
    is_complete: bool,
    lines: Vec<Line>,
}

/// One of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderChecklistLine")]
struct Line {
    /// `active`, `general`, `credentials` or `unassigned`.
    key: &'static str,
    done: bool,
    /// What shows it.
    evidence: String,
    /// Since when it is true.
    at: Option<Moment>,
    /// What is missing; empty where it is true.
    missing: String,
}

impl From<Vec<ChecklistLine>> for Checklist {
    fn from(lines: Vec<ChecklistLine>) -> Self {
        Self {
            is_complete: lines.iter().all(|line| line.done),
            lines: lines.into_iter().map(Line::from).collect(),
        }
    }
}

impl From<ChecklistLine> for Line {
    fn from(line: ChecklistLine) -> Self {
        Self {
            key: line.key,
            done: line.done,
            evidence: line.evidence,
            at: line.at.map(Moment::at),
            missing: line.missing,
        }
    }
}

/// `GET /microsoft-365-providers/{name}/checklist`.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Checklist>> {
    let workspace = caller.workspace();
    let found = super::find(&state, workspace, &name).await?;
    let lines = super::engine(&state)?
        .provider_checklist(workspace, &found.name)
        .await?;
    Ok(Json(lines.into()))
}
