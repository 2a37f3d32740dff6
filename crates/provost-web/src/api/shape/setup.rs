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

/// What trying the credentials of a Microsoft 365 provider found.
#[derive(JsonSchema)]
pub(in crate::api) struct ProviderTried {
    #[schemars(flatten)]
    tried: Tried,
    /// What was understood of the credentials, and what of them does not belong to the provider; one that is not `ok`
    /// keeps them from being saved.
    lines: Vec<FieldChecked>,
    /// The tenant's verified domains, the default one first; empty when they could not be read.
    domains: Vec<String>,
    /// The tenant's display name; empty when it could not be read.
    tenant: String,
    tenant_id: Option<String>,
    /// What the connection does with these credentials.
    functions: Vec<String>,
    /// What was chosen and stays off, with the right that it lacks.
    off: Vec<FunctionOff>,
}

/// A function that stays off.
#[derive(JsonSchema)]
struct FunctionOff {
    function: String,
    /// The permission to grant.
    permission: String,
    /// Broader ones that would do instead.
    also_enough: Vec<String>,
}

/// What was found of one field.
#[derive(JsonSchema)]
pub(in crate::api) struct FieldChecked {
    field: String,
    ok: bool,
    /// `PRV-…` where it is refused; empty where it is good.
    code: String,
    /// Why it is refused, or what there is to say of a good one; may be empty.
    sentence: String,
    hint: String,
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
    /// What a step that comes later will need and is not granted yet; nothing is refused without it before.
    later: Vec<Need>,
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
