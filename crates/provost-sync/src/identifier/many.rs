//! One, some, or all that stand so.

use serde::{Deserialize, Serialize};

/// Which of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen<T> {
    /// These.
    These(Vec<T>),
    /// Every one that the act is meant for, up to [`super::MOST`] at once.
    All,
}
