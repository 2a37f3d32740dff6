//! The checks before the switch, each computed from what was read. A check is green, or somebody answers for it, or it
//! keeps the switch closed; what no name makes right cannot be signed off.

mod accounts;
mod domain;
mod roll_back;
mod safety;
mod signing;

#[cfg(test)]
mod tests;

use super::NAMED;
use super::facts::Facts;
use provost_store::federation::SignOff;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The domain and its tenant.
    Domain,
    /// The people of the domain and their accounts.
    People,
    /// Who can still get in when nobody else can.
    LastResort,
    /// What this hub is told to Microsoft as.
    Signing,
    /// The roll-back.
    RollBack,
}

/// Who answers for a check that is not green.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Who vouches.
    pub person: String,
    /// Why it is right nevertheless.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationCheck {
    /// Never changes its meaning: `domain_verified`.
    pub key: String,
    /// What it is about.
    pub group: Group,
    /// Whether it is as it should be.
    pub is_green: bool,
    /// Whether somebody may answer for it when it is not.
    pub may_be_signed: bool,
    /// What shows it, in sentences.
    pub evidence: String,
    /// Who or what is concerned; the first hundred.
    pub list: Vec<String>,
    /// How many there are of them.
    pub count: usize,
    /// What to do when it is not green.
    pub next: String,
    /// The section of the provider where the list and the remedy are: `identifiers`; empty for none.
    pub place: String,
    /// Of the evidence, as somebody signs it off.
    pub digest: String,
    /// Who answers for it, as long as the evidence is what they saw.
    pub signed: Option<Signed>,
    /// When it becomes green by itself, in milliseconds since 1970; 0 where it does not.
    pub free_at: i64,
}

impl FederationCheck {
    fn new(key: &str, group: Group, is_green: bool, evidence: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            group,
            is_green,
            may_be_signed: false,
            evidence: evidence.into(),
            list: Vec::new(),
            count: 0,
            next: String::new(),
            place: String::new(),
            digest: String::new(),
            signed: None,
            free_at: 0,
        }
    }

    fn next(mut self, sentence: &str) -> Self {
        if !self.is_green {
            sentence.clone_into(&mut self.next);
        }
        self
    }

    fn may_be_signed(mut self) -> Self {
        self.may_be_signed = true;
        self
    }

    fn at(mut self, place: &str) -> Self {
        place.clone_into(&mut self.place);
        self
    }

    fn listing(mut self, names: &[String]) -> Self {
        self.count = names.len();
        self.list = names.iter().take(NAMED).cloned().collect();
        self
    }

    /// Binds a sign-off to what was seen: all of the list, not only what is shown of it. `basis`: what counts of the
    /// evidence where it holds numbers that move by themselves.
    fn sealed(mut self, basis: Option<&str>, all: &[String]) -> Self {
        let mut hash = Xxh3::new();
        let word = if self.is_green {
            "green"
        } else {
            basis.unwrap_or(&self.evidence)
        };
        for part in [self.key.as_str(), word] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        if !self.is_green {
            for name in all {
                hash.update(name.as_bytes());
                hash.update(&[0]);
            }
        }
        self.digest = format!("{:016x}", hash.digest());
        self
    }

    /// Whether it keeps the switch closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.is_green && self.signed.is_none()
    }

    /// Takes in who answers for it: only for the evidence that they saw, and only where that is allowed.
    pub(super) fn answered(&mut self, sign_offs: &[SignOff]) {
        let found = sign_offs
            .iter()
            .find(|one| one.line == self.key && one.digest == self.digest);
        self.signed = found
            .filter(|_| self.may_be_signed && !self.is_green)
            .map(|one| Signed {
                person: one.person.clone(),
                reason: one.reason.clone(),
                at: one.signed,
            });
    }
}

/// All of them, in the order in which they are shown.
pub(super) fn all(facts: &Facts) -> Vec<FederationCheck> {
    let mut checks = domain::checks(facts);
    checks.extend(accounts::checks(facts));
    checks.extend(safety::checks(facts));
    checks.extend(signing::checks(facts));
    checks.extend(roll_back::checks(facts));
    checks
}

/// Of all checks together and of what would be sent: a switch is bound to what somebody saw.
pub(super) fn digest(checks: &[FederationCheck], sent: &serde_json::Value) -> String {
    let mut hash = Xxh3::new();
    for check in checks {
        for part in [check.key.as_str(), check.digest.as_str()] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
    }
    hash.update(sent.to_string().as_bytes());
    format!("{:016x}", hash.digest())
}
