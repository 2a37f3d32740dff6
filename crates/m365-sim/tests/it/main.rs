//! The simulator over HTTP, every request and answer held against Microsoft's contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admins;
mod audits;
mod batch;
mod certificates;
mod consents;
mod contract;
mod control;
mod deleted;
mod delta;
mod domains;
mod entra;
mod faults;
mod federation;
mod foreign;
mod group_licenses;
mod groups;
mod journal;
mod licenses;
mod members;
mod organization;
mod permissions;
mod queries;
mod reference;
mod relying;
mod rollout;
mod rules;
mod saml;
mod seats;
mod subscriptions;
mod throttle;
mod user_values;
mod users;
mod world;
