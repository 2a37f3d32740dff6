//! Acceptance of POST and PUT bodies (RFC 7644 sections 3.3 and 3.5.1): what a client sends becomes a
//! stored [`Document`], or an error that names the attribute.

pub(crate) mod coerce;
pub(crate) mod immutable;
mod keys;
pub(crate) mod place;
mod schemas;
pub(crate) mod simple;
pub(crate) mod switch;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::leniency::{Habits, Leniency, Tolerance};
use crate::patch::Member;
use crate::patch::member;
use crate::path::AttrPath;
use crate::resource::Document;
use crate::schema::{Attribute, Mutability, ResourceType, Returned, Schema};
use coerce::Settled;
use keys::Odd;
use place::Place;

/// An accepted body.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What is kept: canonical names, assigned attributes only, nothing read-only, no password.
    pub document: Document,
    /// The members of a group, each once, in the order sent. After [`create`] `None` when the body does not
    /// mention them; after [`replace`] always the complete list. `None` for a person.
    pub members: Option<Vec<Member>>,
    /// Attributes that are returned on request only and that the body has: the answer shows them
    /// ([`Projection::with_requested`](crate::project::Projection::with_requested)).
    pub requested: Vec<AttrPath>,
}

/// Most members of a group in one request.
pub const MAX_MEMBERS: usize = 100_000;

/// Accepts the body of a POST.
///
/// Read-only attributes (`id`, `meta`, `groups`) are dropped as RFC 7644 section 3.3 asks. A `password` is
/// accepted and not kept: nobody signs in with it. A person is created active unless the body says
/// otherwise. By habit, keys may be paths as in a PATCH. Every habit that was met is counted in `used`.
///
/// # Errors
/// 400 `invalidSyntax` when the body is no object, or by `leniency` for undeclared schemas and unknown
/// attributes; 400 `invalidValue` for a wrong type, a missing or empty required attribute, or a second
/// `primary`, and for an unknown name that reads as if somebody was to be switched off.
pub fn create(rt: &ResourceType, body: Value, leniency: &Leniency, used: &mut Habits) -> Result<Accepted> {
    let mut accepted = read(rt, body, &mut Tolerance::new(leniency, used))?;
    if rt.core_attribute(ACTIVE).is_some() && !accepted.document.contains_key(ACTIVE) {
        accepted.document.insert(ACTIVE.to_owned(), Value::Bool(true));
    }
    Ok(accepted)
}

