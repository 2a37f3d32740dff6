//! How records become people, and what an import did.

use super::rule::Rule;
use schemars::JsonSchema;

/// How a provider's records become people.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::api) struct Source {
    rule: Rule,
    /// The attribute of a record that never changes; without it, `externalId`.
    #[schemars(default)]
    anchor: String,
    /// What happens to who is missing: `disable`, `delete` or `leave`.
    #[schemars(default)]
    absent: String,
    #[schemars(default)]
    guard: AbsenceGuard,
    #[schemars(default)]
    clock_minutes: u32,
}

#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
struct AbsenceGuard {
    enabled: bool,
    minimum: u32,
    percent: f64,
    limit: Option<u32>,
    shrink_percent: f64,
}

/// What an import did.
#[derive(JsonSchema)]
pub(in crate::api) struct ImportReport {
    run: i64,
    state: String,
    read: u64,
    created: u64,
    updated: u64,
    enabled: u64,
    disabled: u64,
    deleted: u64,
    unchanged: u64,
    skipped: u64,
    waiting: u64,
    failed: u64,
    failures: Vec<ImportFailure>,
    absent: u64,
    held: Option<HeldAbsences>,
    incomplete: String,
    millis: u64,
}

#[derive(JsonSchema)]
struct ImportFailure {
    anchor: String,
    reason: String,
}

#[derive(JsonSchema)]
struct HeldAbsences {
    people: u64,
    sentence: String,
    digest: String,
}
