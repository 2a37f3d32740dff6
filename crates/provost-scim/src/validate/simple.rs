//! Values without parts: booleans, numbers and the kinds of text (RFC 7643 section 2.3).

use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter;
use crate::leniency::{Habit, Tolerance};
use crate::schema::{Attribute, AttributeType};
use crate::validate::place::Place;

/// Checks one value, which is not `null`, against a simple attribute. `false` when it says that there is no
/// value. Text is kept exactly as it was sent.
pub(super) fn settle(
    attribute: &Attribute,
    value: &mut Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    let kind = attribute.kind;
    let right = match (kind, &*value) {
        (AttributeType::Boolean, _) => return boolean(value, place, tolerance),
        (AttributeType::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (AttributeType::Decimal, Value::Number(_)) => true,
        (AttributeType::Integer | AttributeType::Decimal, _) => false,
        (_, Value::String(text)) => return settle_text(attribute, text, place, tolerance),
        _ => false,
    };
    if right {
        Ok(true)
    } else {
        Err(wrong(place, expected(kind), value))
    }
}

fn boolean(value: &mut Value, place: Place<'_>, tolerance: &mut Tolerance<'_>) -> Result<bool> {
    let read = match &*value {
        Value::Bool(_) => return Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    match read {
        Some(read) if tolerance.of(Habit::BooleanText) => {
            *value = Value::Bool(read);
            Ok(true)
        }
        _ => Err(wrong(place, expected(AttributeType::Boolean), value)),
    }
}

fn settle_text(
    attribute: &Attribute,
    text: &str,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    let right = match attribute.kind {
        AttributeType::Binary => is_base64(text),
        AttributeType::DateTime => filter::instant(text).is_some(),
        AttributeType::Reference if text.is_empty() => {
            return if tolerance.of(Habit::EmptyReference) {
                Ok(false)
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
    Ok(true)
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

/// 400 `invalidValue` that names the place, the type that belongs there, and the type that was found. It
/// never shows the value, which may be a password.
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

/// 400 `invalidValue` for a value that must say something.
pub(crate) fn empty(place: Place<'_>) -> Error {
    Error::invalid_value(format!("{place} must not be empty"))
}

/// What belongs there, in words.
pub(super) const fn expected(kind: AttributeType) -> &'static str {
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
