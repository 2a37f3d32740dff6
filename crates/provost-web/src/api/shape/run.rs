//! What was done.

use super::plan::Held;
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a cycle did.
#[derive(JsonSchema)]
pub(in crate::api) struct Report {
    connection: String,
    /// `initial`, `incremental` or `reconcile`.
    mode: String,
    /// `done`, `held`, `failed` or `stopped`.
    state: String,
    looked: u64,
    /// Steps carried out, by action.
    applied: BTreeMap<String, u64>,
    adopted: u64,
    failed: u64,
    skipped: u64,
    held: Vec<Held>,
    drift: u64,
    unresolved: u64,
    reason: String,
    millis: u64,
}

/// What was done for one person or group.
#[derive(JsonSchema)]
pub(in crate::api) struct Provisioned {
    connection: String,
    label: String,
    /// `skipped`, `success`, `held` or `failure`.
    outcome: String,
    steps: Vec<Step>,
    cycle: Option<i64>,
}

#[derive(JsonSchema)]
#[schemars(rename = "ProvisionedStep")]
struct Step {
    name: String,
    rule: String,
    status: String,
    description: String,
    details: Value,
}

/// What a discovery found.
#[derive(JsonSchema)]
pub(in crate::api) struct Discovered {
    seen: u64,
    linked: u64,
    local: u64,
    unassigned: u64,
    assigned: u64,
}

/// What was taken back of a cycle.
#[derive(JsonSchema)]
pub(in crate::api) struct Undone {
    connection: String,
    /// The cycle whose removals were taken back.
    undone: i64,
    /// The cycle under which that stands in the log.
    cycle: i64,
    enabled: u64,
    members: u64,
    licences: u64,
    failed: u64,
    left: u64,
    lines: Vec<UndoLine>,
}

#[derive(JsonSchema)]
struct UndoLine {
    label: String,
    action: String,
    /// `done`, `left` or `failed`.
    outcome: String,
    message: String,
}

/// One run for somebody who leaves.
#[derive(JsonSchema)]
pub(in crate::api) struct LeaverRun {
    connection: String,
    person: String,
    heir: Option<String>,
    applied: bool,
    steps: Vec<LeaverStep>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct LeaverStep {
    name: String,
    count: u64,
    /// `planned`, `done`, `nothing`, `skipped` or `failed`.
    status: String,
    detail: String,
}

/// Everything that is known of a person or group.
#[derive(JsonSchema)]
pub(in crate::api) struct Trace {
    id: uuid::Uuid,
    label: String,
    kind: super::Kind,
    /// What came in; none when it is gone from the directory.
    document: Option<serde_json::Map<String, Value>>,
    groups: Vec<String>,
    rules: Vec<RuleTrace>,
    /// What was done, newest first.
    log: Vec<Value>,
}

/// What one rule makes of it.
#[derive(JsonSchema)]
struct RuleTrace {
    connection: String,
    rule: String,
    scope: String,
    /// Attributes by which a match would be looked for, each with its value.
    matching: Vec<(String, Value)>,
    attributes: serde_json::Map<String, Value>,
    decision: String,
    target_id: Option<String>,
    written: Option<serde_json::Map<String, Value>>,
    error: Option<String>,
}
