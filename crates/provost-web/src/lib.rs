//! HTTP: the SCIM service, the administrators' interface and the console.
//!
//! - `router` says which address is answered where, [`serve()`] runs it on a listener.
//! - `auth` turns a bearer token into a caller whose request may be answered; without one no SCIM handler can
//!   be reached. `budget` and `network` say how fast it may come and from where, `oauth` makes tokens.
//! - `scim/` holds one file for each operation; each is one call into the store.
//! - `request_log` keeps what providers sent and what it meant, beside the requests.
//! - `import` takes in records that drive the directory, `api/` holds the administrators' interface, `metrics/`
//!   the numbers for whoever watches.
//! - [`policy`] is how routes are declared, with who may use them; `visitor` is who was let in with a session, `form`
//!   what they sent, `texts` the language that they read. `signin/` is how a session begins.
//! - `idp/` is Provost as the identity provider of Microsoft 365.
//! - `console/` renders pages for administrators from `templates/`.
//! - `error` is the one place that turns an error into an answer.

mod api;
mod auth;
mod budget;
mod console;
mod counted;
mod error;
mod form;
mod handler;
mod health;
mod idp;
mod import;
mod metrics;
mod network;
mod oauth;
pub mod policy;
mod request_log;
mod router;
mod scim;
mod serve;
mod signin;
mod stall;
mod state;
mod texts;
mod visitor;

pub use api::templates::Template;
pub use auth::ScimCaller;
pub use console::setup_key;
pub use error::{Error, Result};
pub use scim::{Route, own, routes};
pub use serve::serve;
pub use state::{Limits, Operations, Rate, Settings, State};

/// Addresses of people's own pages.
pub mod own_address {
    /// The page on which a person of a workspace begins, at the console's address, for whoever has this key.
    #[must_use]
    pub fn link(console: &str, workspace: &str, key: &str) -> String {
        crate::signin::me::link_to(console, workspace, key)
    }
}

/// Every route of the service with what it asks of who uses it.
#[must_use]
pub fn declared(state: &State) -> Vec<policy::Declared> {
    router::declared(state)
}
