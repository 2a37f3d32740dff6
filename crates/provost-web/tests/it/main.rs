//! The web crate's behaviour over real HTTP, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod console;
mod discovery;
mod entra;
mod etags;
mod groups;
mod harness;
mod lists;
mod okta;
mod ownership;
mod users;
mod wrong;
