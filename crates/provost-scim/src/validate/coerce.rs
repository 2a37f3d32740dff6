//! One value against its attribute: the type, the vendor habits that are tolerated, the canonical shape.
//!
//! Every write goes through here, whether it comes by POST, PUT or PATCH, so that a stored document has one
//! shape only. Values are moved, not copied. A sentence about a wrong value names the place and the type,
//! never the value: it may be a password.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::filter;
use crate::leniency::{Habit, Tolerance};
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::validate::place::Place;

/// The value in its canonical shape; `None` when it says that there is no value (`null`, `[]`, `{}`).
///
/// # Errors
/// 400 `invalidValue` for a wrong type, an empty required value or a second `primary`; 400 `invalidSyntax`
/// for an unknown sub-attribute where those are not tolerated.
pub(crate) fn value(
    attribute: &Attribute,
    value: Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    match value {
        Value::Null => Ok(None),
        Value::Array(list) if attribute.multi_valued => elements(attribute, list, place, tolerance),
        other if attribute.multi_valued => {
            if !tolerance.of(Habit::SingleElement) {
                return Err(wrong(place, "a list", &other));
            }
            elements(attribute, vec![other], place, tolerance)
        }
        Value::Array(list) => match only(attribute, list, place, tolerance)? {
            Some(found) => single(attribute, found, place, tolerance),
            None => Ok(None),
        },
        other => single(attribute, other, place, tolerance),
    }
}

/// The elements of a multi-valued attribute. Those without content are left out.
pub(crate) fn elements(
    attribute: &Attribute,
    mut list: Vec<Value>,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    for (index, slot) in list.iter_mut().enumerate() {
        let found = single(attribute, slot.take(), place.element(index), tolerance)?;
        *slot = found.unwrap_or(Value::Null);
    }
    list.retain(|element| !element.is_null());
    one_primary(&list, place)?;
    Ok(if list.is_empty() {
        None
    } else {
        Some(Value::Array(list))
    })
}

/// Refuses a list with two preferred elements (RFC 7643 section 2.4).
pub(crate) fn one_primary(list: &[Value], place: Place<'_>) -> Result<()> {
    let primary = list.iter().filter(|element| is_primary(element)).count();
    if primary > 1 {
        return Err(Error::invalid_value(format!(
            "{place}: {primary} elements are primary, at most one may be"
        )));
    }
    Ok(())
}

/// Most elements of one list in a document. With the limit on PATCH operations it bounds the time of a
/// request; no directory comes near it.
pub(crate) const MAX_ELEMENTS: usize = 1000;

/// Refuses a list over [`MAX_ELEMENTS`].
pub(crate) fn bounded(list: &[Value], place: Place<'_>) -> Result<()> {
    if list.len() > MAX_ELEMENTS {
        return Err(Error::invalid_value(format!(
            "{place}: more than {MAX_ELEMENTS} elements"
        )));
    }
    Ok(())
}

/// Whether an element is the preferred one.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// What a list stands for where the attribute is single: its only element.
pub(crate) fn only(
    attribute: &Attribute,
    mut list: Vec<Value>,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    if list.len() > 1 || !tolerance.of(Habit::ListOfOne) {
        return Err(Error::invalid_value(format!(
            "{place}: expected {}, found a list of {}",
            expected(attribute.kind),
            list.len()
        )));
    }
    Ok(match list.pop() {
        Some(Value::Object(map)) if attribute.kind != AttributeType::Complex => map
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("value"))
            .map(|(_, value)| value),
        other => other,
    })
}

/// One value, or one element of a list.
fn single(
    attribute: &Attribute,
    value: Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (AttributeType::Complex, value) => complex(attribute, value, place, tolerance),
        (AttributeType::Boolean, value) => boolean(value, place, tolerance).map(Some),
        (AttributeType::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(Some(Value::Number(number)))
        }
        (AttributeType::Decimal, Value::Number(number)) => Ok(Some(Value::Number(number))),
        (AttributeType::Integer | AttributeType::Decimal, other) => {
            Err(wrong(place, expected(attribute.kind), &other))
        }
        (_, Value::String(text)) => text_value(attribute, text, place, tolerance),
        (kind, other) => Err(wrong(place, expected(kind), &other)),
    }
}

