//! Passwords: NIST SP 800-63B-4 section 3.1.1. Long where they stand alone, compared with a list of those that everybody
//! guesses, with no rules about which characters.

mod blocklist;
mod change;
mod half;
mod pool;
mod rule;
mod signin;

pub(crate) use pool::Pool;
pub use rule::{LONG_PASSWORD, SHORT_PASSWORD};
pub use signin::Step;
