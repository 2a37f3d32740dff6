//! The provisioning engine as pure functions: expressions, mappings, scope, matching, plan, guard.
//!
//! The way of one object: a [`rule::Rule`] is compiled once; [`rule::Compiled::evaluate`] says what
//! the rule wants for one person or group; [`plan::decide`] compares that with what was written
//! before; the decisions become a [`plan::Plan`]; [`policy`] takes out of the plan what is not allowed
//! and holds what looks like an accident. [`drift`] finds what others changed in the target since, and
//! [`import`] reads rules from a synchronization schema of Microsoft Entra.
//!
//! No clock, no randomness, no input or output: the time is an argument, so a million simulated
//! decisions cost seconds and every result can be repeated.

pub mod attribute;
pub mod country;
mod dice;
pub mod diff;
pub mod drift;
pub mod expr;
pub mod import;
pub mod mapping;
pub mod matching;
pub mod object;
pub mod plan;
pub mod policy;
pub mod quarantine;
pub mod rule;
pub mod scope;
