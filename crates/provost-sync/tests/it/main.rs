//! Whole cycles: a directory in a real database, the real Graph connector, and the simulated Microsoft 365.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod anywhere;
mod convergence;
mod disaster;
mod discover;
mod drift;
mod evaluate;
mod faults;
mod guard;
mod harness;
mod held;
mod import;
mod lane;
mod lease;
mod meant;
mod model;
mod notify;
mod on_demand;
mod preview_change;
mod recycle;
mod schedule;
mod simulation;
mod sink;
mod stored_plan;
mod story;
mod undo;
mod world;
