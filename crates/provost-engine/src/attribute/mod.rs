//! Attribute paths, prepared once so that reading an attribute of a document parses nothing.
//!
//! Understood: `userName`, `name.givenName`, `emails[type eq "work"].value`, `emails.value` (every
//! value), extension attributes by their full URN, the computed `id`, `objectId` and `IsSoftDeleted`, and
//! the names of Entra's attributes ([`crate::import::alias`]), so that an expression from Entra's portal
//! means here what it meant there. Names compare without regard to letter case (RFC 7643 section 2.1).

mod alias;
mod parse;
mod select;

pub use alias::alias;

use serde_json::Value as Json;

use crate::expr::{Context, Value};
use crate::import::alias::{Place, to_directory};
use crate::object::Kind;
use select::Select;

/// A prepared attribute path.
#[derive(Debug, Clone)]
pub struct Lookup {
    root: Root,
    /// The path as its author wrote it.
    text: Box<str>,
    /// Where to look when the document has no attribute of the name that the author used.
    other: Option<Other>,
}

/// The place of an attribute that no schema knows by the name that was used.
#[derive(Debug, Clone)]
struct Other {
    path: Box<str>,
    segments: Box<[Segment]>,
    /// The name is Entra's for an attribute that SCIM has too.
    is_known: bool,
}

#[derive(Debug, Clone)]
enum Root {
    /// The directory id.
    Id,
    /// Out of scope or inactive: what feeds the target's enabled flag.
    SoftDeleted,
    /// A way through the document.
    Path(Box<[Segment]>),
}

/// One step into an object, and which elements of the list that stands there.
#[derive(Debug, Clone)]
struct Segment {
    name: Box<str>,
    /// The name is in its canonical case, as documents keep it: no need to look for other cases.
    canonical: bool,
    select: Option<Select>,
}

impl Lookup {
    /// Prepares a path.
    ///
    /// # Errors
    /// A sentence about what is wrong with the path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let mut other = None;
        let root = match text.to_ascii_lowercase().as_str() {
            "" => return Err("the attribute has no name".to_owned()),
            "id" | "objectid" => Root::Id,
            "issoftdeleted" => Root::SoftDeleted,
            _ => {
                let path = parse::path(text)?;
                if path.first().is_some_and(Segment::is_foreign) {
                    other = Other::of(text)?;
                }
                Root::Path(path.into_boxed_slice())
            }
        };
        Ok(Self {
            root,
            text: text.into(),
            other,
        })
    }

    /// The path as its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the author should know about the name that was used; message and hint.
    pub fn note(&self) -> Option<(String, String)> {
        let other = self.other.as_ref()?;
        let (text, path) = (&self.text, &other.path);
        Some(if other.is_known {
            (
                format!("[{text}] was read as [{path}]"),
                "that is where the directory keeps it".to_owned(),
            )
        } else {
            (
                format!("no schema of the directory has [{text}]; [{path}] is looked for too"),
                "check the name, or define the extension attribute".to_owned(),
            )
        })
    }

    /// The attribute's value; several values of a multi-valued attribute become a list.
    pub(crate) fn find<'a>(&self, context: &Context<'a>) -> Value<'a> {
        match &self.root {
            Root::Id => Value::from(context.source.id),
            Root::SoftDeleted => Value::Bool(context.soft_deleted),
            Root::Path(segments) => {
                let value = walk(segments, context.source.document);
                match &self.other {
                    Some(other) if value.is_null() => walk(&other.segments, context.source.document),
                    _ => value,
                }
            }
        }
    }

    /// Whether the value depends on the scope, which therefore cannot depend on it.
    pub(crate) fn is_soft_deleted(&self) -> bool {
        matches!(self.root, Root::SoftDeleted)
    }
}

fn walk<'a>(segments: &[Segment], mut at: &'a Json) -> Value<'a> {
    for (index, segment) in segments.iter().enumerate() {
        if let Json::Array(items) = at {
            return gather(items.iter(), &segments[index..]);
        }
        let Some(next) = segment.step(at) else {
            return Value::Null;
        };
        at = next;
        if let Some(select) = &segment.select {
            let rest = &segments[index + 1..];
            return match at {
                Json::Array(items) => gather(items.iter().filter(|i| select.matches(i)), rest),
                one => gather(std::iter::once(one).filter(|i| select.matches(i)), rest),
            };
        }
    }
    Value::from(at)
}

/// The values of several elements: none is null, one is itself, more are a list.
fn gather<'a>(elements: impl Iterator<Item = &'a Json>, rest: &[Segment]) -> Value<'a> {
    let mut first = Value::Null;
    let mut all = Vec::new();
    for element in elements {
        let value = walk(rest, element);
        if value.is_null() {
            continue;
        }
        if first.is_null() {
            first = value;
            continue;
        }
        if all.is_empty() {
            first.each(&mut |text| all.push(text));
        }
        value.each(&mut |text| all.push(text));
    }
    if all.is_empty() { first } else { Value::List(all) }
}

impl Other {
    fn of(text: &str) -> Result<Option<Self>, String> {
        let place = to_directory(Kind::Person, text);
        let path = place.path();
        // Common attributes such as externalId stand in no schema (RFC 7643 section 3.1).
        if path.eq_ignore_ascii_case(text) {
            return Ok(None);
        }
        Ok(Some(Self {
            path: path.into(),
            segments: parse::path(path)?.into_boxed_slice(),
            is_known: matches!(place, Place::Known(_)),
        }))
    }
}

impl Segment {
    /// Whether no schema knows the name, and it is no extension either.
    fn is_foreign(&self) -> bool {
        !self.canonical && !self.name.contains(':') && self.select.is_none()
    }

    fn become_canonical(&mut self, name: &str) {
        self.name = name.into();
        self.canonical = true;
    }

    fn step<'a>(&self, at: &'a Json) -> Option<&'a Json> {
        let map = at.as_object()?;
        match map.get(&*self.name) {
            None if !self.canonical => map
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&self.name))
                .map(|(_, value)| value),
            found => found,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
