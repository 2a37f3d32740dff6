//! The directory and everything that must survive a restart, on SQLite or PostgreSQL.
//!
//! One module per table, plain functions over [`Tx`]; [`Db`] runs them on database threads. An answer means
//! that the change is on the disk, with its change-log and audit rows, or that nothing was changed.

pub mod administrator;
pub mod api_token;
pub mod application;
pub mod assignment;
pub mod attempt;
pub mod audit;
pub mod ceremony;
pub mod certificate;
pub mod change_log;
pub mod client;
pub mod config_version;
pub mod connection;
pub mod connection_day;
pub mod connection_template;
mod credential;
pub mod cycle;
mod db;
pub mod directory;
pub mod doubt;
pub mod drift;
pub mod entra_application;
mod error;
pub mod extension;
pub mod federated_signin;
pub mod federation;
pub mod figures;
pub mod foreign_schema;
pub mod group_licence;
pub mod guide_note;
pub mod habit;
pub mod idempotency;
pub mod identifier;
pub mod import_run;
pub mod installation;
pub mod lease;
pub mod leaver;
pub mod link;
pub mod link_licence;
pub mod member;
pub mod microsoft_365;
pub mod migration;
pub mod notice;
pub mod one_time_code;
pub mod one_time_link;
pub mod passkey;
pub mod password;
pub mod person_signin;
pub mod plan;
pub mod problems;
pub mod product;
pub mod protection;
pub mod provider;
pub mod provisioning_log;
pub mod query;
pub mod read_mark;
pub mod recovery_code;
pub mod recycle;
pub mod reference;
pub mod request;
pub mod retention;
pub mod retry;
pub mod revisit;
pub mod rule;
pub mod secret;
pub mod session;
pub mod setting;
pub mod setup_link;
pub mod signin_identity;
pub mod signin_provider;
pub mod signing_key;
pub mod source;
pub mod source_record;
pub mod staged;
mod steps;
pub mod sync_status;
pub mod takeover;
pub mod team;
pub mod tenant_consent;
pub mod token;
pub mod unowned;
mod word;
pub mod workspace;

