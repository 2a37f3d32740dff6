//! People of the directory who sign in for themselves: not administrators, and nothing of theirs opens the console.
//!
//! [`People`] is the one way in, as [`SignIn`] is for administrators, and [`SignedIn`] is who came: since when, by what
//! proof, how fresh that is. Whoever issues something on their word (a token, an assertion) asks [`People::check`] at the
//! moment of issuing; it answers nobody whom the directory has closed.
//!
//! A part that needs somebody to sign in first keeps its way back with [`People::keep_return`] and sends the browser to
//! the page of the sign-in with that handle; no address from outside is ever followed.

mod back;
mod ceremony;
mod link;
mod onboard;
mod overseen;
mod own;
mod passkey;
mod session;
mod signed;
mod signin;
mod test_onboard;

pub use back::{RETURN, Return};
pub use link::{Enrolling, Invitation, LINK_LIFE, Unusable};
pub use onboard::{Entry, Onboarded, Received};
pub use overseen::Overseen;
pub use passkey::Kept;
pub use provost_store::person_signin::account::Account;
pub use provost_store::person_signin::grant::Grant;
pub use provost_store::person_signin::passkey::Passkey;
pub use provost_store::person_signin::session::{Method, Session};
pub use provost_store::person_signin::{Closed, Person};
pub use session::Opened;
pub use signed::SignedIn;
pub use test_onboard::Tester;

use crate::SignIn;

/// The sign-in of people. A clone is the same.
#[derive(Debug, Clone)]
pub struct People(SignIn);

impl SignIn {
    /// The sign-in of people at this installation.
    #[must_use]
    pub fn people(&self) -> People {
        People(self.clone())
    }
}
