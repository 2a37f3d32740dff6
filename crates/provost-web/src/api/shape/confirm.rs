//! What a person has confirmed.

use schemars::JsonSchema;

/// What a person has confirmed.
#[derive(JsonSchema, Default)]
#[schemars(default, deny_unknown_fields)]
pub(in crate::api) struct Confirm {
    /// The digest of the question that was answered with yes.
    digest: Option<String>,
    /// What was typed: the name of what goes.
    typed: Option<String>,
    /// Whether "I understand" was ticked.
    understood: bool,
}
