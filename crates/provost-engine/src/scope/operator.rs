//! The operators of scoping clauses and their names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a clause compares. Names are read without regard to letter case, blanks and underscores do not
/// count, because vendors write them in several ways.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Operator {
    /// Exact equality, case-sensitive.
    Equals,
    /// Has a value, and it differs.
    NotEquals,
    /// Is the boolean true.
    IsTrue,
    /// Is the boolean false.
    IsFalse,
    /// Is absent or empty.
    IsNull,
    /// Is present and not empty.
    IsNotNull,
    /// A regular expression matches somewhere in the value, case-sensitive.
    RegexMatch,
    /// Has a value, and the regular expression matches nowhere in it.
    NotRegexMatch,
    /// Is a larger whole number.
    GreaterThan,
    /// Is a whole number at least as large.
    GreaterThanOrEquals,
    /// Contains the text, case-sensitive.
    Includes,
    /// Ends with the text, case-sensitive.
    EndsWith,
    /// Whole numbers: a common bit. Text: the value is a part of the clause's text.
    Within,
    /// Has a value, and [`Operator::Within`] does not hold.
    NotWithin,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 14] = [
        Self::Equals,
        Self::NotEquals,
        Self::IsTrue,
        Self::IsFalse,
        Self::IsNull,
        Self::IsNotNull,
        Self::RegexMatch,
        Self::NotRegexMatch,
        Self::GreaterThan,
        Self::GreaterThanOrEquals,
        Self::Includes,
        Self::EndsWith,
        Self::Within,
        Self::NotWithin,
    ];

    /// The operator's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equals => "EQUALS",
            Self::NotEquals => "NOT EQUALS",
            Self::IsTrue => "IS TRUE",
            Self::IsFalse => "IS FALSE",
            Self::IsNull => "IS NULL",
            Self::IsNotNull => "IS NOT NULL",
            Self::RegexMatch => "REGEX MATCH",
            Self::NotRegexMatch => "NOT REGEX MATCH",
            Self::GreaterThan => "GREATER_THAN",
            Self::GreaterThanOrEquals => "GREATER_THAN_OR_EQUALS",
            Self::Includes => "INCLUDES",
            Self::EndsWith => "ENDS_WITH",
            Self::Within => "&",
            Self::NotWithin => "!&",
        }
    }

    /// Whether the operator needs nothing to compare with.
    pub fn is_unary(self) -> bool {
        matches!(
            self,
            Self::IsTrue | Self::IsFalse | Self::IsNull | Self::IsNotNull
        )
    }

    /// The operator whose negation this one is, for attributes that have a value.
    pub(crate) fn negated(self) -> Option<Self> {
        match self {
            Self::NotEquals => Some(Self::Equals),
            Self::NotRegexMatch => Some(Self::RegexMatch),
            Self::NotWithin => Some(Self::Within),
            _ => None,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Operator> for &'static str {
    fn from(operator: Operator) -> Self {
        operator.name()
    }
}

impl TryFrom<String> for Operator {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |name: &str| -> String {
            let letters = name.chars().filter(|c| !c.is_whitespace() && *c != '_');
            letters.map(|c| c.to_ascii_uppercase()).collect()
        };
        let wanted = plain(&text);
        Self::ALL
            .into_iter()
            .find(|operator| plain(operator.name()) == wanted)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.into_iter().map(Self::name).collect();
                format!(
                    "\"{text}\" is no scoping operator; known are {}",
                    names.join(", ")
                )
            })
    }
}
