//! The web crate's behaviour over real HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod api;
mod bulk;
mod bulk_upload;
mod console;
mod console_pages;
mod console_world;
mod cursors;
mod dialects;
mod discovery;
mod entra;
mod etags;
mod extensions;
mod groups;
mod harness;
mod idle;
mod limits;
mod lists;
mod metrics;
mod oauth;
mod okta;
mod ownership;
mod request_log;
mod sheets;
mod slow;
mod takeover;
mod users;
mod wrong;
