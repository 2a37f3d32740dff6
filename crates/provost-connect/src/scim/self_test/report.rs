//! What a run found.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Profile;
use super::check::{Group, Level};

/// What a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The server's base address.
    pub url: String,
    /// Whose validator was played.
    pub profile: Profile,
    /// Every request, those of the cleaning up included.
    pub requests: u64,
    /// How long it took; milliseconds in JSON.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// One for each check, in order.
    #[serde(rename = "checks")]
    pub findings: Vec<Finding>,
    /// What became of the people and groups that were made.
    pub cleanup: Cleanup,
}

impl Report {
    /// Whether no required check failed, and at least one was carried out.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.count(Verdict::Fail) == 0 && self.count(Verdict::Pass) > 0
    }

    /// How many checks ended like this.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }

    /// The finding of one check.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.id == id)
    }
}

/// What one check found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The check's stable name.
    pub id: &'static str,
    /// What was done.
    pub title: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// Whether a wrong answer is a failure.
    pub level: Level,
    /// How it ended.
    pub verdict: Verdict,
    /// What a good server answers; with a wrong answer, what was expected of that one.
    pub expected: String,
    /// What came, or why the check was skipped; empty when it passed.
    pub came: String,
    /// What goes wrong for people with a wrong answer.
    pub why: &'static str,
    /// What to change in the server.
    pub remedy: &'static str,
    /// What is less than good although the check passed.
    pub warnings: Vec<String>,
    /// What was sent and what was answered, in order.
    pub exchanges: Vec<Exchange>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it must be.
    Pass,
    /// A required check with a wrong answer.
    Fail,
    /// A recommended check with a wrong answer, or a good answer with a flaw.
    Warn,
    /// Does not apply, or could not be carried out.
    Skipped,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skipped => "skipped",
        }
    }
}

/// One request and its answer. Credentials and passwords are left out, so is everything about people
/// and groups that the self-test did not make; long bodies are cut.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The path below the base address, with its query.
    pub path: String,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The status; none when no answer came.
    pub status: Option<u16>,
    /// What was answered: JSON, or the beginning of another text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// Why no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long the answer took.
    pub took_ms: u64,
    /// Whether it only made, with success, what the check needed to begin.
    pub preparation: bool,
}

/// What became of the people and groups that were made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cleanup {
    /// How many people and groups were made.
    pub made: usize,
    /// How many of them are deleted.
    pub deleted: usize,
    /// Those still there, because they were to be kept or because deleting failed.
    pub left: Vec<Left>,
}

/// Something that is still on the server.
#[derive(Debug, Clone, Serialize)]
pub struct Left {
    /// Its path below the base address.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Why it is still there.
    pub reason: String,
}

fn milliseconds<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
