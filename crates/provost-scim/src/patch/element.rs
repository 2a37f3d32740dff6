//! One element of a multi-valued attribute: which one it is, what a filter says about a missing one.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::filter::{Filter, Literal, Op};
use crate::leniency::{Habits, Leniency, Tolerance};
use crate::resource::folded;
use crate::schema::{Attribute, Mutability};
use crate::validate::coerce;
use crate::validate::place::Place;

/// Whether two values of an attribute are the same under its letter case rule.
fn equal(attribute: Option<&Attribute>, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) if attribute.is_some_and(|attribute| !attribute.case_exact) => {
            a == b || folded(a) == folded(b)
        }
        _ => a == b,
    }
}

/// Whether an element that is there is the one that a client names: the same `value`, and the same `type`
/// where the client gives one. Where there is no `value` to go by, every part that the client gives.
pub(super) fn is_named(attribute: &Attribute, there: &Value, named: &Value) -> bool {
    let (Value::Object(there), Value::Object(named)) = (there, named) else {
        return equal(Some(attribute), there, named);
    };
    let same = |key: &str, value: &Value| {
        there
            .get(key)
            .is_some_and(|found| equal(attribute.sub_attribute(key), found, value))
    };
    if named.contains_key("value") {
        ["value", "type"]
            .iter()
            .all(|key| named.get(*key).is_none_or(|value| same(key, value)))
    } else {
        named.iter().all(|(key, value)| same(key, value))
    }
}

/// Lays the parts of `parts` over the element.
pub(super) fn merge(element: &mut Value, parts: Value) {
    match (element, parts) {
        (Value::Object(element), Value::Object(parts)) => element.extend(parts),
        (element, parts) => *element = parts,
    }
}

/// Whether nothing is left that says something: an element with only its `type` and `primary`.
pub(super) fn is_hollow(element: &Value) -> bool {
    match element {
        Value::Object(parts) => parts.keys().all(|key| key == "type" || key == "primary"),
        Value::Null => true,
        _ => false,
    }
}

/// The parts that a filter states about its element: the `eq` comparisons of a conjunction. `None` for any
/// other filter, and for one that contradicts itself.
pub(super) fn stated(attribute: &Attribute, filter: &Filter) -> Option<Map<String, Value>> {
    let mut parts = Map::new();
    collect(attribute, filter, &mut parts)?;
    Some(parts)
}

fn collect(attribute: &Attribute, filter: &Filter, parts: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Filter::And(list) => list
            .iter()
            .try_for_each(|filter| collect(attribute, filter, parts)),
        Filter::Compare {
            path,
            op: Op::Eq,
            value,
        } => {
            let sub = attribute.sub_attribute(&path.name)?;
            let value = literal(sub, value).filter(|_| sub.mutability != Mutability::ReadOnly)?;
            match parts.insert(sub.name.clone(), value.clone()) {
                Some(before) if before != value => None,
                _ => Some(()),
            }
        }
        _ => None,
    }
}

fn literal(sub: &Attribute, literal: &Literal) -> Option<Value> {
    let value = match literal {
        Literal::Null => return None,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::String(text) => Value::String(text.clone()),
    };
    // Whether text may stand for a boolean was decided when the path was read.
    let mut scratch = Habits::default();
    let mut tolerance = Tolerance::new(&Leniency::default(), &mut scratch);
    coerce::value(sub, value, Place::new(None, &sub.name), &mut tolerance)
        .ok()
        .flatten()
}

/// Keeps one preferred element: when an operation prefers one of those it touched, the others step back.
///
/// # Errors
/// 400 `invalidValue` when it prefers several at once.
pub(super) fn prefer(list: &mut [Value], touched: &[usize], place: Place<'_>) -> Result<()> {
    let preferred: Vec<usize> = touched
        .iter()
        .copied()
        .filter(|&index| list.get(index).is_some_and(coerce::is_primary))
        .collect();
    let &[chosen] = preferred.as_slice() else {
        return match preferred.len() {
            0 => Ok(()),
            several => Err(Error::invalid_value(format!(
                "{place}: {several} elements would be primary, at most one may be"
            ))),
        };
    };
    for (index, element) in list.iter_mut().enumerate() {
        if index != chosen
            && coerce::is_primary(element)
            && let Value::Object(parts) = element
        {
            parts.insert("primary".to_owned(), Value::Bool(false));
        }
    }
    Ok(())
}
