//! What a verified response says.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// What an identity provider says about somebody, after every check. Only the verifier makes one: without a signature
/// there is none, and no other way leads to a claim.
#[derive(Clone)]
pub struct Verified {
    pub(super) issuer: String,
    pub(super) assertion_id: String,
    pub(super) name_id: String,
    pub(super) name_id_format: Option<String>,
    pub(super) authn_instant: Timestamp,
    pub(super) issued: Option<Timestamp>,
    pub(super) session_index: Option<String>,
    pub(super) context: Option<String>,
    pub(super) attributes: BTreeMap<String, Vec<String>>,
}

impl Verified {
    /// Who says it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The assertion's id, for the audit log.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.assertion_id
    }

    /// The subject's name. What kind of name it is, an administrator of the other side decides; it is no identity.
    #[must_use]
    pub fn name_id(&self) -> &str {
        &self.name_id
    }

    /// The kind of name, if the issuer says so.
    #[must_use]
    pub fn name_id_format(&self) -> Option<&str> {
        self.name_id_format.as_deref()
    }

    /// When they proved who they are.
    #[must_use]
    pub fn authn_instant(&self) -> Timestamp {
        self.authn_instant
    }

    /// When the issuer has made the assertion, by its own clock; none where it does not say a time.
    #[must_use]
    pub fn issued(&self) -> Option<Timestamp> {
        self.issued
    }

    /// The issuer's name for the session.
    #[must_use]
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// How they proved it, in the issuer's words.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The values of a claim; names are compared exactly. None for a claim that is not there.
    #[must_use]
    pub fn values(&self, name: &str) -> &[String] {
        self.attributes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of a claim that has exactly one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.values(name) {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Verified {
    /// Whose assertion it is, not what it says about somebody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified")
            .field("issuer", &self.issuer)
            .field("assertion_id", &self.assertion_id)
            .finish_non_exhaustive()
    }
}
