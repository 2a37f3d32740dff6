//! `bulkId:…`: the name of a resource that another operation of the same request creates (RFC 7644 section
//! 3.7.2). Finding it wherever a reference may stand, and putting the id in its place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Method, Operation, path};
use crate::error::{Error, Result};

const PREFIX: &str = "bulkId:";

/// What a place says about the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A reference: a name that nobody has is an error here.
    Reference,
    /// The address of a resource; its last segment may be a name.
    Address,
    /// A PATCH path; its literals may be names.
    Path,
    /// Any other attribute. A custom one may well be a reference, so the name of a POST is replaced here
    /// too; but what no POST is called is somebody's text.
    Other,
}

/// Called for each name that is found, with whether it stands where only a reference can. What it answers
/// takes the name's place, prefix included.
type Visit<'v> = dyn FnMut(&str, bool) -> Option<String> + 'v;

/// Visits every name in the body of an operation.
pub(super) fn visit(data: &mut Value, visit: &mut Visit<'_>) {
    walk(data, Place::Other, visit);
}

/// Whether the value of the attribute `key` holds one of the names that `wanted` accepts.
pub(super) fn mentions(key: &str, value: &mut Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    let mut found = false;
    walk(value, place(key), &mut |name, _| {
        found |= wanted(name);
        None
    });
    found
}

/// Visits the name in the path of an operation, `/Users/bulkId:a`. The answer is the path to use.
pub(super) fn visit_path(text: &str, visit: &mut Visit<'_>) -> Option<String> {
    let (endpoint, id) = path::split(text);
    let id = path::decoded(id?);
    let replaced = visit(name(&id)?, true)?;
    Some(format!("{endpoint}/{replaced}"))
}

fn name(text: &str) -> Option<&str> {
    let (prefix, name) = (text.get(..PREFIX.len())?, text.get(PREFIX.len()..)?);
    (prefix.eq_ignore_ascii_case(PREFIX) && !name.is_empty()).then_some(name)
}

fn walk(value: &mut Value, here: Place, visit: &mut Visit<'_>) {
    match value {
        Value::String(text) => {
            if let Some(replaced) = replaced(text, here, visit) {
                *text = replaced;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|element| walk(element, here, visit)),
        Value::Object(map) => object(map, visit),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn object(map: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    let text = |name: &str| {
        let found = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    };
    // In a PATCH operation, the path says what its value is the value of.
    let target = text("op").and_then(|_| text("path")).map(place);
    let mut renamed = Vec::new();
    for (key, value) in map.iter_mut() {
        let here = match target {
            Some(target) if key.eq_ignore_ascii_case("value") => target,
            _ => place(key),
        };
        walk(value, here, visit);
        if key.contains('"')
            && let Some(replaced) = in_literals(key, visit)
        {
            renamed.push((key.clone(), replaced));
        }
    }
    for (key, replaced) in renamed {
        if let Some(value) = map.remove(&key) {
            map.insert(replaced, value);
        }
    }
}

/// The place that a key, or the path of a PATCH operation, names: by the last name in it.
fn place(key: &str) -> Place {
    let last = key.rsplit([':', '.', ']']).next().unwrap_or(key);
    let is = |known: &str| last.eq_ignore_ascii_case(known);
    if ["value", "members", "manager", "groups"].into_iter().any(is) {
        Place::Reference
    } else if is("$ref") {
        Place::Address
    } else if is("path") {
        Place::Path
    } else {
        Place::Other
    }
}

fn replaced(text: &str, here: Place, visit: &mut Visit<'_>) -> Option<String> {
    if let Some(name) = name(text) {
        return visit(name, matches!(here, Place::Reference | Place::Address));
    }
    match here {
        Place::Path => in_literals(text, visit),
        Place::Address => {
            let (front, last) = text.rsplit_once('/')?;
            let replaced = visit(name(&path::decoded(last))?, true)?;
            Some(format!("{front}/{replaced}"))
        }
        Place::Reference | Place::Other => None,
    }
}

/// Replaces names in the quoted literals of a path: `members[value eq "bulkId:a"]`.
fn in_literals(text: &str, visit: &mut Visit<'_>) -> Option<String> {
    let (mut out, mut rest, mut changed) = (String::new(), text, false);
    while let Some(start) = rest.find('"') {
        let (before, literal) = rest.split_at(start);
        let (literal, after) = literal.split_at(literal_length(literal));
        let found = serde_json::from_str::<String>(literal).ok();
        let replaced = found.and_then(|found| visit(name(&found)?, true));
        out.push_str(before);
        match replaced {
            Some(replaced) => {
                out.push_str(&Value::from(replaced).to_string());
                changed = true;
            }
            None => out.push_str(literal),
        }
        rest = after;
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// From the quote in front to the one that closes, or to the end.
fn literal_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The names that the operations of a request give.
pub(super) struct Names(BTreeMap<String, Named>);

enum Named {
    One(usize),
    /// Nobody can say which of them a reference means, and the wrong one would be a member of something.
    Several,
}

impl Names {
    /// Reads the names. A POST that repeats one gets a fault.
    pub(super) fn of(operations: &mut [Operation]) -> Self {
        let mut names: BTreeMap<String, Named> = BTreeMap::new();
        for (index, operation) in operations.iter_mut().enumerate() {
            let Some(id) = operation.bulk_id.as_ref() else {
                continue;
            };
            if operation.method != Some(Method::Post) {
                continue;
            }
            match names.get_mut(id) {
                None => {
                    names.insert(id.clone(), Named::One(index));
                }
                Some(named) => {
                    *named = Named::Several;
                    let detail = format!("an earlier POST has the bulkId {} too", shown(id));
                    operation.fault.get_or_insert(Error::invalid_syntax(detail));
                }
            }
        }
        Self(names)
    }

    /// The operation that creates what `name` stands for.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        match self.0.get(name) {
            Some(Named::One(index)) => Some(*index),
            Some(Named::Several) | None => None,
        }
    }

    /// Which operations create what this one refers to, in ascending order.
    ///
    /// # Errors
    /// 400 `invalidValue` for a name that no POST has, or that several have.
    pub(super) fn needs(&self, operation: &mut Operation) -> Result<Vec<usize>> {
        let mut needs = BTreeSet::new();
        let mut fault = None;
        let mut note = |name: &str, certain: bool| {
            match self.0.get(name) {
                Some(Named::One(index)) => {
                    needs.insert(*index);
                }
                Some(Named::Several) => {
                    fault.get_or_insert_with(|| refused(name, "several POST operations have this bulkId"));
                }
                None if certain => {
                    fault.get_or_insert_with(|| refused(name, "no POST of this request has this bulkId"));
                }
                None => {}
            }
            None
        };
        visit(&mut operation.data, &mut note);
        visit_path(&operation.path, &mut note);
        match fault {
            Some(fault) => Err(fault),
            None => Ok(needs.into_iter().collect()),
        }
    }
}

/// An error about a reference.
pub(super) fn refused(name: &str, why: &str) -> Error {
    Error::invalid_value(format!("{PREFIX}{} cannot be resolved: {why}", shown(name)))
}

fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}
