//! Setting a connection up: trying it before it is saved, saving it, changing it, switching its rules on, and taking
//! it away. Whoever offers this to people (the console, the interface, the command) calls these functions and no
//! others, so that a guard holds at every door.
//!
//! A refusal has a stable code, a sentence and a next step, and leaves an audit row `….refused`. What has
//! consequences that a person has to have seen answers [`crate::Error::Confirm`] and is asked for again with
//! its digest.

mod add;
mod change;
mod check;
pub(crate) mod confirm;
mod credential;
mod draft;
mod fault;
mod head_count;
mod owned;
mod password;
mod preferences;
mod refusal;
mod remove;
mod rules;
mod switch;

pub use add::Added;
pub use change::ConnectionChange;
pub use check::{CheckLine, Checked, Tried};
pub use confirm::Confirm;
pub use draft::ConnectionDraft;
pub use fault::RuleFault;
pub use head_count::HeadCount;
pub use preferences::PreferencesSaved;

pub(crate) use credential::{CHECK_AGAIN, invalid, is_refused};
pub(crate) use owned::Tie;
pub(crate) use refusal::Attempt;
pub(crate) use switch::INVALID;
