//! Whose an object is, and what a target refuses before it is asked.

use serde::{Deserialize, Serialize};

/// What is known of an account or group in the target beside its attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Why it may not be written: it is synchronised from elsewhere, its membership is computed, it is
    /// mail-enabled. `None`: it may.
    pub read_only: Option<ReadOnly>,
    /// Whether the account is a guest of another organisation.
    pub guest: bool,
    /// Names of the administrative roles that the account holds; empty for most people.
    pub roles: Vec<String>,
}

/// Why an object may not be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOnly {
    /// Stable code, `PRV-TARGET-…`.
    pub code: String,
    /// The sentence for the administrator.
    pub reason: String,
}

/// Something a target would refuse, found before it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable code, `PRV-…`.
    pub code: String,
    /// The target's attribute; empty for the object as a whole.
    pub attribute: String,
    /// What is wrong, in a sentence; never the value of a sensitive attribute.
    pub reason: String,
    /// What to do next.
    pub hint: String,
    /// Whether it stops the write. What does not is a warning.
    pub stops: bool,
}

/// What the provider of a target wrote beside an answer, for its support and for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was asked, as a short phrase: "creating the account".
    pub operation: String,
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// The target's id of the answer; empty when there was none.
    pub request_id: String,
    /// Our id of the request.
    pub client_request_id: String,
    /// The target's own words for a refusal, shortened; empty when it did what was asked.
    pub reason: String,
}
