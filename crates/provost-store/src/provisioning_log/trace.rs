//! What a line of the provisioning log tells beyond its sentence: the steps, and each modified attribute with
//! its old and new value (Microsoft Graph `provisioningObjectSummary`: `provisioningSteps`,
//! `modifiedProperties`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The story of one line. Never holds a secret: whoever writes it has redacted it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// What was done, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<Modified>,
}

/// One step: import, scope, match, action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// `success`, `failure`, `skipped` or `warning`.
    pub status: String,
    /// What happened, for people.
    pub description: String,
    /// Names and values that belong to it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// An attribute that was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modified {
    /// The target attribute.
    pub name: String,
    /// Its value before; null where there was none, or it is not known.
    pub old: Value,
    /// Its value now; null where it was cleared.
    pub new: Value,
}
