//! The store's suite: every test runs on SQLite and, when `PROVOST_TEST_POSTGRES` names a server, on
//! PostgreSQL. With `CI` set a missing server is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod audit;
mod database;
mod directory;
mod harness;
mod list;
mod members;
mod provisioning;
mod reconnect;
mod schema;
mod secrets;
mod tokens;
