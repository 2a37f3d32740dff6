//! One step of a run, and how it ended.

use provost_connect::Error as TargetError;
use serde::{Deserialize, Serialize};

/// One step of a run for a person who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaverStep {
    /// `end_sessions`, `disable`, `groups`, `licences` or `owned_groups`.
    pub name: String,
    /// How many sessions, accounts, memberships, licences or groups it is about.
    pub count: u64,
    /// How it ended.
    pub status: StepStatus,
    /// What was done, would be done, or why not; for people.
    pub detail: String,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It would be done.
    Planned,
    /// It was done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// It cannot or need not be done, for a reason that the detail tells.
    Skipped,
    /// It failed, wholly or in part; running it again does what is left.
    Failed,
}

impl LeaverStep {
    pub(super) fn new(name: &str, count: usize, status: StepStatus, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            count: count as u64,
            status,
            detail: detail.into(),
        }
    }

    pub(super) fn nothing(name: &str, detail: &str) -> Self {
        Self::new(name, 0, StepStatus::Nothing, detail)
    }

    /// What an error means for a step: what the target cannot do is no failure.
    pub(super) fn of_error(name: &str, count: usize, error: &TargetError) -> Self {
        match error {
            TargetError::Unsupported { .. } => {
                Self::new(name, 0, StepStatus::Skipped, "The target does not have this.")
            }
            error => {
                let detail = format!("{}: {error}. {}", error.code(), error.hint());
                Self::new(name, count, StepStatus::Failed, detail)
            }
        }
    }
}
