//! Every target passes one conformance suite against a server that keeps state, and answers each
//! bad day of that server with the precise error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod application;
mod conformance;
mod csv;
mod graph;
mod graph_changes;
mod graph_contract;
mod graph_deleted;
mod graph_faults;
mod graph_federation;
mod graph_licences;
mod graph_receipts;
mod graph_setup;
mod graph_standing;
mod graph_throttle;
mod mail;
mod scim;
mod scim_coping;
mod scim_faults;
mod self_test;
