//! The project's own chores, as functions that tests can call.
//!
//! - [`layers`]: which crate may import which (the table of `ARCHITECTURE.md`, as data).
//! - [`policy`]: `deny.toml` read against the same graph: bans, licences, sources, duplicate versions.
//! - [`load`]: what many providers send to a running service, measured.
//!
//! The first two read one [`graph::Graph`], made from `cargo metadata`. They exist beside `cargo deny` so that the
//! rules hold on a machine that has only Rust.

pub mod graph;
pub mod layers;
pub mod licence;
pub mod load;
pub mod policy;
