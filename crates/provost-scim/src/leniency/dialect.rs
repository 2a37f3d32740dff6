//! Whose SCIM a client speaks: set by an administrator, or guessed from what it sends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Habit, Habits};

/// Whose habits are tolerated.
///
/// The two dialects of Entra tolerate the same: its flag `aadOptscim062020` can be set and taken away at
/// any time, and provisioning on demand ignores it. They are told apart because an administrator wants to
/// know which one arrives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// Nobody's: exactly RFC 7643 and RFC 7644.
    #[serde(rename = "strict")]
    Strict,
    /// Everybody's. Right for a provider that is not known better.
    #[default]
    #[serde(rename = "generic")]
    Generic,
    /// Those of Microsoft Entra, and those that several clients share.
    #[serde(rename = "entra")]
    Entra,
    /// The same, of an Entra whose tenant URL carries the flag `aadOptscim062020`.
    #[serde(rename = "entra-scim-062020")]
    EntraScim062020,
    /// Those of Okta, and those that several clients share.
    #[serde(rename = "okta")]
    Okta,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 5] = [
        Self::Strict,
        Self::Generic,
        Self::Entra,
        Self::EntraScim062020,
        Self::Okta,
    ];

    /// The word in a configuration file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Generic => "generic",
            Self::Entra => "entra",
            Self::EntraScim062020 => "entra-scim-062020",
            Self::Okta => "okta",
        }
    }

    /// Whether somebody who speaks this dialect may be that system: the strict and the generic one are nobody's.
    #[must_use]
    pub const fn may_be(self, system: Self) -> bool {
        match self {
            Self::Strict | Self::Generic => true,
            Self::Entra | Self::EntraScim062020 => matches!(system, Self::Entra | Self::EntraScim062020),
            Self::Okta => matches!(system, Self::Okta),
        }
    }

    /// What one request shows about its sender; `None` when it could be anybody's. Never more than a name
    /// for the administrator: a guess takes no tolerance away.
    ///
    /// Okta is known by its `User-Agent` (`Okta SCIM Client 1.0.0`), Entra by its flag in the address, by
    /// the keys that the flag makes it send, and without the flag by the letter case of `op` and by
    /// booleans as text.
    #[must_use]
    pub fn detect(seen: &Seen<'_>) -> Option<Self> {
        let has = |habit| seen.habits.contains(habit);
        if seen.user_agent.is_some_and(is_okta) {
            Some(Self::Okta)
        } else if seen.has_parameter("AzureAdScimPatch2017") || has(Habit::OpLetterCase) {
            Some(Self::Entra)
        } else if seen.has_parameter("aadOptscim062020") || has(Habit::DottedKey) || has(Habit::UrnKey) {
            Some(Self::EntraScim062020)
        } else {
            has(Habit::BooleanText).then_some(Self::Entra)
        }
    }
}

fn is_okta(user_agent: &str) -> bool {
    user_agent.to_ascii_lowercase().contains("okta")
}

/// What one request shows.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// The parameters of the address, decoded.
    pub query: &'a [(String, String)],
    /// The habits that were met while the request was read.
    pub habits: &'a Habits,
}

impl Seen<'_> {
    fn has_parameter(&self, flag: &str) -> bool {
        self.query.iter().any(|(name, _)| name.eq_ignore_ascii_case(flag))
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let found = Self::ALL.into_iter().find(|dialect| dialect.as_str() == text);
        found.ok_or_else(|| UnknownDialect(text.chars().take(40).collect()))
    }
}

/// A word that is no [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no SCIM dialect: expected strict, generic, entra, entra-scim-062020 or okta")]
pub struct UnknownDialect(String);
