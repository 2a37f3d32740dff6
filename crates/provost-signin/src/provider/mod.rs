//! Signing in with another system: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636) and the
//! issuer's name in the answer (RFC 9207). Who somebody is there is the pair of issuer and subject, never an address.

mod begin;
mod discovery;
mod finish;
mod jwt;
mod key;
mod offered;
mod redeem;
mod token;

pub(crate) use discovery::Known;
pub use finish::ProviderDone;
pub(crate) use jwt::Unverified;
pub(crate) use key::Key;
pub use offered::{NewProvider, ProviderEdit};
pub(crate) use redeem::{Redeemed, Redemption};
pub(crate) use token::{Expected, read as read_token};

use crate::{Error, SignIn, Signed};
use serde::{Deserialize, Serialize};

/// The path to which providers send browsers back, below the public address.
pub const CALLBACK: &str = "/signin/provider/back";

/// Why somebody is sent to a provider.
#[derive(Debug, Clone, Copy)]
pub enum ProviderPurpose<'a> {
    /// To sign in.
    Enter,
    /// To tie who they are there to the person who is signed in.
    Tie(&'a Signed),
    /// To prove again who they are.
    Confirm(&'a Signed),
}

impl<'a> ProviderPurpose<'a> {
    fn signed(self) -> Option<&'a Signed> {
        match self {
            Self::Enter => None,
            Self::Tie(signed) | Self::Confirm(signed) => Some(signed),
        }
    }
}

/// What is remembered while somebody is at a provider.
#[derive(Clone, Serialize, Deserialize)]
struct Journey {
    /// The provider's key.
    provider: i64,
    aim: Aim,
    /// The session in which it was begun.
    session: Option<i64>,
    /// Has to come back in the ID token.
    nonce: String,
    /// Proves to the provider that who began redeems the code (RFC 7636 section 4.1).
    verifier: String,
    /// When it was begun, milliseconds.
    began: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Aim {
    Enter,
    Tie,
    Confirm,
}

impl SignIn {
    /// The address to be registered at a provider.
    #[must_use]
    pub fn callback_url(&self) -> String {
        let base = self.0.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}{CALLBACK}")
    }
}

/// What a provider sent cannot be accepted.
fn unacceptable(reason: &str) -> Error {
    Error::refused(
        "PRV-SIGNIN-PROVIDER-ANSWER",
        format!("the answer of the sign-in provider cannot be accepted: {reason}"),
        "Begin again; if it stays, an owner has to look at the provider's settings.",
    )
}

/// There is no such provider, or it is switched off.
fn not_offered() -> Error {
    let sentence = "this sign-in provider is not offered";
    Error::refused("PRV-SIGNIN-PROVIDER-UNKNOWN", sentence, "Sign in in another way.")
}
