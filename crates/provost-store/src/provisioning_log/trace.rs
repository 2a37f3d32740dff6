//! What a line of the provisioning log tells beyond its sentence: the steps, and each modified attribute with
//! its old and new value (Microsoft Graph `provisioningObjectSummary`: `provisioningSteps`,
//! `modifiedProperties`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The story of one line. Never holds a secret: whoever writes it has redacted it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// What was done, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<Modified>,
    /// What the target's provider wrote beside its answers, in order; only the last [`RECEIPTS`] are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
}

/// Receipts that one line keeps.
pub const RECEIPTS: usize = 20;
/// Characters of a receipt's reason.
const REASON: usize = 500;
/// Characters of any other text of a receipt.
const WORD: usize = 100;

impl Trace {
    /// The trace as it is kept: the last receipts, each cut to its length.
    pub(super) fn bounded(&self) -> Cow<'_, Self> {
        if self.receipts.len() <= RECEIPTS && self.receipts.iter().all(Receipt::is_short) {
            return Cow::Borrowed(self);
        }
        let skipped = self.receipts.len().saturating_sub(RECEIPTS);
        Cow::Owned(Self {
            steps: self.steps.clone(),
            modified: self.modified.clone(),
            receipts: self.receipts.iter().skip(skipped).map(Receipt::cut).collect(),
        })
    }
}

/// What a provider's support asks for: which request it was, in its words and in ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// What was asked, as a short phrase: "creating the account".
    pub operation: String,
    /// HTTP status.
    pub status: u16,
    /// The target's id of the answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// Our id of the request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_request_id: String,
    /// The target's own words for a refusal; empty when it did what was asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Receipt {
    fn is_short(&self) -> bool {
        let words = [&self.operation, &self.request_id, &self.client_request_id];
        self.reason.len() <= REASON && words.iter().all(|word| word.len() <= WORD)
    }

    fn cut(&self) -> Self {
        let first = |text: &str, most| text.chars().take(most).collect();
        Self {
            operation: first(&self.operation, WORD),
            status: self.status,
            request_id: first(&self.request_id, WORD),
            client_request_id: first(&self.client_request_id, WORD),
            reason: first(&self.reason, REASON),
        }
    }
}

/// One step: import, scope, match, action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// `success`, `failure`, `skipped` or `warning`.
    pub status: String,
    /// What happened, for people.
    pub description: String,
    /// Names and values that belong to it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// An attribute that was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modified {
    /// The target attribute.
    pub name: String,
    /// Its value before; null where there was none, or it is not known.
    pub old: Value,
    /// Its value now; null where it was cleared.
    pub new: Value,
}
