//! The expression language of mappings: VBA-like function calls over attributes, as in Entra's
//! "Reference for writing expressions for attribute mappings".
//!
//! ```text
//! expr    := concat [ cmpop concat ]              cmpop := = | <> | > | >= | < | <=
//! concat  := primary { "&" primary }
//! primary := call | attribute | string | number | keyword
//! call    := Name "(" [ arg { "," arg } ] ")"      an arg may be empty: omitted, but it keeps its place
//! attribute := "[" balanced text "]"
//! string  := '"' … '"'                             \" and \\ are escapes, other backslashes stay
//! number  := ["-"] digits [ "." digits ] | "&H" hexdigits
//! ```
//!
//! The language is total: no loops, no recursion, a bounded number of steps and bounded texts; regular
//! expressions run in linear time. An expression is parsed and checked once ([`parse`]) and evaluated
//! without parsing anything again ([`eval`]).

mod compare;
mod error;
mod eval;
mod function;
mod parse;
mod pattern;
mod scan;
mod value;

pub use error::ExprError;
pub use eval::{Context, MAX_STEPS, MAX_TEXT, eval};
pub use function::{Function, all as functions};
pub use parse::{MAX_DEPTH, MAX_LENGTH, Parsed, parse, parse_with_warnings};
pub use value::Value;

pub(crate) use pattern::{Mistake, pattern};

use std::ops::Range;

use regex::Regex;

use crate::attribute::Lookup;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    pub(crate) node: Node,
}

impl Expr {
    /// Whether a function is called anywhere in the expression.
    pub fn calls(&self, function: &str) -> bool {
        match &self.node {
            Node::Call(call) => {
                call.function.name == function || call.arguments.iter().any(|a| a.calls(function))
            }
            Node::Compare(_, sides) => sides.0.calls(function) || sides.1.calls(function),
            Node::Concat(parts) => parts.iter().any(|part| part.calls(function)),
            Node::Omitted
            | Node::Broken
            | Node::Attribute(_)
            | Node::Text(_)
            | Node::Integer(_)
            | Node::Keyword(_) => false,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// An argument that was left out.
    Omitted,
    /// Stands for a part with a mistake, so that the rest can be checked; never in a checked expression.
    Broken,
    Attribute(Lookup),
    Text(String),
    Integer(i64),
    Keyword(Keyword),
    Call(Call),
    Compare(Comparison, Box<(Expr, Expr)>),
    Concat(Vec<Expr>),
}

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) function: &'static Function,
    pub(crate) arguments: Vec<Expr>,
    /// The regular expression in the argument that the function declares as one.
    pub(crate) pattern: Option<Regex>,
}

/// A bare word that is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// Drop this attribute from the export.
    IgnoreAttributeFlow,
    /// Leave the whole object alone.
    IgnoreObjectFlow,
    /// An option of a function, known by its name.
    Option(&'static str),
}

impl Keyword {
    pub(crate) const ALL: [Self; 7] = [
        Self::IgnoreAttributeFlow,
        Self::IgnoreObjectFlow,
        Self::Option("vbTextCompare"),
        Self::Option("vbBinaryCompare"),
        Self::Option("Unicode"),
        Self::Option("UTF8"),
        Self::Option("ASCII"),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::IgnoreAttributeFlow => "IgnoreAttributeFlow",
            Self::IgnoreObjectFlow => "IgnoreObjectFlow",
            Self::Option(name) => name,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Differs,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
