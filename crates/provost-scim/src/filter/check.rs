//! Whether an operator and a literal fit an attribute (RFC 7644 section 3.4.2.2, table 3 and the prose).

use jiff::{Timestamp, civil, tz::Offset};

use super::{Literal, Op, Test};
use crate::error::{Error, Result};
use crate::leniency::{Habit, Tolerance};
use crate::schema::{Attribute, AttributeType, Returned};

/// Checks one question against the attribute that it names. `top` is the attribute, `sub` its
/// sub-attribute where one is named; `shown` is how the filter names it.
pub(super) fn fits(
    top: &Attribute,
    sub: Option<&Attribute>,
    test: &Test,
    shown: &str,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    let named = sub.unwrap_or(top);
    if top.returned == Returned::Never || named.returned == Returned::Never {
        return Err(Error::invalid_filter(format!(
            "{shown} cannot be filtered: it is never returned"
        )));
    }
    let Test::Compare(op, literal) = test else {
        return Ok(());
    };
    if *literal == Literal::Null {
        return null_fits(*op, shown);
    }
    match top.comparand(sub.map(|sub| sub.name.as_str())) {
        Some(attribute) => {
            compares(attribute, *op, literal, shown)?;
            by_habit(top, sub, attribute, literal, shown, tolerance)
        }
        None => Err(Error::invalid_filter(format!(
            "{shown} has several parts and no value of its own: name one of its parts, as in {shown}.{}",
            named
                .sub_attributes
                .first()
                .map_or("…", |first| first.name.as_str())
        ))),
    }
}

/// What is understood, but not by the RFC: a boolean as text, and a single complex attribute that stands for
/// its `value` (the RFC says so of lists only).
fn by_habit(
    top: &Attribute,
    sub: Option<&Attribute>,
    compared: &Attribute,
    literal: &Literal,
    shown: &str,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    let text = matches!(literal, Literal::String(_));
    if compared.kind == AttributeType::Boolean && text && !tolerance.of(Habit::BooleanText) {
        return Err(Error::invalid_filter(format!(
            "{shown} is a boolean: it is compared with true or false, without quotes"
        )));
    }
    let stands_for_value = sub.is_none() && top.kind == AttributeType::Complex && !top.multi_valued;
    if stands_for_value && !tolerance.of(Habit::BareReference) {
        return Err(Error::invalid_filter(format!(
            "{shown} has several parts: name one of them, as in {shown}.value"
        )));
    }
    Ok(())
}

fn null_fits(op: Op, shown: &str) -> Result<()> {
    match op {
        Op::Eq | Op::Ne => Ok(()),
        _ => Err(Error::invalid_filter(format!(
            "{shown} {op} null: only eq and ne go with null"
        ))),
    }
}

fn compares(attribute: &Attribute, op: Op, literal: &Literal, shown: &str) -> Result<()> {
    use AttributeType::{Binary, Boolean, Complex, DateTime, Decimal, Integer, Reference, String};
    let equality = matches!(op, Op::Eq | Op::Ne);
    let part = matches!(op, Op::Co | Op::Sw | Op::Ew);
    let (operator_fits, literal_fits, expected) = match attribute.kind {
        String | Reference | Complex => (
            true,
            matches!(literal, Literal::String(_)),
            "a text in double quotes",
        ),
        Binary => (
            equality,
            matches!(literal, Literal::String(_)),
            "base64 in double quotes",
        ),
        Boolean => (equality, boolean(literal).is_some(), "true or false"),
        Integer | Decimal => (!part, matches!(literal, Literal::Number(_)), "a number"),
        DateTime => (
            !part,
            date(literal).is_some(),
            "a date and time such as \"2026-01-05T09:00:00Z\"",
        ),
    };
    let kind = attribute.kind.as_str();
    if !operator_fits {
        return Err(Error::invalid_filter(format!(
            "{op} does not go with {shown}, which is a {kind}"
        )));
    }
    if !literal_fits {
        return Err(Error::invalid_filter(format!(
            "{shown} is a {kind}: it is compared with {expected}"
        )));
    }
    Ok(())
}

/// The truth value of a literal. Texts count, in any letter case: Entra writes `primary eq "True"`.
pub(super) fn boolean(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Literal::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn date(literal: &Literal) -> Option<Timestamp> {
    match literal {
        Literal::String(text) => instant(text),
        _ => None,
    }
}

/// The instant that an `xsd:dateTime` means: date and time, with an offset or, without one, in UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Timestamp> {
    // The parsers below also take a bare date, and RFC 9557's bracketed time zone; a dateTime has neither.
    if text.contains('[') || !text.contains(['T', 't']) {
        return None;
    }
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| {
        Offset::UTC
            .to_timestamp(text.parse::<civil::DateTime>().ok()?)
            .ok()
    })
}
