//! The web crate's behaviour over real HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod administrators;
mod api;
mod api_description;
mod api_directory;
mod api_microsoft_365;
mod api_once;
mod api_providers;
mod api_work;
mod attacks;
#[path = "../../../provost-signin/tests/it/authenticator.rs"]
mod authenticator;
mod browser;
mod bulk;
mod bulk_upload;
mod closed;
mod connection_pages;
mod consent;
mod consent_entra;
mod console;
mod console_pages;
mod console_world;
mod cursors;
mod described;
mod dialects;
mod discovery;
mod entra;
mod etags;
mod extensions;
mod federation;
mod federation_pages;
mod general;
mod groups;
mod guide_pages;
mod harness;
mod identifiers;
mod idle;
mod lack;
mod licence_pages;
mod limits;
mod lists;
mod matrix;
mod metrics;
mod microsoft_365_pages;
mod oauth;
mod okta;
mod onboarding;
mod onboarding_test;
mod openid;
mod own_signin;
mod ownership;
mod people_pages;
mod provider_pages;
mod request_log;
mod run_pages;
mod run_world;
mod sheets;
mod signin;
mod slow;
mod takeover;
mod users;
mod wrong;