/// Accepts the body of a PUT over `current`.
///
/// What the body leaves out is cleared, with two exceptions (RFC 7644 section 3.5.1 leaves both to the
/// server): immutable attributes are kept, and so is `active`, even when it is `null`, because clearing it
/// would enable a disabled person in silence. What no answer shows (`returned` is `never` or `request`) is
/// kept too. A group without `members` becomes empty.
///
/// # Errors
/// Those of [`create`], and 400 `mutability` for another value of an immutable attribute.
pub fn replace(
    rt: &ResourceType,
    current: &Document,
    body: Value,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<Accepted> {
    let mut accepted = read(rt, body, &mut Tolerance::new(leniency, used))?;
    immutable::keep(rt, current, &mut accepted.document)?;
    if let Some(active) = current.get(ACTIVE)
        && !accepted.document.contains_key(ACTIVE)
    {
        accepted.document.insert(ACTIVE.to_owned(), active.clone());
    }
    if rt.core_attribute(MEMBERS).is_some() {
        accepted.members.get_or_insert_default();
    }
    Ok(accepted)
}

/// Checks a whole document: required attributes are there, and no list has two preferred elements.
///
/// # Errors
/// 400 `invalidValue` naming the attribute.
pub fn check(rt: &ResourceType, document: &Document) -> Result<()> {
    required(&rt.schema.attributes, None, document)?;
    for (extension, needed) in &rt.extensions {
        match document.get(&extension.id).and_then(Value::as_object) {
            Some(object) => {
                required(&extension.attributes, Some(&extension.id), object)?;
                required_parts(extension, object)?;
            }
            None if *needed => {
                return Err(Error::invalid_value(format!(
                    "the extension {} is required, and the body has none of its attributes",
                    extension.id
                )));
            }
            None => {}
        }
    }
    lists(None, document)
}

/// Checks the lists of a document, or of the extensions in it.
fn lists(urn: Option<&str>, object: &Document) -> Result<()> {
    for (name, value) in object {
        match value {
            Value::Array(list) => {
                coerce::bounded(list, Place::new(urn, name))?;
                coerce::one_primary(list, Place::new(urn, name))?;
            }
            Value::Object(inner) if urn.is_none() && name.contains(':') => lists(Some(name), inner)?,
            _ => {}
        }
    }
    Ok(())
}

/// The one attribute whose absence must never be taken for a decision.
const ACTIVE: &str = "active";
/// Kept in rows of their own, never in a document.
const MEMBERS: &str = "members";

fn required(attributes: &[Attribute], urn: Option<&str>, found: &Document) -> Result<()> {
    let missing = attributes
        .iter()
        .find(|attribute| attribute.required && !found.contains_key(&attribute.name));
    match missing {
        Some(attribute) => Err(Error::invalid_value(format!(
            "{} is required",
            Place::new(urn, &attribute.name)
        ))),
        None => Ok(()),
    }
}

/// The parts that each value of a complex attribute must have. No standard attribute has such parts.
fn required_parts(extension: &Schema, object: &Document) -> Result<()> {
    for attribute in &extension.attributes {
        let Some(value) = object.get(&attribute.name) else {
            continue;
        };
        let elements = match value {
            Value::Array(list) => list.as_slice(),
            single => std::slice::from_ref(single),
        };
        for sub in attribute.sub_attributes.iter().filter(|sub| sub.required) {
            if elements.iter().any(|element| element.get(&sub.name).is_none()) {
                let place = Place::new(Some(&extension.id), &attribute.name);
                return Err(Error::invalid_value(format!(
                    "{} is required",
                    place.sub(&sub.name)
                )));
            }
        }
    }
    Ok(())
}

fn read(rt: &ResourceType, body: Value, tolerance: &mut Tolerance<'_>) -> Result<Accepted> {
    let Value::Object(mut document) = body else {
        return Err(Error::invalid_syntax(format!(
            "the body must be a JSON object that describes a {}",
            rt.name
        )));
    };
    let mut apart = Apart::default();
    let mut settled = Settled::default();
    for (key, value) in &mut document {
        let kept = if let Some(attribute) = rt.core_attribute(key) {
            settled.named(key, &attribute.name);
            apart.core(attribute, value, tolerance)?
        } else if let Some(extension) = rt.extension(key) {
            settled.named(key, &extension.id);
            keys::take_dotted(extension, value, &mut apart.odd);
            coerce::extension(extension, value, tolerance)?
        } else {
            apart.odd.push(Odd {
                schema: None,
                key: key.clone(),
                value: value.take(),
            });
            false
        };
        settled.keep(kept, value);
    }
    settled.finish(&mut document)?;
    schemas::check(rt, &apart.schemas, &document, tolerance)?;
    keys::carry_out(rt, &mut document, &mut apart.members, apart.odd, tolerance)?;
    check(rt, &document)?;
    let on_request = rt.hidden().filter(|(urn, attribute)| {
        let object = document.get(*urn);
        attribute.returned == Returned::Request && object.is_some_and(|o| o.get(&attribute.name).is_some())
    });
    Ok(Accepted {
        requested: on_request
            .map(|(urn, attribute)| AttrPath {
                urn: Some(urn.to_owned()),
                ..AttrPath::core(&attribute.name)
            })
            .collect(),
        document,
        members: apart.members,
    })
}

/// What a body holds that is not part of the document.
#[derive(Default)]
struct Apart {
    schemas: Value,
    members: Option<Vec<Member>>,
    odd: Vec<Odd>,
}

impl Apart {
    /// Settles a core attribute; `false` when the document does not keep it.
    fn core(
        &mut self,
        attribute: &Attribute,
        value: &mut Value,
        tolerance: &mut Tolerance<'_>,
    ) -> Result<bool> {
        match (attribute.mutability, attribute.name.as_str()) {
            (Mutability::ReadOnly, _) => Ok(false),
            (_, "schemas") => {
                self.schemas = value.take();
                Ok(false)
            }
            (_, MEMBERS) => {
                self.members = Some(member::read(attribute, value.take(), tolerance)?);
                Ok(false)
            }
            (mutability, name) => {
                let kept = coerce::settle(attribute, value, Place::new(None, name), tolerance)?;
                Ok(kept && mutability != Mutability::WriteOnly)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
