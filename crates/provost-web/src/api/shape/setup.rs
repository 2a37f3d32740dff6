//! What trying things out found.

use schemars::JsonSchema;
use serde_json::Value;

/// What trying a connection found, step by step.
#[derive(JsonSchema)]
pub(in crate::api) struct Tried {
    checks: Vec<CheckLine>,
    permissions: Option<Permissions>,
}

#[derive(JsonSchema)]
pub(in crate::api) struct CheckLine {
    name: String,
    ok: bool,
    code: String,
    sentence: String,
    hint: String,
    link: Option<String>,
}

/// What trying a saved connection found, and what became of it.
#[derive(JsonSchema)]
pub(in crate::api) struct Checked {
    #[schemars(flatten)]
    tried: Tried,
    was: String,
    state: String,
}

#[derive(JsonSchema)]
struct Permissions {
    granted: Vec<String>,
    missing: Vec<Need>,
    excess: Vec<String>,
    advised: Vec<Need>,
    unknown: bool,
}

#[derive(JsonSchema)]
struct Need {
    function: String,
    permission: String,
    also_enough: Vec<String>,
}

/// Preferences were saved.
#[derive(JsonSchema)]
pub(in crate::api) struct PreferencesSaved {
    /// Why a resync is needed; none where none is.
    resync: Option<String>,
    unsynced: u64,
    partially_synced: u64,
}

/// How many a rule means.
#[derive(JsonSchema)]
pub(in crate::api) struct HeadCount {
    meant: u64,
    total: u64,
    unknown: u64,
    names: Vec<String>,
}

/// What an expression gives.
#[derive(JsonSchema)]
pub(in crate::api) struct Evaluated {
    result: Option<Answer>,
    errors: Vec<Remark>,
    warnings: Vec<Remark>,
    tree: Option<Value>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Answer {
    Value(Value),
    IgnoreAttribute,
    IgnoreObject,
}

/// A mistake, with its place in characters.
#[derive(JsonSchema)]
struct Remark {
    start: usize,
    end: usize,
    message: String,
    hint: String,
}
