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
//! expressions run in linear time, or with a limit where they look around or refer back. An expression is
//! parsed and checked once ([`parse`]) and evaluated without parsing anything again ([`eval`]).

mod compare;
mod error;
mod eval;
mod function;
mod parse;
mod pattern;
mod print;
mod scan;
mod tree;
mod value;

pub use error::ExprError;
pub use eval::{Context, MAX_STEPS, MAX_TEXT, eval, eval_for};
pub use function::{FunctionDoc, reference};
pub use parse::{MAX_DEPTH, MAX_LENGTH, Parsed, parse, parse_with_warnings};
pub(crate) use tree::REPLACE_KEYS;
pub use tree::tree;
pub use value::Value;

pub(crate) use pattern::{Mistake, Pattern, TOO_HARD, pattern};

use std::ops::Range;

use crate::attribute::Lookup;
use function::Function;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    pub(crate) node: Node,
}

impl Expr {
    /// Whether a function is called anywhere in the expression; by its exact name.
    pub fn calls(&self, function: &str) -> bool {
        self.any(&mut |expr| matches!(&expr.node, Node::Call(call) if call.function.doc.name == function))
    }

    /// Whether something holds for the expression or a part of it.
    pub(crate) fn any(&self, holds: &mut impl FnMut(&Self) -> bool) -> bool {
        holds(self)
            || match &self.node {
                Node::Call(call) => call.arguments.iter().any(|part| part.any(holds)),
                Node::Compare(_, sides) => sides.0.any(holds) || sides.1.any(holds),
                Node::Concat(parts) => parts.iter().any(|part| part.any(holds)),
                Node::Omitted
                | Node::Broken
                | Node::Attribute(_)
                | Node::Text(_)
                | Node::Integer(_)
                | Node::Keyword(_) => false,
            }
    }

    /// Whether an argument was left out.
    pub(crate) fn is_omitted(&self) -> bool {
        matches!(self.node, Node::Omitted)
    }

    /// The text, where the expression is a string constant.
    pub(crate) fn constant(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
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
    /// The regular expression in the argument that the function declares as one, where it is constant.
    pub(crate) pattern: Option<Pattern>,
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

impl Comparison {
    /// Longer signs before those that they begin with.
    pub(crate) const ALL: [Self; 6] = [
        Self::Differs,
        Self::GreaterOrEqual,
        Self::LessOrEqual,
        Self::Equal,
        Self::Greater,
        Self::Less,
    ];

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Differs => "<>",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
