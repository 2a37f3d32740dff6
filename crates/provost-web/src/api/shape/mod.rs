//! The shapes of what other crates define, for the description of the interface: these types are never made, only
//! described. The tests hold every answer of the interface to them, in both directions: what is missing and what is too
//! much.
#![allow(dead_code, reason = "they are described, never made")]

pub(super) mod answer;
pub(super) mod confirm;
pub(super) mod connection;
pub(super) mod mail;
pub(super) mod plan;
pub(super) mod provider;
pub(super) mod rule;
pub(super) mod run;
pub(super) mod setup;
pub(super) mod source;

use schemars::JsonSchema;

/// People or groups.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum Kind {
    Person,
    Group,
}
