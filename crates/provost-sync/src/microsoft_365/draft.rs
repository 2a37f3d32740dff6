//! What is entered for a provider, and what is said to it field by field.

use provost_store::microsoft_365::{DomainState, Look};
use serde::Serialize;
use serde_json::Value;

/// A provider before it is added.
#[derive(Debug, Clone, Default)]
pub struct ProviderDraft {
    /// Its display name; it never changes.
    pub name: String,
    /// A second name, which may change; may be empty.
    pub label: String,
    /// What ties a person to an account: [`super::LINK_KEY`], nothing else.
    pub link_key: String,
    /// The domain whose people are to sign in at Provost.
    pub domain: String,
    /// The tenant's name: `contoso` of `contoso.onmicrosoft.com`.
    pub tenant_name: String,
    /// The cloud by its word (`global`, `us-government`, `us-dod`, `china`); empty for the worldwide one.
    pub cloud: String,
    /// Addresses that are not Microsoft's own, as a connection's settings have them: `login_url`, `graph_url`,
    /// `allow_private_network`. Null for Microsoft's.
    pub settings: Value,
}

/// A change of the general settings. What is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ProviderEdit {
    /// Another display name: always refused, so that the refusal says why.
    pub name: Option<String>,
    /// Another label.
    pub label: Option<String>,
    /// Another link key: always refused.
    pub link_key: Option<String>,
    /// Another domain, while nobody is assigned.
    pub domain: Option<String>,
    /// Another tenant name, while nobody is assigned.
    pub tenant_name: Option<String>,
}

/// What is said to one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// The field: `name`, `label`, `link_key`, `domain`, `tenant_name`, `cloud`; of credentials `client_id`, `tenant`,
    /// `secret`, `certificate`, `functions`.
    pub field: &'static str,
    /// Whether it can be saved so.
    pub ok: bool,
    /// `PRV-…`, for what cannot; else empty.
    pub code: String,
    /// What is wrong; with `ok` a note, or empty.
    pub sentence: String,
    /// What to do next.
    pub hint: String,
}

impl FieldLine {
    /// A field that is right.
    pub(crate) fn fine(field: &'static str) -> Self {
        Self::note(field, String::new())
    }

    /// A field that is right, with something that should be known.
    pub(crate) fn note(field: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            field,
            ok: true,
            code: String::new(),
            sentence: sentence.into(),
            hint: String::new(),
        }
    }

    /// A field that cannot be saved so.
    pub(crate) fn wrong(
        field: &'static str,
        code: &str,
        sentence: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            field,
            ok: false,
            code: code.to_owned(),
            sentence: sentence.into(),
            hint: hint.into(),
        }
    }
}

impl std::fmt::Display for FieldLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentence = self.sentence.trim_end_matches('.');
        write!(f, "{}: {}: {sentence}. {}", self.code, self.field, self.hint)
    }
}

/// What is said to a draft. Nothing is saved by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderChecked {
    /// A line for each field, in the order of the form.
    pub lines: Vec<FieldLine>,
    /// Whether the domain is the tenant's.
    pub domain: DomainState,
    /// The domain as it is kept.
    pub domain_normal: String,
    /// The tenant name as it is kept.
    pub tenant_name_normal: String,
    /// The tenant's id, where a look showed it.
    pub tenant_id: Option<String>,
}

impl ProviderChecked {
    /// Whether every field can be saved.
    pub fn ok(&self) -> bool {
        self.lines.iter().all(|line| line.ok)
    }

    /// The fields that cannot be saved.
    pub(super) fn faults(&self) -> Vec<FieldLine> {
        self.lines.iter().filter(|line| !line.ok).cloned().collect()
    }

    pub(super) fn look(&self) -> Look {
        Look {
            domain: self.domain,
            tenant_id: self.tenant_id.clone(),
        }
    }
}
