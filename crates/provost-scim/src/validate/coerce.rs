//! One value against its attribute: the type, the vendor habits that are tolerated, the canonical shape.
//!
//! Every write goes through here, whether it comes by POST, PUT or PATCH, so that a stored document has one
//! shape only. A value is settled where it stands: nothing is copied, and a body that is right already is
//! only looked at.

use std::mem;

use serde_json::{Map, Value};

use super::simple::{self, empty, expected, wrong};
use crate::error::{Error, Result};
use crate::leniency::{Habit, Tolerance};
use crate::patch::key;
use crate::schema::{Attribute, AttributeType, Mutability, Schema};
use crate::validate::place::Place;

/// Most elements of one list in a document. With the limit on PATCH operations it bounds the time of a
/// request; no directory comes near it.
pub(crate) const MAX_ELEMENTS: usize = 1000;

/// The value in its canonical shape; `None` when it says that there is no value (`null`, `[]`, `{}`).
///
/// # Errors
/// As [`settle`].
pub(crate) fn value(
    attribute: &Attribute,
    mut value: Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<Value>> {
    Ok(settle(attribute, &mut value, place, tolerance)?.then_some(value))
}

/// Brings a value into its canonical shape. `false` when it says that there is no value.
///
/// # Errors
/// 400 `invalidValue` for a wrong type, an empty required value or a second `primary`; 400 `invalidSyntax`
/// for an unknown sub-attribute where those are not tolerated.
pub(super) fn settle(
    attribute: &Attribute,
    value: &mut Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    match value {
        Value::Null => Ok(false),
        Value::Array(list) if attribute.multi_valued => elements(attribute, list, place, tolerance),
        _ if attribute.multi_valued => {
            if !tolerance.of(Habit::SingleElement) {
                return Err(wrong(place, "a list", value));
            }
            let mut list = vec![value.take()];
            let kept = elements(attribute, &mut list, place, tolerance)?;
            *value = Value::Array(list);
            Ok(kept)
        }
        Value::Array(list) => match only(attribute, mem::take(list), place, tolerance)? {
            Some(found) => {
                *value = found;
                single(attribute, value, place, tolerance)
            }
            None => Ok(false),
        },
        _ => single(attribute, value, place, tolerance),
    }
}

/// The elements of a multi-valued attribute. Those without content are taken out; `false` when none stays.
pub(crate) fn elements(
    attribute: &Attribute,
    list: &mut Vec<Value>,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    let mut hollow = false;
    for (index, element) in list.iter_mut().enumerate() {
        if !single(attribute, element, place.element(index), tolerance)? {
            *element = Value::Null;
            hollow = true;
        }
    }
    if hollow {
        list.retain(|element| !element.is_null());
    }
    one_primary(list, place)?;
    Ok(!list.is_empty())
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

/// Refuses a list over [`MAX_ELEMENTS`].
pub(crate) fn bounded(list: &[Value], place: Place<'_>) -> Result<()> {
    at_most(MAX_ELEMENTS, list, place)
}

/// Refuses a list over a limit.
pub(crate) fn at_most(limit: usize, list: &[Value], place: Place<'_>) -> Result<()> {
    if list.len() > limit {
        return Err(Error::invalid_value(format!(
            "{place}: more than {limit} elements"
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
    // No boolean is "no value": what seems to decide something and does not is refused.
    let decides = attribute.kind != AttributeType::Boolean || !list.is_empty();
    if list.len() > 1 || !decides || !tolerance.of(Habit::ListOfOne) {
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
    value: &mut Value,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    if value.is_null() {
        return Ok(false);
    }
    if attribute.kind != AttributeType::Complex {
        return simple::settle(attribute, value, place, tolerance);
    }
    if let Value::String(text) = value
        && attribute.sub_attribute("value").is_some()
    {
        if text.is_empty() && is_reference(attribute) && tolerance.of(Habit::EmptyReference) {
            return Ok(false);
        }
        let habit = if attribute.multi_valued {
            Habit::BareElement
        } else {
            Habit::BareReference
        };
        if tolerance.of(habit) {
            let text = mem::take(text);
            *value = Value::Object(Map::from_iter([("value".to_owned(), Value::String(text))]));
        }
    }
    match value {
        Value::Object(map) => object(attribute, map, place, tolerance),
        other => Err(wrong(place, expected(AttributeType::Complex), other)),
    }
}

/// Whether a complex attribute points at one other resource, as `manager` does.
pub(crate) fn is_reference(attribute: &Attribute) -> bool {
    !attribute.multi_valued
        && attribute.sub_attribute("value").is_some()
        && attribute.sub_attribute("$ref").is_some()
}

/// The sub-attributes of a complex value, read-only ones taken out. `false` when nothing is left, or the
/// value is a reference to nobody.
pub(crate) fn object(
    attribute: &Attribute,
    map: &mut Map<String, Value>,
    place: Place<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<bool> {
    fields(Parts::Of(attribute, place), map, tolerance)?;
    if map.get("value").is_some_and(|value| value == "") && is_reference(attribute) {
        return if tolerance.of(Habit::EmptyReference) {
            Ok(false)
        } else {
            Err(empty(place.sub("value")))
        };
    }
    Ok(!map.is_empty())
}

/// The object of an extension. `false` when it is `null` or nothing is left of it.
pub(super) fn extension(schema: &Schema, value: &mut Value, tolerance: &mut Tolerance<'_>) -> Result<bool> {
    match value {
        Value::Null => Ok(false),
        Value::Object(map) => {
            fields(Parts::OfExtension(schema), map, tolerance)?;
            Ok(!map.is_empty())
        }
        other => Err(wrong(Place::new(None, &schema.id), "an object", other)),
    }
}

/// What the keys of an object are names of.
#[derive(Clone, Copy)]
enum Parts<'a> {
    Of(&'a Attribute, Place<'a>),
    OfExtension(&'a Schema),
}

impl<'a> Parts<'a> {
    fn find(self, name: &str) -> Option<&'a Attribute> {
        match self {
            Self::Of(attribute, _) => attribute.sub_attribute(name),
            Self::OfExtension(schema) => schema.attribute(name),
        }
    }

    /// A name that nobody knows. In an extension's object it might have been meant for the person.
    fn unknown(self, name: &str, value: &Value, tolerance: &mut Tolerance<'_>) -> Result<bool> {
        match self {
            Self::Of(..) => unknown(self.place(name), tolerance),
            Self::OfExtension(_) => key::unknown(self.place(name), name, value, tolerance).map(|()| false),
        }
    }

    fn place<'b>(self, name: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        match self {
            Self::Of(_, place) => place.sub(name),
            Self::OfExtension(schema) => Place::new(Some(&schema.id), name),
        }
    }
}

fn fields(parts: Parts<'_>, map: &mut Map<String, Value>, tolerance: &mut Tolerance<'_>) -> Result<()> {
    let mut settled = Settled::default();
    for (key, value) in map.iter_mut() {
        let kept = match parts.find(key) {
            Some(found) if found.mutability != Mutability::ReadOnly => {
                settled.named(key, &found.name);
                settle(found, value, parts.place(&found.name), tolerance)?
            }
            Some(_) => false,
            None => parts.unknown(key, value, tolerance)?,
        };
        settled.keep(kept, value);
    }
    settled.finish(map)
}

/// What is left to do when the values of an object are settled: dropping and renaming keys. Bodies that are
/// right need neither.
#[derive(Default)]
pub(super) struct Settled {
    dropped: bool,
    renamed: Vec<(String, String)>,
}

impl Settled {
    /// Notes a key that is not in its canonical letter case.
    pub(super) fn named(&mut self, key: &str, canonical: &str) {
        if key != canonical {
            self.renamed.push((key.to_owned(), canonical.to_owned()));
        }
    }

    /// Marks a value that is not kept.
    pub(super) fn keep(&mut self, kept: bool, value: &mut Value) {
        if !kept {
            *value = Value::Null;
            self.dropped = true;
        }
    }

    /// Drops and renames.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when two keys are the same name.
    pub(super) fn finish(self, map: &mut Map<String, Value>) -> Result<()> {
        if self.dropped {
            map.retain(|_, value| !value.is_null());
        }
        for (key, canonical) in self.renamed {
            let Some(value) = map.remove(&key) else { continue };
            if map.insert(canonical, value).is_some() {
                return Err(Error::invalid_syntax(format!(
                    "{} is given twice: names that differ only by letter case are the same",
                    Place::new(None, &key)
                )));
            }
        }
        Ok(())
    }
}

/// An attribute that the schema does not have: not kept, or refused in strict mode.
pub(crate) fn unknown(place: Place<'_>, tolerance: &mut Tolerance<'_>) -> Result<bool> {
    if tolerance.of(Habit::UnknownAttribute) {
        return Ok(false);
    }
    Err(Error::invalid_syntax(format!(
        "{place} is not an attribute of this resource's schemas"
    )))
}
