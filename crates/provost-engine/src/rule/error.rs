//! Errors of rules, in words for the person who wrote the rule. None of them holds a person's values.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::expr::ExprError;

/// A mistake in a rule, found when it is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct RuleError {
    /// The rule's name.
    pub rule: String,
    /// The target attribute whose mapping is wrong; `None` when the mistake is elsewhere in the rule.
    pub target: Option<String>,
    /// Where in the mapping's text, in bytes.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A mapping or scoping filter that could not be evaluated for one object.
///
/// It fails that object only, and never leads to a removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct MapError {
    /// The rule's name.
    pub rule: String,
    /// The target attribute whose mapping failed; `None` when a scoping filter failed.
    pub target: Option<String>,
    /// Where in the mapping's text, in bytes.
    pub span: Option<Range<usize>>,
    /// What went wrong, without the object's values.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sentence(
            f,
            &self.rule,
            self.target.as_deref(),
            self.span.as_ref(),
            &self.message,
        )
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sentence(
            f,
            &self.rule,
            self.target.as_deref(),
            self.span.as_ref(),
            &self.message,
        )
    }
}

fn sentence(
    f: &mut fmt::Formatter<'_>,
    rule: &str,
    target: Option<&str>,
    span: Option<&Range<usize>>,
    message: &str,
) -> fmt::Result {
    write!(f, "rule \"{rule}\"")?;
    if let Some(target) = target {
        write!(f, ", mapping of \"{target}\"")?;
    }
    if let Some(span) = span {
        write!(f, ", at {}", span.start)?;
    }
    write!(f, ": {message}")
}

impl RuleError {
    /// A mistake that belongs to the rule as a whole or, with `target`, to one attribute.
    pub(crate) fn new(
        rule: &str,
        target: Option<&str>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            target: target.map(str::to_owned),
            span: None,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A mistake in the text of the mapping of `target`.
    pub(crate) fn in_text(rule: &str, target: &str, error: ExprError) -> Self {
        Self {
            rule: rule.to_owned(),
            target: Some(target.to_owned()),
            span: Some(error.span),
            message: error.message,
            hint: error.hint,
        }
    }
}

impl MapError {
    /// A failure in the mapping of `target`.
    pub(crate) fn in_mapping(rule: &str, target: &str, error: ExprError) -> Self {
        Self {
            rule: rule.to_owned(),
            target: Some(target.to_owned()),
            span: (!error.span.is_empty()).then_some(error.span),
            message: error.message,
            hint: error.hint,
        }
    }

    /// A failure in a scoping filter.
    pub(crate) fn in_scope(rule: &str, message: String, hint: String) -> Self {
        Self {
            rule: rule.to_owned(),
            target: None,
            span: None,
            message,
            hint,
        }
    }
}
