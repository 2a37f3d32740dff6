//! Rules with their scopes and mappings.

use super::Kind;
use schemars::JsonSchema;
use serde_json::Value;

/// What is left out where it says nothing. Which value that is, the reference page of rules tells.
fn is_default<T>(_: &T) -> bool {
    true
}

/// Who is provisioned, and with which attributes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::api) struct Rule {
    name: String,
    object: Kind,
    /// Who is meant; empty means everybody.
    #[schemars(default)]
    scope: Scope,
    /// How unlinked objects are recognised in the target; at least one.
    #[schemars(default)]
    matching: Vec<Matching>,
    /// One mapping for each target attribute.
    mappings: Vec<Mapping>,
    /// What the rule may do in the target.
    #[schemars(default)]
    actions: Actions,
    /// What happens to an account whose person leaves the scope.
    #[schemars(default)]
    remove: RemoveAction,
    /// Mappings that are written together with the disable of somebody who leaves.
    #[schemars(default, skip_serializing_if = "is_default")]
    leaver: Vec<Mapping>,
    /// Days between the disable and the delete of an account.
    #[schemars(default, skip_serializing_if = "is_default")]
    delete_after_days: Option<u32>,
    /// What a second person has to approve.
    #[schemars(default, skip_serializing_if = "is_default")]
    approval: Approval,
    /// What happens when a linked account is not in the target any more.
    #[schemars(default, skip_serializing_if = "is_default")]
    vanished: Vanished,
    /// Whether the rule is being taken away together with its accounts.
    #[schemars(default, skip_serializing_if = "is_default")]
    removing: bool,
    /// A rule that is switched off decides nothing; its links stay. Without it, on.
    #[schemars(default, skip_serializing_if = "is_default")]
    enabled: bool,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
pub(in crate::api) enum RemoveAction {
    Leave,
    #[default]
    Disable,
    Delete,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
enum Approval {
    #[default]
    Never,
    Removals,
    Always,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
enum Vanished {
    #[default]
    MatchAgain,
    CreateAgain,
    Fail,
}

/// What a rule may do in the target. Everything is allowed unless it is switched off.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
struct Actions {
    create: bool,
    update: bool,
    disable: bool,
    delete: bool,
    add_member: bool,
    remove_member: bool,
    licence: bool,
}

/// Alternatives; empty means everybody.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields)]
struct Scope {
    #[schemars(default)]
    filters: Vec<Filter>,
}

/// Clauses that must all hold, or a SCIM filter in their place.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Filter {
    #[schemars(default)]
    name: String,
    #[schemars(default, skip_serializing_if = "is_default")]
    clauses: Vec<Clause>,
    #[schemars(default, skip_serializing_if = "is_default")]
    scim: Option<String>,
}

/// One condition on one attribute.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Clause {
    attribute: String,
    /// Such as `EQUALS` or `IS NOT NULL`.
    operator: String,
    #[schemars(default, skip_serializing_if = "is_default")]
    value: Value,
    /// `any` or `all`.
    #[schemars(default, skip_serializing_if = "is_default")]
    multivalued: Option<String>,
}

/// A target attribute by which a match is looked for; the lowest precedence first.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Matching {
    target: String,
    precedence: u32,
}

/// How one target attribute gets its value: by exactly one of `direct`, `constant`, `expression`, `generated`, `secret`
/// and `none`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Mapping {
    target: String,
    #[schemars(default, skip_serializing_if = "is_default")]
    direct: Option<String>,
    #[schemars(default, skip_serializing_if = "is_default")]
    constant: Option<Value>,
    #[schemars(default, skip_serializing_if = "is_default")]
    expression: Option<String>,
    #[schemars(default, skip_serializing_if = "is_default")]
    generated: bool,
    /// The name of one of the connection's secrets.
    #[schemars(default, skip_serializing_if = "is_default")]
    secret: Option<String>,
    #[schemars(default, skip_serializing_if = "is_default")]
    none: bool,
    #[schemars(default, skip_serializing_if = "is_default")]
    apply: Apply,
    #[schemars(default, skip_serializing_if = "is_default")]
    null: NullPolicy,
    #[schemars(default, skip_serializing_if = "is_default")]
    default: Option<Value>,
    #[schemars(default, skip_serializing_if = "is_default")]
    reference: bool,
    /// `string`, `integer`, `boolean` or `strings`.
    #[schemars(default, skip_serializing_if = "is_default")]
    kind: Option<String>,
    #[schemars(default, skip_serializing_if = "is_default")]
    resend: bool,
    #[schemars(default, skip_serializing_if = "is_default")]
    drift: Drift,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
enum Apply {
    #[default]
    Always,
    OnCreate,
    AddOnly,
    ValueAddOnly,
    IfEmpty,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
enum NullPolicy {
    #[default]
    Skip,
    Clear,
    Default,
    DefaultIfEmpty,
}

#[derive(JsonSchema, Default)]
#[schemars(rename_all = "snake_case")]
enum Drift {
    #[default]
    Repair,
    Report,
    Accept,
}
