//! Comparisons. Texts that are numbers compare as numbers; no value compares as empty text.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::value::NotOne;
use super::{Comparison, Value};

/// Compares two single values.
pub(super) fn compare(how: Comparison, left: Value, right: Value) -> Result<bool, NotOne> {
    let order = match (&left, &right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Bool(left), _) if right.as_bool().is_some() => right.as_bool().map(|r| left.cmp(&r)),
        (_, Value::Bool(right)) if left.as_bool().is_some() => left.as_bool().map(|l| l.cmp(right)),
        _ => None,
    };
    let order = match order {
        Some(order) => order,
        None => texts(&text(left)?, &text(right)?),
    };
    Ok(match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::Differs => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    })
}

fn text(value: Value<'_>) -> Result<Cow<'_, str>, NotOne> {
    Ok(value.into_text()?.unwrap_or_default())
}

fn texts(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
        return left.cmp(&right);
    }
    let fractional = looks_fractional(left) || looks_fractional(right);
    if fractional && let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.total_cmp(&right);
    }
    left.cmp(right)
}

/// Digits with a dot: keeps `inf`, `NaN` and `1e5`, which Rust would read as numbers, texts.
fn looks_fractional(text: &str) -> bool {
    text.contains('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
