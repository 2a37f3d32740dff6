//! Whole cycles: a directory in a real database, the real Graph connector, and the simulated Microsoft 365.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod convergence;
mod faults;
mod guard;
mod harness;
mod lease;
mod recycle;
mod schedule;
