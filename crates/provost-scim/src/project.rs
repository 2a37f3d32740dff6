//! Which attributes an answer carries (RFC 7644 section 3.9).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::path::{self, AttrPath};
use crate::schema::{Attribute, ResourceType, Returned};

/// Attributes that the store keeps outside the document; they are spliced in when they are wanted.
const KEPT_ELSEWHERE: [&str; 2] = ["groups", "members"];

/// What the caller asked for with `attributes` or `excludedAttributes`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    choice: Choice,
    /// Attributes that are returned on request and that the caller has just written.
    requested: Vec<AttrPath>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Choice {
    /// Everything that is returned by default.
    #[default]
    All,
    /// `attributes`: these, and what is always returned.
    Only(Vec<AttrPath>),
    /// `excludedAttributes`: all but these; never without what is always returned.
    Without(Vec<AttrPath>),
}

impl Projection {
    /// Reads the two lists, comma separated, in any letter case. Names that nobody knows select nothing.
    /// An empty list counts as absent.
    ///
    /// # Errors
    /// 400 `invalidValue` when both are given: the RFC makes them exclusive, and each reading of both
    /// together would surprise somebody.
    pub fn parse(rt: &ResourceType, attributes: Option<&str>, excluded: Option<&str>) -> Result<Self> {
        let given = |list: Option<&str>| {
            list.map(str::trim)
                .filter(|list| !list.is_empty())
                .map(str::to_owned)
        };
        match (given(attributes), given(excluded)) {
            (None, None) => Ok(Self::from(Choice::All)),
            (Some(list), None) => Ok(Self::from(Choice::Only(paths(rt, &list)))),
            (None, Some(list)) => Ok(Self::from(Choice::Without(paths(rt, &list)))),
            (Some(_), Some(_)) => Err(Error::invalid_value(
                "attributes and excludedAttributes exclude each other: send one of them",
            )),
        }
    }

    /// The same for the answer to a write: attributes that are returned on request are shown when the caller
    /// has just written them (RFC 7643 section 7, `returned`).
    #[must_use]
    pub fn with_requested(self, requested: Vec<AttrPath>) -> Self {
        Self { requested, ..self }
    }

    /// Whether nothing was chosen.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.choice == Choice::All && self.requested.is_empty()
    }

    /// Whether `attributes` was given: a PATCH is then answered with a body.
    #[must_use]
    pub fn is_named(&self) -> bool {
        matches!(self.choice, Choice::Only(_))
    }

    /// Whether the stored document goes out whole, so that it can be spliced by
    /// [`resource::render`](crate::resource::render): nothing was chosen, or only `groups` or `members`
    /// were excluded, as Entra does in every request for a group.
    #[must_use]
    pub fn keeps_document(&self) -> bool {
        match &self.choice {
            _ if !self.requested.is_empty() => false,
            Choice::All => true,
            Choice::Only(_) => false,
            Choice::Without(list) => list.iter().all(|path| {
                path.urn.is_none() && path.sub.is_none() && KEPT_ELSEWHERE.contains(&path.name.as_str())
            }),
        }
    }

    /// Whether the core attribute of that name, in canonical case, has to be loaded.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        match &self.choice {
            Choice::All => true,
            Choice::Only(list) => list.iter().any(|path| path.urn.is_none() && path.name == name),
            Choice::Without(list) => !list
                .iter()
                .any(|path| path.urn.is_none() && path.name == name && path.sub.is_none()),
        }
    }

    /// The part of a full resource that goes out. `id` and `schemas` always do; what is never returned
    /// never does.
    #[must_use]
    pub fn apply(&self, rt: &ResourceType, resource: Value) -> Value {
        let Value::Object(resource) = resource else {
            return resource;
        };
        let mut out = Map::new();
        for (name, value) in resource {
            let kept = match rt.extension(&name) {
                Some(schema) => self.extension(&schema.id, &schema.attributes, value),
                None => self.attribute(None, rt.core_attribute(&name), &name, value),
            };
            if let Some(value) = kept {
                out.insert(name, value);
            }
        }
        Value::Object(out)
    }

    fn extension(&self, urn: &str, attributes: &[Attribute], value: Value) -> Option<Value> {
        let Value::Object(object) = value else { return None };
        let mut out = Map::new();
        for (name, value) in object {
            let known = attributes.iter().find(|attribute| attribute.name == name);
            if let Some(value) = self.attribute(Some(urn), known, &name, value) {
                out.insert(name, value);
            }
        }
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// What is left of one attribute. `known` is its description, where it has one.
    fn attribute(
        &self,
        urn: Option<&str>,
        known: Option<&Attribute>,
        name: &str,
        value: Value,
    ) -> Option<Value> {
        let returned = known.map_or(Returned::Default, |attribute| attribute.returned);
        match (returned, &self.choice) {
            (Returned::Never, _) => None,
            (Returned::Always, _) => Some(value),
            (Returned::Request, Choice::All | Choice::Without(_)) => {
                let written = self.requested.iter().any(|path| names(path, urn, name));
                written.then_some(value)
            }
            (Returned::Default, Choice::All) => Some(value),
            (Returned::Default | Returned::Request, Choice::Only(list)) => only(list, urn, name, value),
            (Returned::Default, Choice::Without(list)) => without(list, urn, name, value),
        }
    }
}

