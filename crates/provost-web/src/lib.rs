//! HTTP: the SCIM service and the console.
//!
//! - [`router`] says which address is answered where, [`serve()`] runs it on a listener.
//! - `auth` turns a bearer token into a caller; without a caller no SCIM handler can be reached.
//! - `scim/` holds one file for each operation; each is one call into the store.
//! - `console/` renders pages for administrators from `templates/`.
//! - `error` is the one place that turns an error into an answer.

mod auth;
mod console;
mod error;
mod health;
mod router;
mod scim;
mod serve;
mod state;

pub use auth::ScimCaller;
pub use console::ConsoleAccess;
pub use error::{Error, Result};
pub use router::router;
pub use serve::serve;
pub use state::{Limits, Settings, State};
