//! What a connection would be if somebody saved their change: rules, preferences, guard, assignment. A plan or
//! a preview is made with it before anything is saved.

use provost_engine::policy::Guard;
use provost_engine::rule::Rule;
use provost_store::connection::Preferences;
use serde::{Deserialize, Serialize};

/// A change of a connection that is not saved yet. What is left out stays as it is saved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proposal {
    /// All rules of the connection: one that is not among them would be removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// The connection's preferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// The deletion guard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// Keys of people and groups that would be assigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assign: Vec<i64>,
    /// Keys of people and groups that would not be assigned any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unassign: Vec<i64>,
}

impl Proposal {
    /// The connection without its rules: for reaching the target, whatever state they are in.
    pub(crate) fn without_rules() -> Self {
        Self {
            rules: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Whether it changes nothing: a plan of the connection as it is saved.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
