//! What handlers put together by hand.

use super::Kind;
use super::connection::Preferences;
use super::rule::Rule;
use crate::api::moment::Moment;
use schemars::JsonSchema;
use serde_json::{Map, Value};
use uuid::Uuid;

#[derive(JsonSchema)]
pub(in crate::api) struct Connections {
    connections: Vec<Connection>,
    /// What to send as `after` for the next page.
    next: Option<String>,
}

/// A connection in a list.
#[derive(JsonSchema)]
struct Connection {
    id: Uuid,
    name: String,
    connector: String,
    /// `active`, `paused`, `held`, `quarantine` or `invalid`.
    state: String,
    code: String,
    reason: String,
    since: Option<Moment>,
    is_initial_through: bool,
}

/// A connection with what waits in it.
#[derive(JsonSchema)]
pub(in crate::api) struct ConnectionWhole {
    #[schemars(flatten)]
    brief: Connection,
    preferences: Preferences,
    description: String,
    settings: Map<String, Value>,
    tested: Option<Moment>,
    /// What the last test found.
    checks: Value,
    last_run: Option<Moment>,
    reconciled: Option<Moment>,
    oldest_unsent_change: Option<Moment>,
    queues: Queues,
}

#[derive(JsonSchema)]
struct Queues {
    retries: i64,
    given_up: i64,
    staged: i64,
    plans: i64,
}

/// A connection that was made.
#[derive(JsonSchema)]
pub(in crate::api) struct ConnectionMade {
    #[schemars(flatten)]
    brief: Connection,
    tried: super::setup::Tried,
    rules_switched_off: Vec<SwitchedOff>,
}

