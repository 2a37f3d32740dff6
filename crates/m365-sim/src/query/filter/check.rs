//! What Graph lets a filter do, and which filters need an advanced query
//! (Graph documentation, "Advanced query capabilities on Microsoft Entra ID objects").

use super::{Filter, Literal, Op, TextTest};
use crate::directory::Kind;
use crate::error::{Error, Result};
use crate::schema::{self, Shape};

/// The only properties that `endsWith` works on.
const ENDS_WITH: [&str; 4] = ["mail", "otherMails", "proxyAddresses", "userPrincipalName"];

/// Checks every property a filter names. Answers whether the filter needs an advanced query.
///
/// # Errors
/// 400 for unknown properties and for properties or functions that cannot be filtered by.
pub(crate) fn check(filter: &Filter, kinds: &[Kind]) -> Result<bool> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => Ok(check(left, kinds)? | check(right, kinds)?),
        Filter::Not(inner) => check(inner, kinds).map(|_| true),
        Filter::Compare { path, op, value } => {
            comparable(path, value, kinds)?;
            Ok(matches!(op, Op::Ne | Op::Gt | Op::Lt))
        }
        Filter::Text { path, test, value } => {
            comparable(path, &Literal::Text(value.clone()), kinds)?;
            text_test(path, *test)
        }
        Filter::In { path, values } => values
            .iter()
            .try_for_each(|value| comparable(path, value, kinds))
            .map(|()| false),
        Filter::Flag(path) => comparable(path, &Literal::Flag(true), kinds).map(|()| false),
        Filter::Any { path, variable, test } => {
            collection(path, kinds)?;
            test.as_ref()
                .map_or(Ok(false), |test| element(path, variable, test))
        }
        Filter::Count { path, .. } => collection(path, kinds).map(|()| true),
    }
}

fn text_test(path: &str, test: TextTest) -> Result<bool> {
    match test {
        TextTest::Starts => Ok(false),
        TextTest::Ends if ENDS_WITH.contains(&path) => Ok(true),
        TextTest::Ends => Err(Error::unsupported_query(format!(
            "endsWith is not supported for property '{path}'."
        ))),
        TextTest::Contains => Err(Error::unsupported_query(
            "The function 'contains' is not supported.",
        )),
    }
}

/// The test within `any`: about the variable or its parts, nothing else.
fn element(path: &str, variable: &str, test: &Filter) -> Result<bool> {
    let about = |inner: &str| {
        let fits = inner
            .strip_prefix(variable)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if fits {
            Ok(())
        } else {
            Err(Error::malformed(format!(
                "Invalid filter clause: '{inner}' is not about '{variable}'."
            )))
        }
    };
    match test {
        Filter::And(left, right) | Filter::Or(left, right) => {
            Ok(element(path, variable, left)? | element(path, variable, right)?)
        }
        Filter::Not(inner) => element(path, variable, inner).map(|_| true),
        Filter::Compare { path: inner, op, .. } => {
            about(inner)?;
            Ok(matches!(op, Op::Ne | Op::Gt | Op::Lt))
        }
        Filter::Text {
            path: inner, test, ..
        } => {
            about(inner)?;
            text_test(path, *test)
        }
        Filter::In { path: inner, .. } | Filter::Flag(inner) => about(inner).map(|()| false),
        Filter::Any { .. } | Filter::Count { .. } => Err(Error::unsupported_query(
            "Nested collection filters are not supported.",
        )),
    }
}

/// The property exists, can be filtered by, and has values of this type.
fn comparable(path: &str, value: &Literal, kinds: &[Kind]) -> Result<()> {
    known(path, kinds)?;
    let shape = find(path.split('/').next().unwrap_or(path), kinds)?.map(|property| property.shape);
    let fits = match (shape, value) {
        (None, _) | (_, Literal::Null) => true,
        (Some(Shape::Flag), value) => matches!(value, Literal::Flag(_)),
        (Some(Shape::Number), value) => matches!(value, Literal::Number(_)),
        (Some(_), value) => matches!(value, Literal::Text(_)),
    };
    if fits {
        return Ok(());
    }
    Err(Error::malformed(format!(
        "Invalid filter clause: the value compared with property '{path}' has another type."
    )))
}

fn known(path: &str, kinds: &[Kind]) -> Result<()> {
    let (name, part) = path
        .split_once('/')
        .map_or((path, None), |(name, part)| (name, Some(part)));
    let found = find(name, kinds)?;
    let Some(property) = found else { return Ok(()) };
    let fits = match (property.shape, part) {
        (Shape::Record(parts), Some(part)) => parts.contains(&part),
        (_, Some(_)) => return Err(missing(path, kinds)),
        (_, None) => property.filters && !property.is_collection(),
    };
    if fits {
        Ok(())
    } else {
        Err(Error::unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{path}'."
        )))
    }
}

fn collection(path: &str, kinds: &[Kind]) -> Result<()> {
    match find(path, kinds)? {
        Some(property) if property.is_collection() && property.filters => Ok(()),
        _ => Err(Error::unsupported_query(format!(
            "Property '{path}' cannot be filtered as a collection."
        ))),
    }
}

/// `None` for a directory extension, which has no fixed schema.
fn find(name: &str, kinds: &[Kind]) -> Result<Option<&'static schema::Property>> {
    if name.starts_with("extension_") {
        return Ok(None);
    }
    // Names in filters must be written exactly.
    let found = kinds
        .iter()
        .find_map(|kind| schema::property(*kind, name))
        .filter(|property| property.name == name);
    found.map(Some).ok_or_else(|| missing(name, kinds))
}

fn missing(path: &str, kinds: &[Kind]) -> Error {
    let type_name = kinds.first().map_or("directoryObject", |kind| kind.type_name());
    Error::malformed(format!(
        "Invalid filter clause: Could not find a property named '{path}' on type 'microsoft.graph.{type_name}'."
    ))
}
