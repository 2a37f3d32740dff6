//! What an import did.

use serde::{Deserialize, Serialize};

/// Failures that a report names; the others are counted, and all stand in the provisioning log.
const NAMED: usize = 100;

/// What an import's input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Records that changed: nothing follows from the absence of others.
    Delta,
    /// All records that there are: once the input has ended well, who is missing is absent.
    Full,
}

impl Mode {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Delta => "delta",
            Mode::Full => "full",
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportReport {
    /// The run's key.
    pub run: i64,
    /// `done`, `held` or `incomplete`.
    pub state: String,
    /// Records that were read, also broken ones.
    pub read: u64,
    /// People who were made.
    pub created: u64,
    /// People whose attributes changed.
    pub updated: u64,
    /// People who were disabled before and are enabled now; those restored from the recycle bin among them.
    pub enabled: u64,
    /// People who were disabled.
    pub disabled: u64,
    /// People who were deleted.
    pub deleted: u64,
    /// Records that agree with the directory.
    pub unchanged: u64,
    /// Records that mean nobody: out of scope, or their action is switched off.
    pub skipped: u64,
    /// Records whose manager is not there yet; they are looked at again.
    pub waiting: u64,
    /// Records of which nothing could be made.
    pub failed: u64,
    /// The first failures.
    pub failures: Vec<Failure>,
    /// People who are missing in a complete input.
    pub absent: u64,
    /// What is held of them.
    pub held: Option<HeldAbsences>,
    /// Why nothing followed from absences although the input was to be complete; empty otherwise.
    pub incomplete: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// A record of which nothing could be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The record's own key, or where it stands in the input.
    pub anchor: String,
    /// Why, in words without the record's values.
    pub reason: String,
}

/// Absences that wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldAbsences {
    /// How many people would be disabled or deleted.
    pub people: u64,
    /// Why they are held.
    pub sentence: String,
    /// What an approval must name.
    pub digest: String,
}

impl ImportReport {
    /// Counts a failure, and names it while there is room.
    pub(super) fn fail(&mut self, anchor: &str, reason: &str) {
        self.failed += 1;
        if self.failures.len() < NAMED {
            self.failures.push(Failure {
                anchor: anchor.to_owned(),
                reason: reason.to_owned(),
            });
        }
    }

    /// Adds what a later part of the same run did.
    pub(super) fn add(&mut self, more: &Self) {
        for (here, there) in [
            (&mut self.read, more.read),
            (&mut self.created, more.created),
            (&mut self.updated, more.updated),
            (&mut self.enabled, more.enabled),
            (&mut self.disabled, more.disabled),
            (&mut self.deleted, more.deleted),
            (&mut self.unchanged, more.unchanged),
            (&mut self.skipped, more.skipped),
            (&mut self.failed, more.failed),
        ] {
            *here += there;
        }
        self.waiting = more.waiting;
        let room = NAMED.saturating_sub(self.failures.len());
        self.failures.extend(more.failures.iter().take(room).cloned());
    }
}
