//! The trials of the sign-in that people have made, and whether each still proves what it proved.

use provost_store::federation::{Mfa, Pilot};
use uuid::Uuid;

/// Trials that are looked at.
pub(super) const TRIALS: i64 = 100;
/// Milliseconds for which a trial counts.
const FRESH: i64 = 24 * 3_600_000;

/// A trial of the sign-in, made by somebody of the domain before the switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederationTrial {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The person's public id; none while they are deleted.
    pub person: Option<Uuid>,
    /// The userPrincipalName that the assertion said.
    pub name: String,
    /// The immutable id that it said.
    pub immutable_id: String,
    /// The SHA-256 of the certificate whose key has signed it, in hexadecimal.
    pub certificate: String,
    /// Whether it claimed a second factor.
    pub two_factor: bool,
    /// Why it proves nothing any more; empty where it counts.
    pub doubt: String,
}

/// What a trial is held against.
pub(super) struct Present<'a> {
    /// The SHA-256 of the certificate that signs; none before a key was made.
    pub certificate: Option<&'a str>,
    /// This hub's issuer; none where it is not known yet.
    pub issuer: Option<&'a str>,
    pub mfa: Mfa,
    pub now: i64,
}

impl Present<'_> {
    /// Why a trial proves nothing any more.
    pub fn doubt(&self, one: &Pilot) -> Option<String> {
        let (trial, name) = (&one.trial, &one.trial.name);
        let found = if !one.is_open {
            format!("{name} tried the sign-in, but may not sign in any more.")
        } else if trial.immutable_id != one.immutable_id || !name.eq_ignore_ascii_case(&one.name) {
            format!("{name} tried the sign-in, but Microsoft holds another immutable id or name by now.")
        } else if self.certificate.is_none_or(|signs| signs != trial.certificate) {
            format!("{name} tried the sign-in, but another key signs by now.")
        } else if self.issuer.is_some_and(|issuer| issuer != trial.issuer) {
            format!("{name} tried the sign-in, but this hub has another issuer by now.")
        } else if !trial.two_factor && self.mfa != Mfa::Reject {
            format!("{name} tried the sign-in without a second factor.")
        } else if self.now - trial.at > FRESH {
            format!("{name} tried the sign-in more than a day ago.")
        } else {
            return None;
        };
        Some(found)
    }

    /// As it is shown.
    pub fn judged(&self, one: Pilot) -> FederationTrial {
        let doubt = self.doubt(&one).unwrap_or_default();
        FederationTrial {
            at: one.trial.at,
            person: one.person,
            name: one.trial.name,
            immutable_id: one.trial.immutable_id,
            certificate: one.trial.certificate,
            two_factor: one.trial.two_factor,
            doubt,
        }
    }
}
