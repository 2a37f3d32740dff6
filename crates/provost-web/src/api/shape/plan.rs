//! What a cycle or a change would do.

use super::Kind;
use super::rule::RemoveAction;
use schemars::JsonSchema;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a cycle would do. Changes nothing.
#[derive(JsonSchema)]
pub(in crate::api) struct Preview {
    connection: String,
    /// `initial`, `incremental` or `reconcile`.
    mode: String,
    /// Each rule's plan: people first.
    rules: Vec<RulePreview>,
    seats: Vec<Seats>,
    /// What should be known before it runs.
    warnings: Vec<String>,
    /// Milliseconds it took to plan.
    millis: u64,
}

/// What a cycle would do under one rule.
#[derive(JsonSchema)]
struct RulePreview {
    rule: String,
    kind: Kind,
    /// Objects looked at.
    looked: u64,
    counts: Counts,
    digest: String,
    /// Objects left alone, by reason.
    skipped: BTreeMap<String, u64>,
    /// Objects whose mapping fails, with the reason.
    failures: Vec<String>,
    failed: u64,
    held: Vec<Held>,
    /// The first steps.
    steps: Vec<PlannedStep>,
}

/// The effects of a plan.
#[derive(JsonSchema)]
struct Counts {
    people: Tally,
    groups: Tally,
    emptied_groups: u64,
}

/// Steps by action.
#[derive(JsonSchema)]
struct Tally {
    create: u64,
    update: u64,
    disable: u64,
    restore: u64,
    delete: u64,
    add_member: u64,
    remove_member: u64,
    add_licence: u64,
    remove_licence: u64,
}

/// Steps that wait for a person's decision.
#[derive(JsonSchema)]
pub(super) struct Held {
    rule: String,
    /// `held`, `protected` or `approval`.
    why: String,
    sentence: String,
    steps: u64,
    /// What an approval is bound to.
    digest: String,
}

/// A step with its object's name.
#[derive(JsonSchema)]
struct PlannedStep {
    action: String,
    label: String,
    /// The member of a membership; the product of a licence.
    member: Option<String>,
}

/// The seats of a product that a plan uses.
#[derive(JsonSchema)]
struct Seats {
    product: String,
    name: String,
    free: u64,
    needed: u64,
    short: u64,
}

/// A plan that was made and kept.
#[derive(JsonSchema)]
pub(in crate::api) struct PlanSummary {
    id: Option<Uuid>,
    connection: String,
    mode: String,
    /// Whether a second person has to approve it.
    approval: bool,
    digest: String,
    steps: u64,
    held: u64,
    rules: Vec<RulePreview>,
    seats: Vec<Seats>,
    warnings: Vec<String>,
    millis: u64,
}

/// What a change would do.
#[derive(JsonSchema)]
pub(in crate::api) struct ChangePreview {
    /// People and groups that enter the scope.
    enter: u64,
    enter_names: Vec<String>,
    /// People and groups that leave it.
    leave: u64,
    leave_names: Vec<String>,
    /// Steps by action.
    counts: BTreeMap<String, u64>,
    held: Vec<Held>,
    rules: Vec<RulePreview>,
    seats: Vec<Seats>,
    warnings: Vec<String>,
    millis: u64,
}

/// What goes with a rule, or went.
#[derive(JsonSchema)]
pub(in crate::api) struct RuleRemoval {
    rule: String,
    action: RemoveAction,
    people: u64,
    labels: Vec<String>,
    kept_by_other_rules: u64,
    digest: String,
    held: Vec<Held>,
    done: bool,
}
