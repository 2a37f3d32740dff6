//! What a filter selects, decided over a full resource. The database's translation of a filter must agree
//! with this, value for value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::check::{boolean, instant};
use super::{Filter, Literal, Op, Tail, Test};
use crate::path::AttrPath;
use crate::resource::folded;
use crate::schema::{Attribute, AttributeType, ResourceType};

impl Filter {
    /// Whether the resource is selected. `resource` is the full resource of type `rt`: with `id`, `meta`
    /// and `schemas`, and with `groups` or `members` when the filter [asks about](Filter::asks_about)
    /// them.
    ///
    /// - Of several values, one that fits is enough.
    /// - `ne` also holds where there is no value; `eq null` is "not present", `ne null` is `pr`.
    /// - Texts compare by the attribute's letter case rule, in code point order.
    #[must_use]
    pub fn matches(&self, rt: &ResourceType, resource: &Value) -> bool {
        self.holds(Scope::Resource(rt), resource)
    }

    /// Whether one element of `attribute` is selected by a filter that stood in brackets.
    #[must_use]
    pub fn matches_element(&self, attribute: &Attribute, element: &Value) -> bool {
        self.holds(Scope::Element(attribute), element)
    }

    fn holds(&self, scope: Scope<'_>, value: &Value) -> bool {
        match self {
            Self::And(list) => list.iter().all(|filter| filter.holds(scope, value)),
            Self::Or(list) => list.iter().any(|filter| filter.holds(scope, value)),
            Self::Not(inner) => !inner.holds(scope, value),
            Self::Present(path) => scope.present(path, value),
            Self::Compare {
                path,
                op,
                value: literal,
            } => scope
                .top(path)
                .is_some_and(|top| compare(top, scope.root(path, value), path.sub.as_deref(), *op, literal)),
            Self::Element { path, filter, tail } => scope.top(path).is_some_and(|top| {
                let mut elements = elements(scope.root(path, value));
                elements.any(|element| {
                    filter.matches_element(top, element)
                        && tail.as_ref().is_none_or(|tail| tail_holds(tail, top, element))
                })
            }),
            Self::Unknown { .. } => false,
        }
    }
}

/// What the paths of a filter are relative to.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a Attribute),
}

impl<'a> Scope<'a> {
    fn top(self, path: &AttrPath) -> Option<&'a Attribute> {
        match self {
            Self::Resource(rt) => rt.top(path),
            Self::Element(attribute) => attribute.sub_attribute(&path.name),
        }
    }

    /// The value of the attribute, whatever its sub-attribute.
    fn root<'v>(self, path: &AttrPath, value: &'v Value) -> Option<&'v Value> {
        match (self, &path.urn) {
            (Self::Resource(_), Some(urn)) => value.get(urn)?.get(&path.name),
            _ => value.get(&path.name),
        }
    }

    fn present(self, path: &AttrPath, value: &Value) -> bool {
        match (self, &path.urn) {
            (Self::Resource(rt), Some(urn)) if path.is_whole_schema() => {
                // Every resource has its core schema.
                *urn == rt.schema.id || value.get(urn).is_some_and(assigned)
            }
            _ => any_present(self.root(path, value), path.sub.as_deref()),
        }
    }
}

fn tail_holds(tail: &Tail, top: &Attribute, element: &Value) -> bool {
    match &tail.test {
        Test::Present => any_present(Some(element), Some(&tail.sub)),
        Test::Compare(op, literal) => compare(top, Some(element), Some(&tail.sub), *op, literal),
    }
}

/// The elements of a list; a single value counts as a list of one.
fn elements(root: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = match root {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    list.iter()
}

fn any_present(root: Option<&Value>, sub: Option<&str>) -> bool {
    elements(root).any(|element| match sub {
        Some(sub) => element.get(sub).is_some_and(assigned),
        None => assigned(element),
    })
}

/// Non-null and non-empty (RFC 7644 table 3, `pr`); of an object or a list, some part of it.
fn assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => list.iter().any(assigned),
        Value::Object(map) => map.values().any(assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(top: &Attribute, root: Option<&Value>, sub: Option<&str>, op: Op, literal: &Literal) -> bool {
    if *literal == Literal::Null {
        return any_present(root, sub) == (op == Op::Ne);
    }
    let Some(attribute) = top.comparand(sub) else {
        return false;
    };
    // A complex attribute stands for its `value`.
    let key = sub.or((top.kind == AttributeType::Complex).then_some("value"));
    let values = elements(root).filter_map(|element| match key {
        Some(key) => element.get(key),
        None => Some(element),
    });
    let mut none = true;
    for value in values.filter(|value| !value.is_null()) {
        none = false;
        if one_fits(attribute, value, op, literal) {
            return true;
        }
    }
    none && op == Op::Ne
}

fn one_fits(attribute: &Attribute, value: &Value, op: Op, literal: &Literal) -> bool {
    use AttributeType::{Boolean, DateTime, Decimal, Integer};
    match (attribute.kind, value, literal) {
        (Boolean, Value::Bool(have), literal) => {
            boolean(literal).is_some_and(|want| ordered(op, have.cmp(&want)))
        }
        (Integer | Decimal, Value::Number(have), Literal::Number(want)) => {
            numbers(have, want).map_or(op == Op::Ne, |order| ordered(op, order))
        }
        (DateTime, Value::String(have), Literal::String(want)) => match (instant(have), instant(want)) {
            (Some(have), Some(want)) => ordered(op, have.cmp(&want)),
            _ => op == Op::Ne,
        },
        (_, Value::String(have), Literal::String(want)) => texts(attribute.case_exact, have, op, want),
        // A value of another type than its attribute's differs from everything.
        _ => op == Op::Ne,
    }
}

fn texts(exact: bool, have: &str, op: Op, want: &str) -> bool {
    if exact {
        return text_fits(have, op, want);
    }
    if matches!(op, Op::Eq | Op::Ne) && have.is_ascii() && want.is_ascii() {
        return have.eq_ignore_ascii_case(want) == (op == Op::Eq);
    }
    text_fits(&folded(have), op, &folded(want))
}

fn text_fits(have: &str, op: Op, want: &str) -> bool {
    match op {
        Op::Co => have.contains(want),
        Op::Sw => have.starts_with(want),
        Op::Ew => have.ends_with(want),
        // UTF-8 sorts as its code points do.
        _ => ordered(op, have.cmp(want)),
    }
}

fn ordered(op: Op, order: Ordering) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

/// Whole numbers exactly, others as floating point.
fn numbers(have: &Number, want: &Number) -> Option<Ordering> {
    match (whole(have), whole(want)) {
        (Some(have), Some(want)) => Some(have.cmp(&want)),
        _ => have.as_f64()?.partial_cmp(&want.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}
