//! The switch of a Microsoft 365 provider's domain: the checks before it, the switch itself, the roll-back, and what
//! stands at Microsoft. Whoever offers this to people calls these functions and no others; a refusal leaves an audit row
//! `microsoft_365.federation.….refused`.
//!
//! What came of a request is never guessed: it is read. While nobody knows, the state says so, and a look later decides.

mod certificate;
mod check;
mod choice;
mod cockpit;
mod facts;
mod ours;
mod people;
mod probe;
mod roll_back;
mod roll_back_command;
mod sign_off;
mod stands;
mod switch;
mod trial;
mod unfinished;

pub use certificate::Renewal;
pub use check::{FederationCheck, Group, Signed};
pub use cockpit::Cockpit;
pub use roll_back::RolledBack;
pub use roll_back_command::RollBackCommand;
pub use trial::FederationTrial;

pub(crate) use unfinished::start;

use crate::setup::Attempt;

/// Milliseconds between two switches of a domain that Microsoft asks for.
pub const REST: i64 = 10 * 60_000;
/// Milliseconds after which a request whose answer was lost has had its effect, or has none.
pub const SETTLES: i64 = 60_000;
/// Names that a check lists.
pub const NAMED: usize = 100;

/// What is attempted, for the audit log.
fn attempt<'a>(workspace: i64, actor: &'a str, action: &'a str, subject: &'a str) -> Attempt<'a> {
    Attempt {
        workspace,
        actor,
        action,
        subject,
    }
}
