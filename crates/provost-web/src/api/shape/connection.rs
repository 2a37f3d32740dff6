//! How a connection runs, and what it is as a whole.

use super::rule::{RemoveAction, Rule};
use schemars::JsonSchema;
use serde_json::{Map, Value};

/// How a connection runs.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
pub(in crate::api) struct Preferences {
    /// `automatic` or `manual`.
    mode: String,
    /// `all`: everybody is meant; `assigned`: who is assigned.
    assignment: String,
    nested: bool,
    interval_seconds: u32,
    reconcile_hours: u32,
    clock_minutes: u32,
    skip_out_of_scope: bool,
    discover: bool,
    allowed: Allowed,
    remove_licences_when_empty: bool,
    leaver: LeaverPolicy,
    read_changes_minutes: u32,
    description: String,
    protected_accounts: Vec<String>,
}

/// What a connection may do, whatever its rules allow.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
struct Allowed {
    create: bool,
    update: bool,
    disable: bool,
    deprovision: bool,
    #[schemars(skip_serializing_if = "Option::is_none")]
    remove_action: Option<RemoveAction>,
    deprovision_on_rule_deletion: bool,
}

/// What everybody who is disabled loses.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
struct LeaverPolicy {
    groups: bool,
    licences: bool,
}

/// The limits of the deletion guard. A limit of 0 is none.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
pub(in crate::api) struct Guard {
    enabled: bool,
    minimum: u32,
    percent: f64,
    per_day_percent: f64,
    members_percent: f64,
    members_minimum: u32,
    may_empty_groups: bool,
    limit: u32,
    per_day_limit: u32,
    members_limit: u32,
    licences_percent: f64,
    licences_minimum: u32,
    shrink_percent: f64,
    shrink_minimum: u32,
}

/// What a connection can begin with.
#[derive(JsonSchema)]
pub(in crate::api) struct Template {
    name: String,
    /// What people call it.
    title: String,
    summary: String,
    connector: String,
    settings: Map<String, Value>,
    preferences: Preferences,
    rules: Vec<Rule>,
    /// The application's attributes.
    attributes: Value,
}

/// A connection as a whole: what is kept of each version.
#[derive(JsonSchema)]
pub(in crate::api) struct Definition {
    rules: Vec<Rule>,
    preferences: Preferences,
    guard: Guard,
    settings: Map<String, Value>,
    /// The licences that groups bring.
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    group_licences: Option<Vec<Map<String, Value>>>,
}
