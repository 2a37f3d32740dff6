//! The simulator over HTTP, every request and answer held against Microsoft's contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod batch;
mod contract;
mod deleted;
mod delta;
mod entra;
mod faults;
mod groups;
mod journal;
mod licenses;
mod members;
mod organization;
mod permissions;
mod queries;
mod throttle;
mod user_values;
mod users;
mod world;
