//! Why somebody is not signed in, or may not change how they sign in.

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of signing in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] provost_store::Error),
    /// The sign-in was not accepted. Whoever tries learns no more: not whether there is such an administrator, nor
    /// whether they are blocked.
    #[error("the sign-in was not accepted")]
    Denied,
    /// Too many attempts, for this account or from this network.
    #[error("too many attempts; wait {seconds} seconds")]
    Wait {
        /// How long until the next attempt counts.
        seconds: i64,
    },
    /// Too many passwords are being checked at this moment.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// What was begun is over: used, too old, or begun in another browser.
    #[error("this step of the sign-in is over")]
    Expired,
    /// A link that was used, is too old, or never was.
    #[error("this link was used already, has expired, or is not complete")]
    Link,
    /// The person has to prove again who they are.
    #[error("this needs a fresh sign-in")]
    Stale,
    /// A rule of ours refuses it. Nothing was changed.
    #[error("{code}: {sentence}. {hint}")]
    Refused {
        /// `PRV-…`: never changes its meaning.
        code: &'static str,
        /// What was refused and why, without a full stop.
        sentence: String,
        /// What to do next: a whole sentence.
        hint: String,
    },
    /// A sign-in provider could not be asked.
    #[error("the sign-in provider could not be asked: {0}")]
    Provider(#[from] provost_connect::Error),
    /// This machine cannot do it.
    #[error("{0}")]
    Machine(String),
}

/// What to do about a provider in the own network.
const PRIVATE: &str = "If it really is in your own network, set allow_private_network = true under [signin] in \
                       provost.toml and start Provost again.";

impl Error {
    pub(crate) fn refused(code: &'static str, sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused {
            code,
            sentence: sentence.into(),
            hint: hint.into(),
        }
    }

    /// A code that stays the same across releases and languages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(provost_store::Error::Busy { .. }) => "PRV-BUSY",
            Self::Store(error) => error.code().unwrap_or("PRV-INTERNAL"),
            Self::Denied => "PRV-SIGNIN-REFUSED",
            Self::Wait { .. } => "PRV-SIGNIN-WAIT",
            Self::Busy => "PRV-SIGNIN-BUSY",
            Self::Expired => "PRV-SIGNIN-EXPIRED",
            Self::Link => "PRV-SIGNIN-LINK",
            Self::Stale => "PRV-SIGNIN-STALE",
            Self::Refused { code, .. } => code,
            Self::Provider(error) => error.code(),
            Self::Machine(_) => "PRV-SIGNIN-MACHINE",
        }
    }

    /// What happened, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Refused { sentence, .. } | Self::Store(provost_store::Error::Refused { sentence, .. }) => {
                sentence.clone()
            }
            other => other.to_string(),
        }
    }

    /// What to do next, a whole sentence.
    #[must_use]
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Refused { hint, .. } | Self::Store(provost_store::Error::Refused { hint, .. }) => hint,
            Self::Store(_) => "Nothing was changed; try again.",
            Self::Denied => {
                "Check what you entered, or sign in another way. An owner of this installation can reset your sign-in."
            }
            Self::Wait { .. } => "Nothing is wrong with your account; a passkey works at once.",
            Self::Busy => "Try again in a few seconds.",
            Self::Expired => "Start again from the sign-in page, in one browser.",
            Self::Link => "Ask for a new link.",
            Self::Stale => "Confirm who you are, then do it again.",
            // Signing in has no settings of a connection: whoever keeps the machine allows it.
            Self::Provider(provost_connect::Error::AddressRefused { .. }) => PRIVATE,
            Self::Provider(error) => error.hint(),
            Self::Machine(_) => "Look into the log of this process and check the machine.",
        };
        hint.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_happened_and_what_to_do() {
        let error = Error::refused("PRV-X", "it was refused", "Do something else.");
        assert_eq!(
            (error.code(), error.sentence().as_str(), error.hint().as_str()),
            ("PRV-X", "it was refused", "Do something else.")
        );
        let wait = Error::Wait { seconds: 40 };
        assert_eq!(wait.sentence(), "too many attempts; wait 40 seconds");
    }
}