fn boolean(value: Value, place: Place<'_>, tolerance: &mut Tolerance<'_>) -> Result<Value> {
    let read = match &value {
        Value::Bool(_) => return Ok(value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    match read {
        Some(read) if tolerance.of(Habit::BooleanText) => Ok(Value::Bool(read)),
        _ => Err(wrong(place, expected(AttributeType::Boolean), &value)),
    }
}

/// String, reference, binary and dateTime: kept exactly as sent.
fn text_value(
    attribute: &Attribute,
    text: String,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    let right = match attribute.kind {
        AttributeType::Binary => is_base64(&text),
        AttributeType::DateTime => filter::instant(&text).is_some(),
        AttributeType::Reference if text.is_empty() => {
            return if tolerance.of(Habit::EmptyReference) {
                Ok(None)
            } else {
                Err(empty(place))
            };
        }
        _ => true,
    };
    if !right {
        return Err(Error::invalid_value(format!(
            "{place}: expected {}",
            expected(attribute.kind)
        )));
    }
    if attribute.required && text.trim().is_empty() {
        return Err(empty(place));
    }
    Ok(Some(Value::String(text)))
}

/// Base64 in either alphabet, padded or not (RFC 7643 section 2.3.6).
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && body.len() % 4 != 1
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'))
}

fn complex(
    attribute: &Attribute,
    value: Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    match value {
        Value::Object(map) => object(attribute, map, place, tolerance),
        Value::String(text) if attribute.sub_attribute("value").is_some() => {
            bare(attribute, text, place, tolerance)
        }
        other => Err(wrong(place, expected(AttributeType::Complex), &other)),
    }
}

/// A complex value given as its `value` alone.
fn bare(
    attribute: &Attribute,
    text: String,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    if text.is_empty() && is_reference(attribute) && tolerance.of(Habit::EmptyReference) {
        return Ok(None);
    }
    let habit = if attribute.multi_valued {
        Habit::BareElement
    } else {
        Habit::BareReference
    };
    if !tolerance.of(habit) {
        return Err(wrong(
            place,
            expected(AttributeType::Complex),
            &Value::String(text),
        ));
    }
    let mut map = Map::new();
    map.insert("value".to_owned(), Value::String(text));
    object(attribute, map, place, tolerance)
}

/// Whether a complex attribute points at one other resource, as `manager` does.
pub(crate) fn is_reference(attribute: &Attribute) -> bool {
    !attribute.multi_valued
        && attribute.sub_attribute("value").is_some()
        && attribute.sub_attribute("$ref").is_some()
}

/// The sub-attributes of a complex value, read-only ones left out.
pub(crate) fn object(
    attribute: &Attribute,
    map: Map<String, Value>,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    let mut out = Map::new();
    for (key, found) in map {
        let Some(sub) = attribute.sub_attribute(&key) else {
            unknown(place.sub(&key), tolerance)?;
            continue;
        };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        if let Some(found) = value(sub, found, place.sub(&sub.name), tolerance)? {
            insert(&mut out, key, &sub.name, found, place.sub(&sub.name))?;
        }
    }
    if is_reference(attribute) && out.get("value").is_some_and(|value| value == "") {
        return if tolerance.of(Habit::EmptyReference) {
            Ok(None)
        } else {
            Err(empty(place.sub("value")))
        };
    }
    Ok(if out.is_empty() {
        None
    } else {
        Some(Value::Object(out))
    })
}

/// Puts a value under its canonical name, reusing the key that was sent when it is the same.
pub(crate) fn insert(
    out: &mut Map<String, Value>,
    key: String,
    canonical: &str,
    value: Value,
    place: Place<'_>,
) -> Result<()> {
    let key = if key == canonical {
        key
    } else {
        canonical.to_owned()
    };
    match out.insert(key, value) {
        None => Ok(()),
        Some(_) => Err(Error::invalid_syntax(format!(
            "{place} is given twice: names that differ only by letter case are the same"
        ))),
    }
}

/// An attribute that the schema does not have: ignored, or refused in strict mode.
pub(crate) fn unknown(place: Place<'_>, tolerance: &mut Tolerance<'_>) -> Result<()> {
    if tolerance.of(Habit::UnknownAttribute) {
        return Ok(());
    }
    Err(Error::invalid_syntax(format!(
        "{place} is not an attribute of this resource's schemas"
    )))
}

/// 400 `invalidValue` that names the place, the type that belongs there, and the type that was found.
pub(crate) fn wrong(place: Place<'_>, expected: &str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Error::invalid_value(format!("{place}: expected {expected}, found {found}"))
}

fn empty(place: Place<'_>) -> Error {
    Error::invalid_value(format!("{place} must not be empty"))
}

const fn expected(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "text",
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "a whole number",
        AttributeType::DateTime => "a date and time such as 2026-01-05T09:00:00Z",
        AttributeType::Binary => "base64 text",
        AttributeType::Reference => "an address as text",
        AttributeType::Complex => "an object",
    }
}
