//! The store's suite: every test runs on SQLite and, when `PROVOST_TEST_POSTGRES` names a server, on
//! PostgreSQL. With `CI` set a missing server is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod audit;
mod clients;
mod database;
mod directory;
mod extensions;
mod harness;
mod list;
mod members;
mod property;
mod providers;
mod provisioning;
mod query;
mod reconnect;
mod recycle;
mod requests;
mod schema;
mod secrets;
mod takeover;
mod tokens;
