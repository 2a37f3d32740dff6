//! An attribute with one value, simple or complex.

use serde_json::{Map, Value};

use super::PatchOp;
use super::apply::Change;
use crate::error::Result;
use crate::leniency::{Habit, Tolerance};
use crate::schema::{Attribute, AttributeType};
use crate::validate::coerce;
use crate::validate::simple::empty;

/// The value afterwards; `None` when there is none.
pub(super) fn change(
    current: Option<Value>,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    match (change.op, change.sub) {
        (PatchOp::Remove, None) => Ok(None),
        (PatchOp::Remove, Some(sub)) => Ok(without(change.attribute, current, sub)),
        (_, Some(sub)) => part(current, sub, change, tolerance),
        (_, None) if change.attribute.kind == AttributeType::Complex => merge(current, change, tolerance),
        (_, None) => coerce::value(
            change.attribute,
            change.required_value()?.clone(),
            change.place,
            tolerance,
        ),
    }
}

fn object(current: Option<Value>) -> Map<String, Value> {
    match current {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn assigned(object: Map<String, Value>) -> Option<Value> {
    if object.is_empty() {
        None
    } else {
        Some(Value::Object(object))
    }
}

/// A complex value without one part. A reference without its `value` refers to nothing.
fn without(attribute: &Attribute, current: Option<Value>, sub: &Attribute) -> Option<Value> {
    if coerce::is_reference(attribute) && sub.name == "value" {
        return None;
    }
    let mut object = object(current);
    object.remove(&sub.name);
    assigned(object)
}

/// Sets one part of a complex value, which is made when there is none.
fn part(
    current: Option<Value>,
    sub: &Attribute,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    let value = change.required_value()?;
    if coerce::is_reference(change.attribute) && sub.name == "value" && value == "" {
        return if tolerance.of(Habit::EmptyReference) {
            Ok(None)
        } else {
            Err(empty(change.place))
        };
    }
    match coerce::value(sub, value.clone(), change.place, tolerance)? {
        None => Ok(without(change.attribute, current, sub)),
        Some(value) => {
            let mut parts = Map::new();
            parts.insert(sub.name.clone(), value);
            Ok(assigned(merged(change.attribute, object(current), parts)))
        }
    }
}

/// Merges an object: parts that it names are set, or unassigned by `null`; the others stay.
fn merge(
    current: Option<Value>,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    let attribute = change.attribute;
    let value = match change.required_value()?.clone() {
        Value::Array(list) => match coerce::only(attribute, list, change.place, tolerance)? {
            Some(only) => only,
            None => return Ok(None),
        },
        other => other,
    };
    let mut object = object(current);
    let mut parts = match value {
        Value::Object(parts) => unassign(attribute, parts, &mut object, change.op),
        other => match coerce::value(attribute, other, change.place, tolerance)? {
            Some(Value::Object(parts)) => parts,
            _ => return Ok(None),
        },
    };
    if parts.is_empty() {
        return Ok(assigned(object));
    }
    // Only read-only or unknown parts leave nothing to merge; an empty reference leaves no reference.
    let emptied = coerce::is_reference(attribute)
        && parts
            .iter()
            .any(|(key, value)| key.eq_ignore_ascii_case("value") && value == "");
    let says_something = coerce::object(attribute, &mut parts, change.place, tolerance)?;
    Ok(match says_something {
        true => assigned(merged(attribute, object, parts)),
        false if emptied => None,
        false => assigned(object),
    })
}

/// Takes the `null` parts out of the value; `replace` unassigns them, `add` adds nothing.
fn unassign(
    attribute: &Attribute,
    parts: Map<String, Value>,
    object: &mut Map<String, Value>,
    op: PatchOp,
) -> Map<String, Value> {
    let (nulls, parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(_, value)| value.is_null());
    for sub in nulls.iter().filter_map(|(key, _)| attribute.sub_attribute(key)) {
        if op == PatchOp::Replace {
            object.remove(&sub.name);
        }
        if op == PatchOp::Replace && coerce::is_reference(attribute) && sub.name == "value" {
            object.clear();
        }
    }
    parts.into_iter().collect()
}

/// Lays new parts over old ones. When a reference is turned to somebody else, the old address goes.
fn merged(
    attribute: &Attribute,
    mut object: Map<String, Value>,
    parts: Map<String, Value>,
) -> Map<String, Value> {
    if coerce::is_reference(attribute)
        && parts
            .get("value")
            .is_some_and(|new| object.get("value") != Some(new))
    {
        object.clear();
    }
    object.extend(parts);
    object
}