impl From<Choice> for Projection {
    fn from(choice: Choice) -> Self {
        Self {
            choice,
            requested: Vec::new(),
        }
    }
}

/// The paths that select something, each once: a list as long as a body then costs no more than the schema
/// is long.
fn paths(rt: &ResourceType, list: &str) -> Vec<AttrPath> {
    let named = list
        .split(',')
        .filter_map(|name| path::parse(name.trim(), rt).ok())
        .filter(|path| path.is_whole_schema() || rt.attribute(path).is_some());
    let known: BTreeSet<AttrPath> = named.flat_map(|path| core_attributes(rt, path)).collect();
    known.into_iter().collect()
}

/// The URN of the core schema stands for its attributes; any other path stands for itself.
fn core_attributes(rt: &ResourceType, path: AttrPath) -> Vec<AttrPath> {
    if path.is_whole_schema() && path.urn.as_ref() == Some(&rt.schema.id) {
        rt.schema
            .attributes
            .iter()
            .map(|attribute| AttrPath::core(&attribute.name))
            .collect()
    } else {
        vec![path]
    }
}

/// Whether the path names this attribute or the whole extension that it is in.
fn names(path: &AttrPath, urn: Option<&str>, name: &str) -> bool {
    path.urn.as_deref() == urn && (path.name == name || (urn.is_some() && path.is_whole_schema()))
}

fn only(list: &[AttrPath], urn: Option<&str>, name: &str, value: Value) -> Option<Value> {
    let mine: Vec<&AttrPath> = list.iter().filter(|path| names(path, urn, name)).collect();
    let subs: Option<Vec<&str>> = mine.iter().map(|path| path.sub.as_deref()).collect();
    match subs {
        _ if mine.is_empty() => None,
        // One of the paths names the whole attribute.
        None => Some(value),
        Some(subs) => keep_subs(value, &|sub| subs.contains(&sub)),
    }
}

fn without(list: &[AttrPath], urn: Option<&str>, name: &str, value: Value) -> Option<Value> {
    let mine: Vec<&AttrPath> = list.iter().filter(|path| names(path, urn, name)).collect();
    let subs: Option<Vec<&str>> = mine.iter().map(|path| path.sub.as_deref()).collect();
    match subs {
        _ if mine.is_empty() => Some(value),
        None => None,
        Some(subs) => keep_subs(value, &|sub| !subs.contains(&sub)),
    }
}

/// The value with these sub-attributes only; nothing when none is left.
fn keep_subs(value: Value, keep: &dyn Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Object(mut object) => {
            object.retain(|sub, _| keep(sub));
            (!object.is_empty()).then_some(Value::Object(object))
        }
        Value::Array(list) => {
            let kept: Vec<Value> = list
                .into_iter()
                .filter_map(|element| keep_subs(element, keep))
                .collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        // A simple value has no sub-attributes: what a path says about them is not about it.
        simple => keep("").then_some(simple),
    }
}

#[cfg(test)]
mod tests;
