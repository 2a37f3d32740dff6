//! The store's suite: every test runs on SQLite and, when `PROVOST_TEST_POSTGRES` names a server, on
//! PostgreSQL. With `CI` set a missing server is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod api_tokens;
mod assignments;
mod audit;
mod clients;
mod configuration;
mod connections;
mod database;
mod directory;
mod doubts;
mod drift;
mod extensions;
mod filled;
mod harness;
mod leavers;
mod licences;
mod links;
mod list;
mod logs;
mod members;
mod notices;
mod plans;
mod property;
mod providers;
mod provisioning;
mod query;
mod queue;
mod reconnect;
mod recycle;
mod requests;
mod retention;
mod schema;
mod secrets;
mod sources;
mod status;
mod tables;
mod takeover;
mod tokens;