#[derive(JsonSchema)]
struct SwitchedOff {
    rule: String,
    reason: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Switched {
    name: String,
    was: String,
    state: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Templates {
    templates: Vec<TemplateBrief>,
}

#[derive(JsonSchema)]
struct TemplateBrief {
    name: String,
    connector: String,
    summary: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Functions {
    functions: Vec<Function>,
}

/// A function of the expression language.
#[derive(JsonSchema)]
struct Function {
    name: String,
    signature: String,
    summary: String,
    example: String,
    result: Value,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Rules {
    rules: Vec<Rule>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Warnings {
    warnings: Vec<Value>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct RuleSwitched {
    rule: String,
    enabled: bool,
    warnings: Vec<Value>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Statuses {
    rules: Vec<RuleStatus>,
}

/// How far a rule has come: `impacted` is the sum of the others.
#[derive(JsonSchema)]
struct RuleStatus {
    rule: String,
    kind: Kind,
    enabled: bool,
    counts: Counts,
}

#[derive(JsonSchema)]
#[schemars(rename = "StatusCounts")]
struct Counts {
    impacted: i64,
    success: i64,
    unsynced: i64,
    partially_synced: i64,
    failed: i64,
}

#[derive(JsonSchema)]
pub(in crate::api) struct StatusList {
    objects: Vec<StatusLine>,
    next: Option<i64>,
}

#[derive(JsonSchema)]
struct StatusLine {
    id: Option<Uuid>,
    label: String,
    status: String,
    target_id: String,
    code: String,
    reason: String,
    since: Option<Moment>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct StatusOfObject {
    status: Vec<ObjectStatus>,
}

#[derive(JsonSchema)]
struct ObjectStatus {
    connection: String,
    rule: String,
    status: String,
    target_id: String,
    code: String,
    reason: String,
    /// Milliseconds since 1970.
    since: i64,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Licences {
    licences: Vec<Licence>,
}

/// A product with its seats.
#[derive(JsonSchema)]
struct Licence {
    product: String,
    name: String,
    state: String,
    assignable: bool,
    seats: u64,
    used: u64,
    free: u64,
    given: u64,
    planned: u64,
    short: u64,
    seen: Option<Moment>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Holders {
    holders: Vec<Holder>,
    next: Option<String>,
}

#[derive(JsonSchema)]
struct Holder {
    id: Option<Uuid>,
    label: String,
    target_id: Option<String>,
    since: Option<Moment>,
    disabled_plans: Vec<String>,
    origin: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct GroupLicences {
    group_licences: Vec<GroupLicence>,
    next: Option<i64>,
}

#[derive(JsonSchema)]
struct GroupLicence {
    key: i64,
    group: Option<Uuid>,
    label: String,
    product: String,
    product_name: String,
    disabled_plans: Vec<String>,
    way: String,
    written: bool,
    created: Option<Moment>,
    actor: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Doubts {
    doubts: Vec<Doubt>,
    next: Option<i64>,
}

/// Who waits for a decision.
#[derive(JsonSchema)]
struct Doubt {
    doubt: i64,
    label: String,
    code: String,
    reason: String,
    candidates: Vec<Candidate>,
    /// What can be decided.
    choices: Vec<String>,
    decision: Option<String>,
    target_id: String,
    created: Option<Moment>,
    decided: Option<Moment>,
    actor: String,
}

#[derive(JsonSchema)]
struct Candidate {
    target_id: String,
    label: String,
    matched_by: String,
    detail: String,
    deleted: bool,
    linked_to: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct DoubtDecided {
    doubt: i64,
    decision: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct DoubtsDecided {
    code: String,
    decision: String,
    /// How many are decided now.
    decided: u64,
    /// How many of the same reason wait on.
    left: u64,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Leavers {
    leavers: Vec<Leaver>,
    next: Option<i64>,
}

#[derive(JsonSchema)]
struct Leaver {
    id: Option<Uuid>,
    label: String,
    created: Option<Moment>,
    actor: String,
    state: String,
    steps: Vec<super::run::LeaverStep>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Cycles {
    cycles: Vec<Cycle>,
    next: Option<i64>,
}

/// A run of a connection.
#[derive(JsonSchema)]
pub(in crate::api) struct Cycle {
    cycle: i64,
    mode: String,
    /// `running`, `done`, `held`, `failed` or `stopped`.
    state: String,
    started: Option<Moment>,
    finished: Option<Moment>,
    counts: Value,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Plans {
    plans: Vec<Plan>,
    next: Option<i64>,
}

/// A plan that is kept.
#[derive(JsonSchema)]
pub(in crate::api) struct Plan {
    id: Uuid,
    mode: String,
    state: String,
    needs_approval: bool,
    digest: String,
    counts: Value,
    created: Option<Moment>,
    created_by: String,
    decided: Option<Moment>,
    decided_by: Option<String>,
    applied: Option<Moment>,
    cycle: Option<i64>,
    reason: String,
}

#[derive(JsonSchema)]
pub(in crate::api) struct PlanSteps {
    steps: Vec<PlanStep>,
    next: Option<i64>,
}

#[derive(JsonSchema)]
struct PlanStep {
    position: i64,
    action: String,
    object: Kind,
    label: String,
    held: bool,
    /// Each attribute with its values before and after.
    changes: Vec<Map<String, Value>>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct Log {
    entries: Vec<LogEntry>,
    /// What to send as `after` for the next page.
    next: Option<String>,
}

/// A line of the provisioning log.
#[derive(JsonSchema)]
struct LogEntry {
    id: String,
    time: Option<Moment>,
    object: LogObject,
    target_id: Option<String>,
    action: String,
    status: String,
    code: Option<String>,
    reason: String,
    detail: Value,
    change_id: Option<Value>,
    duration_ms: f64,
    initiator: String,
    steps: Value,
    modified: Value,
    /// The connection, for what went out.
    #[schemars(skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
    /// The inbound provider, for what came in.
    #[schemars(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    cycle: Option<i64>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    run: Option<i64>,
}

#[derive(JsonSchema)]
struct LogObject {
    kind: Kind,
    id: Option<Uuid>,
    label: String,
}
