//! `$filter`: the part of OData's language that Graph's directory understands.

mod check;
mod parse;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::directory::{Directory, Indexes, Serial};
use crate::moment;

pub(crate) use check::check;
pub(crate) use parse::parse;

/// A filter. Paths are property names, with `/` before a part of a complex property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare {
        path: String,
        op: Op,
        value: Literal,
    },
    Text {
        path: String,
        test: TextTest,
        value: String,
    },
    In {
        path: String,
        values: Vec<Literal>,
    },
    /// `path/any(variable: test)`; without a test: not empty.
    Any {
        path: String,
        variable: String,
        test: Option<Box<Filter>>,
    },
    /// `path/$count op number`.
    Count {
        path: String,
        op: Op,
        value: i64,
    },
    /// A boolean property on its own.
    Flag(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    Starts,
    Ends,
    Contains,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Flag(bool),
    Number(i64),
    /// Quoted text, a GUID or a date.
    Text(String),
}

/// Gives the value at a path.
pub(crate) type Look<'a> = dyn Fn(&str) -> Cow<'a, Value> + 'a;

impl Filter {
    /// Whether an object, seen through `look`, passes.
    pub(crate) fn matches(&self, look: &Look<'_>) -> bool {
        match self {
            Filter::And(left, right) => left.matches(look) && right.matches(look),
            Filter::Or(left, right) => left.matches(look) || right.matches(look),
            Filter::Not(inner) => !inner.matches(look),
            Filter::Compare { path, op, value } => compare(path, &look(path), *op, value),
            Filter::Text { path, test, value } => {
                look(path).as_str().is_some_and(|text| test.holds(text, value))
            }
            Filter::In { path, values } => {
                let found = look(path);
                values.iter().any(|value| compare(path, &found, Op::Eq, value))
            }
            Filter::Any { path, variable, test } => {
                let found = look(path);
                let elements = found.as_array().map(Vec::as_slice).unwrap_or_default();
                elements.iter().any(|element| {
                    test.as_ref()
                        .is_none_or(|test| matches_element(test, variable, element))
                })
            }
            Filter::Count { path, op, value } => {
                let count = look(path).as_array().map_or(0, Vec::len);
                op.holds(i64::try_from(count).unwrap_or(i64::MAX).cmp(value))
            }
            Filter::Flag(path) => look(path).as_bool().unwrap_or(false),
        }
    }

    /// Objects among which all matches are, when an index can tell; `None` when everything must be looked at.
    pub(crate) fn candidates(&self, directory: &Directory) -> Option<BTreeSet<Serial>> {
        match self {
            Filter::And(left, right) => left.candidates(directory).or_else(|| right.candidates(directory)),
            Filter::Or(left, right) => {
                let mut all = left.candidates(directory)?;
                all.extend(right.candidates(directory)?);
                Some(all)
            }
            Filter::Compare {
                path,
                op: Op::Eq,
                value: Literal::Text(text),
            } => indexed(directory, path, text),
            Filter::In { path, values } => {
                let mut all = BTreeSet::new();
                for value in values {
                    let Literal::Text(text) = value else { return None };
                    all.extend(indexed(directory, path, text)?);
                }
                Some(all)
            }
            Filter::Any {
                path,
                variable,
                test: Some(test),
            } => match test.as_ref() {
                Filter::Compare {
                    path: inner,
                    op: Op::Eq,
                    value: Literal::Text(text),
                } if inner == variable => indexed(directory, path, text),
                _ => None,
            },
            _ => None,
        }
    }
}

fn indexed(directory: &Directory, path: &str, text: &str) -> Option<BTreeSet<Serial>> {
    if path == "id" {
        return Some(
            directory
                .by_id(text)
                .map(|object| object.serial)
                .into_iter()
                .collect(),
        );
    }
    if !Indexes::covers(path) {
        return None;
    }
    let found = directory.indexes().find(path, text);
    Some(
        found
            .map(|holders| holders.iter().copied().collect())
            .unwrap_or_default(),
    )
}

/// Within `any`, paths begin with the variable.
fn matches_element(test: &Filter, variable: &str, element: &Value) -> bool {
    test.matches(&|path: &str| {
        let rest = path.strip_prefix(variable).unwrap_or(path);
        match rest.strip_prefix('/') {
            Some(part) => Cow::Owned(element.get(part).cloned().unwrap_or(Value::Null)),
            None => Cow::Owned(element.clone()),
        }
    })
}

impl TextTest {
    fn holds(self, text: &str, value: &str) -> bool {
        let (text, value) = (text.to_lowercase(), value.to_lowercase());
        match self {
            TextTest::Starts => text.starts_with(&value),
            TextTest::Ends => text.ends_with(&value),
            TextTest::Contains => text.contains(&value),
        }
    }
}

impl Op {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Op::Eq => order.is_eq(),
            Op::Ne => order.is_ne(),
            Op::Gt => order.is_gt(),
            Op::Ge => order.is_ge(),
            Op::Lt => order.is_lt(),
            Op::Le => order.is_le(),
        }
    }
}

/// Text is compared without regard to case, but for immutable ids; dates by their moment. A value that is missing or
/// of another type is unequal to everything, and neither more nor less.
fn compare(path: &str, found: &Value, op: Op, wanted: &Literal) -> bool {
    let order = match (found, wanted) {
        (Value::Null, Literal::Null) => Some(std::cmp::Ordering::Equal),
        (Value::Bool(found), Literal::Flag(wanted)) => Some(found.cmp(wanted)),
        (Value::Number(found), Literal::Number(wanted)) => found.as_i64().map(|found| found.cmp(wanted)),
        (Value::String(found), Literal::Text(wanted)) => Some(compare_text(path, found, wanted)),
        _ => None,
    };
    order.map_or(op == Op::Ne, |order| op.holds(order))
}

fn compare_text(path: &str, found: &str, wanted: &str) -> std::cmp::Ordering {
    if path == "onPremisesImmutableId" {
        return found.cmp(wanted);
    }
    if (path.ends_with("DateTime") || path.ends_with("Date"))
        && let (Some(found), Some(wanted)) = (moment::parse(found), moment::parse(wanted))
    {
        return found.cmp(&wanted);
    }
    found.to_lowercase().cmp(&wanted.to_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
