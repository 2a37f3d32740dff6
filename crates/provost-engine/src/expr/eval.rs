//! Evaluation with bounded steps and bounded texts.

use std::borrow::Cow;
use std::ops::Range;

use super::value::NotOne;
use super::{Call, Expr, ExprError, Keyword, Node, Pattern, Value, compare, pattern};
use crate::object::Source;
use crate::rule::Env;

/// The most steps one evaluation may take: one for each part of the expression that is evaluated and
/// one for every 64 bytes of text that are made.
pub const MAX_STEPS: u32 = 10_000;
/// The longest text an evaluation may make, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
/// What compiling a regular expression during an evaluation costs.
const COMPILE_STEPS: u32 = 500;
/// The longest regular expression that is compiled during an evaluation, in bytes.
const MAX_MADE_PATTERN: usize = 1_000;

/// What an expression is evaluated against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The object, always the full current one.
    pub source: Source<'a>,
    /// Whether the object is out of scope or inactive: `[IsSoftDeleted]`.
    pub soft_deleted: bool,
    /// Time and settings.
    pub env: Env<'a>,
}

/// Evaluates an expression.
///
/// # Errors
/// The first failure, with the place in the expression; never with a person's value.
pub fn eval<'a>(expr: &'a Expr, context: &Context<'a>) -> Result<Value<'a>, ExprError> {
    eval_for(expr, context, "")
}

/// Evaluates an expression for a target attribute, in which `SelectUniqueValue` looks for its values.
///
/// # Errors
/// As [`eval`].
pub fn eval_for<'a>(expr: &'a Expr, context: &Context<'a>, target: &'a str) -> Result<Value<'a>, ExprError> {
    Run {
        context: *context,
        target,
        steps: MAX_STEPS,
    }
    .eval(expr)
}

/// One evaluation.
pub(super) struct Run<'a> {
    context: Context<'a>,
    target: &'a str,
    steps: u32,
}

impl<'a> Run<'a> {
    fn eval(&mut self, expr: &'a Expr) -> Result<Value<'a>, ExprError> {
        self.charge(1, &expr.span)?;
        match &expr.node {
            Node::Omitted | Node::Broken => Ok(Value::Null),
            Node::Attribute(lookup) => {
                let value = lookup.find(&self.context);
                self.charge(value.breadth() / 16, &expr.span)?;
                Ok(value)
            }
            Node::Text(text) => Ok(Value::from(text.as_str())),
            Node::Integer(number) => Ok(Value::Integer(*number)),
            Node::Keyword(Keyword::IgnoreAttributeFlow) => Ok(Value::Ignore),
            Node::Keyword(Keyword::IgnoreObjectFlow) => Ok(Value::IgnoreObject),
            Node::Keyword(Keyword::Option(name)) => Ok(Value::from(*name)),
            Node::Call(call) => {
                let mut arguments = Arguments {
                    run: self,
                    call,
                    span: &expr.span,
                };
                let value = (call.function.body)(&mut arguments)?;
                self.charge_text(value.text_len(), &expr.span)?;
                Ok(value)
            }
            Node::Compare(how, sides) => {
                let left = self.eval(&sides.0)?;
                let right = self.eval(&sides.1)?;
                compare::compare(*how, left, right)
                    .map(Value::Bool)
                    .map_err(|NotOne| several(&expr.span))
            }
            Node::Concat(parts) => self.concat(parts, &expr.span),
        }
    }

    fn concat(&mut self, parts: &'a [Expr], span: &Range<usize>) -> Result<Value<'a>, ExprError> {
        let mut text = Text::new(span);
        for part in parts {
            if let Some(part) = self.text(part)? {
                text.push(&part)?;
            }
        }
        self.charge_text(text.out.len(), span)?;
        Ok(Value::from(text.out))
    }

    fn text(&mut self, expr: &'a Expr) -> Result<Option<Cow<'a, str>>, ExprError> {
        self.eval(expr)?.into_text().map_err(|NotOne| several(&expr.span))
    }

    fn charge(&mut self, steps: u32, span: &Range<usize>) -> Result<(), ExprError> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(ExprError::new(
                span.clone(),
                format!("the expression takes more than {MAX_STEPS} steps"),
                "simplify it",
            )),
        }
    }

    fn charge_text(&mut self, bytes: usize, span: &Range<usize>) -> Result<(), ExprError> {
        if bytes > MAX_TEXT {
            return Err(too_long(span));
        }
        // Never more than MAX_TEXT / 64 = 1,024.
        self.charge(u32::try_from(bytes / 64).unwrap_or(u32::MAX), span)
    }
}

/// A function's view of its call: arguments are evaluated when they are asked for, so a branch that is
/// not chosen is never evaluated.
pub(super) struct Arguments<'r, 'a> {
    run: &'r mut Run<'a>,
    call: &'a Call,
    span: &'r Range<usize>,
}

impl<'r, 'a> Arguments<'r, 'a> {
    /// How many arguments are written, the omitted ones included.
    pub(super) fn len(&self) -> usize {
        self.call.arguments.len()
    }

    /// Whether an argument is written and not empty.
    pub(super) fn is_given(&self, index: usize) -> bool {
        self.call
            .arguments
            .get(index)
            .is_some_and(|e| !matches!(e.node, Node::Omitted))
    }

