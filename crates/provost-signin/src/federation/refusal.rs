//! Why somebody gets no assertion. The words stand in the list and in the audit log; pages say them in sentences.

use provost_store::person_signin::Closed;

/// Why there is no assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The request is none that can be answered.
    Request,
    /// Nobody is signed in, and the request forbids to ask.
    NoPassive,
    /// The request asks for a kind of name that is not given.
    NameIdPolicy,
    /// The provider was switched off or removed in the meantime.
    ProviderOff,
    /// Nobody knows where the answer goes in this cloud.
    Cloud,
    /// The session ended, or belongs to another workspace.
    Session,
    /// The provider of the directory says that they are not active.
    Inactive,
    /// An administrator has blocked them.
    Blocked,
    /// The provider that sent them is switched off.
    SourceOff,
    /// They are linked to no account of the tenant.
    NotLinked,
    /// Their account has no immutable id.
    NoImmutableId,
    /// The immutable id of their account is not theirs, or is still to be written.
    ImmutableId,
    /// Their account's name is in another domain than the provider's.
    Domain,
    /// There is no signing key.
    NoKey,
    /// The certificate of the signing key is over.
    KeyOver,
    /// What was looked at changed while it was being signed.
    Changed,
    /// An assertion on trial could not be verified, or said something else than it was to say.
    Unverified,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Request,
        Self::NoPassive,
        Self::NameIdPolicy,
        Self::ProviderOff,
        Self::Cloud,
        Self::Session,
        Self::Inactive,
        Self::Blocked,
        Self::SourceOff,
        Self::NotLinked,
        Self::NoImmutableId,
        Self::ImmutableId,
        Self::Domain,
        Self::NoKey,
        Self::KeyOver,
        Self::Changed,
        Self::Unverified,
    ];

    /// The word that stands in the list; it never changes its meaning.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::NoPassive => "no_passive",
            Self::NameIdPolicy => "name_id_policy",
            Self::ProviderOff => "provider_off",
            Self::Cloud => "cloud",
            Self::Session => "session",
            Self::Inactive => "inactive",
            Self::Blocked => "blocked",
            Self::SourceOff => "source_off",
            Self::NotLinked => "not_linked",
            Self::NoImmutableId => "no_immutable_id",
            Self::ImmutableId => "immutable_id",
            Self::Domain => "domain",
            Self::NoKey => "no_key",
            Self::KeyOver => "key_over",
            Self::Changed => "changed",
            Self::Unverified => "unverified",
        }
    }

    /// The refusal behind a word of the list. A request that could not be read has the reader's code behind a colon.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let (word, _) = word.split_once(':').unwrap_or((word, ""));
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }

    /// Why the directory closes somebody.
    pub(super) fn closed(closed: Closed) -> Self {
        match closed {
            Closed::Inactive => Self::Inactive,
            Closed::Blocked => Self::Blocked,
            Closed::ProviderOff => Self::SourceOff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Why;

    #[test]
    fn each_reason_has_a_word_of_its_own() {
        for why in Why::ALL {
            assert_eq!(Why::of(why.as_str()), Some(why));
        }
        assert_eq!(Why::of("request:PRV-SAML-BASE64"), Some(Why::Request));
        assert_eq!(Why::of("something"), None);
    }
}
