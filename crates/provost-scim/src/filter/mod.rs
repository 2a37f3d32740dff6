//! SCIM filters (RFC 7644 section 3.4.2.2): the tree, its text, and what it selects.

mod check;
mod cursor;
mod eval;
mod parse;
mod print;
mod spacing;
mod value_path;

use crate::path::AttrPath;

pub use check::instant;
pub use parse::{MAX_BYTES, MAX_DEPTH, MAX_TERMS, parse, parse_element};
pub(crate) use value_path::value_path;
pub use value_path::{ValuePath, parse_value_path};

/// A filter. Built by [`parse`]; printed by `Display` so that the print parses to the same tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every one holds. At least two.
    And(Vec<Filter>),
    /// At least one holds. At least two.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// `attribute op literal`.
    Compare {
        /// The attribute, in canonical case.
        path: AttrPath,
        /// The operator.
        op: Op,
        /// The value as written.
        value: Literal,
    },
    /// `attribute pr`.
    Present(AttrPath),
    /// `attribute[filter]`: one and the same element satisfies the filter, and the tail where there is one.
    Element {
        /// The attribute whose elements are meant.
        path: AttrPath,
        /// Its paths are names of sub-attributes: no URN, no sub.
        filter: Box<Filter>,
        /// `attribute[filter].sub op literal`: not in the RFC's grammar, but sent by Entra to match people.
        tail: Option<Tail>,
    },
    /// A comparison or `pr` on an attribute that the resource type does not have: never true.
    Unknown {
        /// The attribute as written.
        path: AttrPath,
        /// What was asked of it.
        test: Test,
    },
}

/// What follows `attribute[filter]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// The sub-attribute of the same element.
    pub sub: String,
    /// What is asked of it.
    pub test: Test,
}

/// A question about one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `op literal`.
    Compare(Op, Literal),
    /// `pr`.
    Present,
}

/// The comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal; also true where there is no value.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// A literal as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`: no value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number.
    Number(serde_json::Number),
    /// A JSON string.
    String(String),
}

impl Op {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator that this word means, in any letter case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        use Op::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
        [Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le]
            .into_iter()
            .find(|op| op.as_str().eq_ignore_ascii_case(word))
    }
}

impl Filter {
    /// The first attribute that the resource type does not have, for a caller who wants that refused.
    #[must_use]
    pub fn unknown_attribute(&self) -> Option<&AttrPath> {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().find_map(Self::unknown_attribute),
            Self::Not(inner) | Self::Element { filter: inner, .. } => inner.unknown_attribute(),
            Self::Unknown { path, .. } => Some(path),
            Self::Compare { .. } | Self::Present(_) => None,
        }
    }

    /// How many comparisons it makes at most.
    #[must_use]
    pub fn terms(&self) -> usize {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().map(Self::terms).sum(),
            Self::Not(inner) => inner.terms(),
            Self::Element { filter, tail, .. } => filter.terms() + usize::from(tail.is_some()),
            Self::Compare { .. } | Self::Present(_) | Self::Unknown { .. } => 1,
        }
    }

    /// Whether some term asks about this core attribute (`members`, `groups`), so that it must be loaded
    /// before [`Filter::matches`]. The name is in canonical case.
    #[must_use]
    pub fn asks_about(&self, name: &str) -> bool {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().any(|filter| filter.asks_about(name)),
            Self::Not(inner) => inner.asks_about(name),
            Self::Element { path, .. } | Self::Compare { path, .. } | Self::Present(path) => {
                path.urn.is_none() && path.name == name
            }
            Self::Unknown { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