pub(crate) use db::{BUCKET, Param, Row};
pub use db::{Backup, Db, Location, READ_MILLIS, Tx, restore};
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
        ("administrator", administrator::STATEMENTS),
        ("administrator::grant", administrator::GRANT_STATEMENTS),
        ("administrator::owner", administrator::OWNER_STATEMENTS),
        ("administrator::standing", administrator::STANDING_STATEMENTS),
        ("api_token", api_token::STATEMENTS),
        ("application", application::STATEMENTS),
        ("application::asked", application::ASKED_STATEMENTS),
        ("application::entry", application::ENTRY_STATEMENTS),
        ("application::back_channel", application::BACK_CHANNEL_STATEMENTS),
        ("application::key", application::KEY_STATEMENTS),
        ("application::secret", application::SECRET_STATEMENTS),
        ("application::token", application::TOKEN_STATEMENTS),
        ("assignment", assignment::STATEMENTS),
        ("assignment::reach", assignment::REACH_STATEMENTS),
        ("attempt", attempt::STATEMENTS),
        ("audit", audit::STATEMENTS),
        ("audit::page", audit::PAGE_STATEMENTS),
        ("ceremony", ceremony::STATEMENTS),
        ("change_log", change_log::STATEMENTS),
        ("client", client::STATEMENTS),
        ("config_version", config_version::STATEMENTS),
        ("connection", connection::STATEMENTS),
        ("connection::edit", connection::EDIT_STATEMENTS),
        ("connection::remove", connection::REMOVE_STATEMENTS),
        ("connection::restart", connection::RESTART_STATEMENTS),
        ("connection_day", connection_day::STATEMENTS),
        ("cycle", cycle::STATEMENTS),
        ("directory::block", directory::BLOCK_STATEMENTS),
        ("directory::find", directory::FIND_STATEMENTS),
        ("directory::named", directory::NAMED_STATEMENTS),
        ("directory::write", directory::WRITE_STATEMENTS),
        ("doubt", doubt::STATEMENTS),
        ("drift", drift::STATEMENTS),
        ("entra_application", entra_application::STATEMENTS),
        ("extension", extension::STATEMENTS),
        ("federated_signin", federated_signin::STATEMENTS),
        ("federation", federation::STATEMENTS),
        ("federation::act", federation::ACT_STATEMENTS),
        ("federation::people", federation::PEOPLE_STATEMENTS),
        ("federation::pilot", federation::PILOT_STATEMENTS),
        ("federation::sign_off", federation::SIGN_OFF_STATEMENTS),
        ("figures", figures::STATEMENTS),
        ("foreign_schema", foreign_schema::STATEMENTS),
        ("group_licence", group_licence::STATEMENTS),
        ("group_licence::change", group_licence::CHANGE_STATEMENTS),
        ("guide_note", guide_note::STATEMENTS),
        ("habit", habit::STATEMENTS),
        ("idempotency", idempotency::STATEMENTS),
        ("identifier::account", identifier::ACCOUNT_STATEMENTS),
        ("identifier::exempt", identifier::EXEMPT_STATEMENTS),
        ("identifier::held", identifier::HELD_STATEMENTS),
        ("identifier::list", identifier::LIST_STATEMENTS),
        ("identifier::merge", identifier::MERGE_STATEMENTS),
        ("identifier::person", identifier::PERSON_STATEMENTS),
        ("identifier::reading", identifier::READING_STATEMENTS),
        ("identifier::suggestion", identifier::SUGGESTION_STATEMENTS),
        ("identifier::tie", identifier::TIE_STATEMENTS),
        ("import_run", import_run::STATEMENTS),
        ("installation", installation::STATEMENTS),
        ("lease", lease::STATEMENTS),
        ("leaver", leaver::STATEMENTS),
        ("ledger", db::LEDGER_STATEMENTS),
        ("link", link::STATEMENTS),
        ("link::change", link::CHANGE_STATEMENTS),
        ("link::list", link::LIST_STATEMENTS),
        ("link_licence", link_licence::STATEMENTS),
        ("member", member::STATEMENTS),
        ("microsoft_365", microsoft_365::STATEMENTS),
        ("microsoft_365::change", microsoft_365::CHANGE_STATEMENTS),
        ("microsoft_365::detached", microsoft_365::DETACHED_STATEMENTS),
        ("microsoft_365::lock", microsoft_365::LOCK_STATEMENTS),
        ("microsoft_365::remove", microsoft_365::REMOVE_STATEMENTS),
        ("migration", migration::STATEMENTS),
        ("migration::archive", migration::ARCHIVE_STATEMENTS),
        ("migration::message", migration::MESSAGE_STATEMENTS),
        ("migration::onboarding", migration::ONBOARDING_STATEMENTS),
        ("migration::list", migration::LIST_STATEMENTS),
        ("migration::audience", migration::AUDIENCE_STATEMENTS),
        ("migration::letter", migration::LETTER_STATEMENTS),
        ("migration::test", migration::TEST_STATEMENTS),
        ("migration::tick", migration::TICK_STATEMENTS),
        ("notice", notice::STATEMENTS),
        ("one_time_code", one_time_code::STATEMENTS),
        ("one_time_link", one_time_link::STATEMENTS),
        ("passkey", passkey::STATEMENTS),
        ("password", password::STATEMENTS),
        ("person_signin", person_signin::STATEMENTS),
        ("person_signin::account", person_signin::ACCOUNT_STATEMENTS),
        ("person_signin::ceremony", person_signin::CEREMONY_STATEMENTS),
        ("person_signin::grant", person_signin::GRANT_STATEMENTS),
        ("person_signin::passkey", person_signin::PASSKEY_STATEMENTS),
        ("person_signin::session", person_signin::SESSION_STATEMENTS),
        ("plan", plan::STATEMENTS),
        ("plan::step", plan::STEP_STATEMENTS),
        ("problems::ending", problems::ENDING_STATEMENTS),
        ("problems::standing", problems::STANDING_STATEMENTS),
        ("problems::waiting", problems::WAITING_STATEMENTS),
        ("product", product::STATEMENTS),
        ("protection", protection::STATEMENTS),
        ("provider", provider::STATEMENTS),
        ("provisioning_log", provisioning_log::STATEMENTS),
        ("provisioning_log::search", provisioning_log::SEARCH_STATEMENTS),
        ("query::ordered", query::ORDERED_STATEMENTS),
        ("query::page", query::PAGE_STATEMENTS),
        ("read_mark", read_mark::STATEMENTS),
        ("recovery_code", recovery_code::STATEMENTS),
        ("recycle", recycle::STATEMENTS),
        ("reference", reference::STATEMENTS),
        ("request", request::STATEMENTS),
        ("request::search", request::SEARCH_STATEMENTS),
        ("retention", retention::STATEMENTS),
        ("retry", retry::STATEMENTS),
        ("retry::list", retry::LIST_STATEMENTS),
        ("revisit", revisit::STATEMENTS),
        ("rule", rule::STATEMENTS),
        ("secret", secret::STATEMENTS),
        ("session", session::STATEMENTS),
        ("setting", setting::STATEMENTS),
        ("setup_link", setup_link::STATEMENTS),
        ("signin_identity", signin_identity::STATEMENTS),
        ("signin_provider", signin_provider::STATEMENTS),
        ("signing_key", signing_key::STATEMENTS),
        ("source", source::STATEMENTS),
        ("source_record", source_record::STATEMENTS),
        ("staged", staged::STATEMENTS),
        ("sync_status", sync_status::STATEMENTS),
        ("sync_status::list", sync_status::LIST_STATEMENTS),
        ("takeover", takeover::STATEMENTS),
        ("team", team::STATEMENTS),
        ("tenant_consent", tenant_consent::STATEMENTS),
        ("token", token::STATEMENTS),
        ("unowned", unowned::STATEMENTS),
        ("workspace", workspace::STATEMENTS),
    ];
    modules
        .iter()
        .flat_map(|(module, list)| list.iter().map(move |(name, sql)| (*module, *name, *sql)))
        .collect()
}

/// Bytes as lower-case hexadecimal digits, two for each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