    /// The value of an argument; null when it is omitted.
    pub(super) fn value(&mut self, index: usize) -> Result<Value<'a>, ExprError> {
        match self.call.arguments.get(index) {
            Some(expr) => self.run.eval(expr),
            None => Ok(Value::Null),
        }
    }

    /// The single text of an argument; `None` for null.
    pub(super) fn text(&mut self, index: usize) -> Result<Option<Cow<'a, str>>, ExprError> {
        match self.call.arguments.get(index) {
            Some(expr) => self.run.text(expr),
            None => Ok(None),
        }
    }

    /// The single text of an argument; empty for null.
    pub(super) fn text_or_empty(&mut self, index: usize) -> Result<Cow<'a, str>, ExprError> {
        Ok(self.text(index)?.unwrap_or_default())
    }

    /// The whole number in an argument, which may be quoted; `None` for null and empty text.
    pub(super) fn integer(&mut self, index: usize) -> Result<Option<i64>, ExprError> {
        let value = self.value(index)?;
        if let Value::Integer(number) = value {
            return Ok(Some(number));
        }
        let several = |NotOne| self.fail_at(index, SEVERAL.0, SEVERAL.1);
        match value.into_text().map_err(several)? {
            None => Ok(None),
            Some(text) if text.trim().is_empty() => Ok(None),
            Some(text) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| self.fail_at(index, "this is no whole number", "give digits, quoted or not")),
        }
    }

    /// The whole number in an argument that must have one.
    pub(super) fn required_integer(&mut self, index: usize) -> Result<i64, ExprError> {
        self.integer(index)?
            .ok_or_else(|| self.fail_at(index, "a number is missing", "give a whole number"))
    }

    /// Time and settings.
    pub(super) fn env(&self) -> &Env<'a> {
        &self.run.context.env
    }

    /// The target attribute that the value is for; empty when it is for none.
    pub(super) fn target(&self) -> &'a str {
        self.run.target
    }

    /// The call's regular expression: prepared where it is constant, compiled now where it is not.
    pub(super) fn pattern(&mut self) -> Result<Option<Cow<'a, Pattern>>, ExprError> {
        if let Some(pattern) = &self.call.pattern {
            return Ok(Some(Cow::Borrowed(pattern)));
        }
        let Some(index) = self.call.function.pattern else {
            return Ok(None);
        };
        let text = self.text_or_empty(index)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.charge(COMPILE_STEPS)?;
        let compiled = if text.len() > MAX_MADE_PATTERN {
            None
        } else {
            pattern(&text).ok()
        };
        // Why not stays unsaid: it would repeat the person's value.
        compiled.map(|pattern| Some(Cow::Owned(pattern))).ok_or_else(|| {
            self.fail_at(
                index,
                "what is computed here is no regular expression, or too long for one",
                "write the regular expression as a constant in quotes",
            )
        })
    }

    /// Takes the steps of a search through so many bytes.
    pub(super) fn charge_search(&mut self, pattern: &Pattern, bytes: usize) -> Result<(), ExprError> {
        self.charge(pattern.search_steps(bytes))
    }

    /// Takes so many steps.
    pub(super) fn charge(&mut self, steps: u32) -> Result<(), ExprError> {
        self.run.charge(steps, self.span)
    }

    /// The argument's text where it is a constant.
    pub(super) fn constant(&self, index: usize) -> Option<&'a str> {
        self.call.arguments.get(index)?.constant()
    }

    /// A text under construction, bounded.
    pub(super) fn new_text(&self) -> Text<'r> {
        Text::new(self.span)
    }

    /// A failure of the call.
    pub(super) fn fail(&self, message: &str, hint: &str) -> ExprError {
        ExprError::new(self.span.clone(), message, hint)
    }

    /// A failure of one argument.
    pub(super) fn fail_at(&self, index: usize, message: &str, hint: &str) -> ExprError {
        let span = self
            .call
            .arguments
            .get(index)
            .map_or(self.span, |expr| &expr.span);
        ExprError::new(span.clone(), message, hint)
    }
}

/// A text under construction that refuses to grow beyond [`MAX_TEXT`].
pub(super) struct Text<'s> {
    pub(super) out: String,
    span: &'s Range<usize>,
}

impl<'s> Text<'s> {
    fn new(span: &'s Range<usize>) -> Self {
        Self {
            out: String::with_capacity(48),
            span,
        }
    }

    /// Appends.
    pub(super) fn push(&mut self, part: &str) -> Result<(), ExprError> {
        if self.out.len() + part.len() > MAX_TEXT {
            return Err(too_long(self.span));
        }
        self.out.push_str(part);
        Ok(())
    }
}

/// Message and hint for [`NotOne`].
const SEVERAL: (&str, &str) = (
    "there are several values where one is needed",
    "pick one with Item, or with a filter such as [emails[type eq \"work\"].value], or use Join",
);

fn several(span: &Range<usize>) -> ExprError {
    ExprError::new(span.clone(), SEVERAL.0, SEVERAL.1)
}

fn too_long(span: &Range<usize>) -> ExprError {
    ExprError::new(
        span.clone(),
        format!("the text becomes longer than {MAX_TEXT} bytes"),
        "shorten what is joined or replaced",
    )
}
