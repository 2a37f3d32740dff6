//! The directory and everything that must survive a restart, on SQLite or PostgreSQL.
//!
//! One module per table, plain functions over [`Tx`]; [`Db`] runs them on database threads. An answer means
//! that the change is on the disk, with its change-log and audit rows, or that nothing was changed.

pub mod audit;
pub mod change_log;
pub mod client;
pub mod connection;
mod credential;
pub mod cycle;
mod db;
pub mod directory;
mod error;
pub mod extension;
pub mod habit;
pub mod lease;
pub mod link;
pub mod member;
pub mod provider;
pub mod provisioning_log;
pub mod query;
pub mod recycle;
pub mod reference;
pub mod request;
pub mod retention;
pub mod retry;
pub mod rule;
pub mod secret;
pub mod staged;
pub mod takeover;
pub mod team;
pub mod token;
mod word;
pub mod workspace;

pub(crate) use db::{BUCKET, Param, Row};
pub use db::{Db, Location, READ_MILLIS, Tx};
pub use error::{Error, Result};

/// Declares SQL constants and lists them, so that a test can prepare every one on both databases.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        /// Every statement of this module.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// Every fixed statement with the module it belongs to: what the schema test prepares.
pub fn all_statements() -> Vec<(&'static str, &'static str, &'static str)> {
    let modules: &[(&str, &[(&str, &str)])] = &[
        ("audit", audit::STATEMENTS),
        ("change_log", change_log::STATEMENTS),
        ("client", client::STATEMENTS),
        ("connection", connection::STATEMENTS),
        ("cycle", cycle::STATEMENTS),
        ("directory::block", directory::BLOCK_STATEMENTS),
        ("directory::find", directory::FIND_STATEMENTS),
        ("directory::write", directory::WRITE_STATEMENTS),
        ("extension", extension::STATEMENTS),
        ("habit", habit::STATEMENTS),
        ("lease", lease::STATEMENTS),
        ("ledger", db::LEDGER_STATEMENTS),
        ("link", link::STATEMENTS),
        ("member", member::STATEMENTS),
        ("provider", provider::STATEMENTS),
        ("provisioning_log", provisioning_log::STATEMENTS),
        ("query::ordered", query::ORDERED_STATEMENTS),
        ("query::page", query::PAGE_STATEMENTS),
        ("recycle", recycle::STATEMENTS),
        ("reference", reference::STATEMENTS),
        ("request", request::STATEMENTS),
        ("request::search", request::SEARCH_STATEMENTS),
        ("retention", retention::STATEMENTS),
        ("retry", retry::STATEMENTS),
        ("rule", rule::STATEMENTS),
        ("secret", secret::STATEMENTS),
        ("staged", staged::STATEMENTS),
        ("takeover", takeover::STATEMENTS),
        ("team", team::STATEMENTS),
        ("token", token::STATEMENTS),
        ("workspace", workspace::STATEMENTS),
    ];
    modules
        .iter()
        .flat_map(|(module, list)| list.iter().map(move |(name, sql)| (*module, *name, *sql)))
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
