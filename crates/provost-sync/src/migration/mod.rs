//! The migration of a Microsoft 365 provider's people: what is configured for the window in which they sign in at both
//! sides, the letters to them, who has come, what is decided about the others, and its end. Whoever offers this to
//! people calls these functions and no others; a refusal leaves an audit row `migration.….refused` or `onboarding.….refused`.
//!
//! How a person signs in is `provost_signin::person`; nothing here writes to Microsoft.

mod announce;
mod check;
mod close;
mod decide;
mod draft;
mod look;
mod post;
mod remind;
mod tick;

pub use announce::{Announcement, LetterShown};
pub use draft::{CertificateShown, MigrationChecked, MigrationDraft, is_private_key, moment, moment_text};
pub use look::Migrating;
pub use remind::{Lettering, REMINDERS, Reminder};

pub(crate) use post::write_letters;

use crate::setup::Attempt;

/// What is attempted, for the audit log.
fn attempt<'a>(workspace: i64, actor: &'a str, action: &'a str, subject: &'a str) -> Attempt<'a> {
    Attempt {
        workspace,
        actor,
        action,
        subject,
    }
}
