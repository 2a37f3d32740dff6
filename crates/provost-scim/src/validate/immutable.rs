//! Attributes that are set once (RFC 7643 section 2.2): a value that is there stays as it is.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::resource::Document;
use crate::schema::{Attribute, Mutability, ResourceType, Returned};
use crate::validate::place::Place;

fn is_immutable(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::Immutable
}

/// Whether the attribute or a part of it is set once.
pub(crate) fn is_within(attribute: &Attribute) -> bool {
    is_immutable(attribute) || attribute.sub_attributes.iter().any(is_immutable)
}

/// Compares an attribute before and after a change. Elements of a list may come and go, and so may a single
/// value with parts; what stays, by its place in the list, keeps its immutable parts.
///
/// # Errors
/// 400 `mutability` for another value, and for none.
pub(crate) fn kept(
    attribute: &Attribute,
    before: Option<&Value>,
    after: Option<&Value>,
    place: Place<'_>,
) -> Result<()> {
    match (before, after) {
        (None, _) => Ok(()),
        (Some(before), after) if is_immutable(attribute) && after != Some(before) => Err(refused(place)),
        (Some(Value::Array(before)), Some(Value::Array(after))) if before.len() == after.len() => before
            .iter()
            .zip(after)
            .try_for_each(|(before, after)| parts_kept(attribute, before, after, place)),
        (Some(Value::Array(_)), _) | (_, None) => Ok(()),
        (Some(before), Some(after)) => parts_kept(attribute, before, after, place),
    }
}

fn parts_kept(attribute: &Attribute, before: &Value, after: &Value, place: Place<'_>) -> Result<()> {
    let changed = attribute
        .sub_attributes
        .iter()
        .filter(|sub| is_immutable(sub))
        .find(|sub| {
            let had = before.get(&sub.name);
            had.is_some() && after.get(&sub.name) != had
        });
    changed.map_or(Ok(()), |sub| Err(refused(place.sub(&sub.name))))
}

fn refused(place: Place<'_>) -> Error {
    Error::mutability(format!(
        "{place} is immutable: it has a value and cannot be given another"
    ))
}

/// After a PUT: what is set once is kept when the body leaves it out, and so is what no answer shows, since
/// a client that sends back what it read could not know of it.
///
/// # Errors
/// 400 `mutability` for another value of an immutable attribute.
pub(super) fn keep(rt: &ResourceType, current: &Document, document: &mut Document) -> Result<()> {
    keep_among(&rt.schema.attributes, None, current, document)?;
    for (schema, _) in &rt.extensions {
        let Some(Value::Object(current)) = current.get(&schema.id) else {
            continue;
        };
        let mut object = match document.remove(&schema.id) {
            Some(Value::Object(object)) => object,
            _ => Document::new(),
        };
        keep_among(&schema.attributes, Some(&schema.id), current, &mut object)?;
        if !object.is_empty() {
            document.insert(schema.id.clone(), Value::Object(object));
        }
    }
    Ok(())
}

fn keep_among(
    attributes: &[Attribute],
    urn: Option<&str>,
    current: &Document,
    document: &mut Document,
) -> Result<()> {
    for attribute in attributes {
        let name = &attribute.name;
        let unseen = matches!(attribute.returned, Returned::Never | Returned::Request);
        if !unseen && !is_within(attribute) {
            continue;
        }
        let (Some(had), place) = (current.get(name), Place::new(urn, name)) else {
            continue;
        };
        match document.get_mut(name) {
            None if unseen || is_immutable(attribute) => {
                document.insert(name.clone(), had.clone());
            }
            Some(sent) if !had.is_array() => {
                keep_parts(attribute, had, sent);
                kept(attribute, Some(had), Some(sent), place)?;
            }
            Some(sent) if is_immutable(attribute) => kept(attribute, Some(had), Some(sent), place)?,
            _ => {}
        }
    }
    Ok(())
}

/// The parts of a single complex value that are set once, where the body leaves them out.
fn keep_parts(attribute: &Attribute, had: &Value, sent: &mut Value) {
    let Some(sent) = sent.as_object_mut() else { return };
    for sub in attribute.sub_attributes.iter().filter(|sub| is_immutable(sub)) {
        if let Some(kept) = had.get(&sub.name)
            && !sent.contains_key(&sub.name)
        {
            sent.insert(sub.name.clone(), kept.clone());
        }
    }
}
