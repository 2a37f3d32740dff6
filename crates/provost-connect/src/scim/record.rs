//! Between records (attribute paths to values) and SCIM resources.

use serde_json::{Map, Value, json};

use super::lenient::{key_of, member, truth};
use super::path::Path;
use super::{CORE_GROUP, CORE_USER};
use crate::{Account, Kind, Record, Result};

/// The body of a create: only attributes with a value.
pub(crate) fn create_body(kind: Kind, record: &Record) -> Result<Map<String, Value>> {
    let mut resource = Map::new();
    for (attribute, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        set(&mut resource, &Path::parse(attribute)?, value);
    }
    for path in record.keys().filter_map(|attribute| Path::parse(attribute).ok()) {
        if !path.terms.is_empty() {
            prune(&mut resource, &path);
        }
    }
    resource.values_mut().for_each(drop_nulls);
    name_schemas(kind, &mut resource);
    Ok(resource)
}

/// Removes members without a value at every depth: many refuse `null`.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => {
            list.retain(|item| !item.is_null());
            list.iter_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

/// Leaves one element in each list: the primary one, else the first.
pub(crate) fn one_value(resource: &mut Map<String, Value>) {
    for (name, value) in resource.iter_mut() {
        match value {
            Value::Array(list) if !is_set(name) => keep_one(list),
            Value::Object(extension) if is_urn(name) => one_value(extension),
            _ => {}
        }
    }
}

/// The list with one element, as [`one_value`] leaves it.
pub(crate) fn keep_one(list: &mut Vec<Value>) {
    let is_primary = |item: &Value| {
        item.as_object()
            .and_then(|i| member(i, "primary"))
            .and_then(truth)
    };
    let keep = list
        .iter()
        .position(|item| is_primary(item) == Some(true))
        .unwrap_or(0);
    if list.len() > 1 {
        list.swap(0, keep);
        list.truncate(1);
    }
}

/// Lists that are what they are about.
fn is_set(name: &str) -> bool {
    ["schemas", "members", "groups"]
        .iter()
        .any(|set| set.eq_ignore_ascii_case(name))
}

fn is_urn(name: &str) -> bool {
    name.get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("urn:"))
}

/// Writes changes into a resource as it was read.
pub(crate) fn merge(kind: Kind, resource: &mut Map<String, Value>, changes: &Record) -> Result<()> {
    for (attribute, value) in changes {
        set(resource, &Path::parse(attribute)?, value);
    }
    resource.retain(|name, value| !name.eq_ignore_ascii_case("meta") && !value.is_null());
    resource.values_mut().for_each(drop_nulls);
    name_schemas(kind, resource);
    Ok(())
}

/// `schemas` names the core schema and every extension that is present.
fn name_schemas(kind: Kind, resource: &mut Map<String, Value>) {
    let core = match kind {
        Kind::Person => CORE_USER,
        Kind::Group => CORE_GROUP,
    };
    let mut schemas = vec![Value::from(core)];
    schemas.extend(
        resource
            .keys()
            .filter(|key| is_urn(key))
            .map(|key| Value::from(key.as_str())),
    );
    if let Some(key) = key_of(resource, "schemas") {
        resource.remove(&key);
    }
    resource.insert("schemas".to_owned(), Value::Array(schemas));
}

/// Sets or, with null, removes the value at a path.
pub(crate) fn set(resource: &mut Map<String, Value>, path: &Path, value: &Value) {
    if path.is_manager() {
        let value = if value.is_null() || value.as_str() == Some("") {
            Value::Null
        } else {
            json!({ "value": value })
        };
        let whole = Path::manager();
        return inside(resource, whole.urn.as_deref(), |object| {
            put(object, &whole.name, value)
        });
    }
    inside(resource, path.urn.as_deref(), |object| match &path.sub {
        _ if !path.terms.is_empty() => set_element(object, path, value),
        None => put(object, &path.name, value.clone()),
        Some(sub) => set_sub(object, &path.name, sub, value),
    });
}

/// Works on the extension's object (made when missing, dropped when empty) or on the resource.
fn inside(resource: &mut Map<String, Value>, urn: Option<&str>, work: impl FnOnce(&mut Map<String, Value>)) {
    let Some(urn) = urn else {
        return work(resource);
    };
    let key = key_of(resource, urn).unwrap_or_else(|| urn.to_owned());
    let mut extension = match resource.remove(&key) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    work(&mut extension);
    if !extension.is_empty() {
        resource.insert(key, Value::Object(extension));
    }
}

/// Sets an attribute under the key that is there already, whatever its letter case.
fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    let key = key_of(object, name).unwrap_or_else(|| name.to_owned());
    if value.is_null() {
        object.remove(&key);
    } else {
        object.insert(key, value);
    }
}

fn set_sub(object: &mut Map<String, Value>, name: &str, sub: &str, value: &Value) {
    let key = key_of(object, name).unwrap_or_else(|| name.to_owned());
    let mut parent = match object.remove(&key) {
        Some(Value::Object(parent)) => Value::Object(parent),
        Some(Value::Array(list)) => Value::Array(list),
        _ => Value::Object(Map::new()),
    };
    match &mut parent {
        Value::Object(parent) => put(parent, sub, value.clone()),
        Value::Array(list) => {
            for element in list.iter_mut().filter_map(Value::as_object_mut) {
                put(element, sub, value.clone());
            }
        }
        _ => {}
    }
    let empty = parent.as_object().is_some_and(Map::is_empty);
    if !empty {
        object.insert(key, parent);
    }
}

fn set_element(object: &mut Map<String, Value>, path: &Path, value: &Value) {
    let key = key_of(object, &path.name).unwrap_or_else(|| path.name.clone());
    let mut list = match object.remove(&key) {
        Some(Value::Array(list)) => list,
        Some(Value::Object(single)) => vec![Value::Object(single)],
        _ => Vec::new(),
    };
    let place = position(&list, path);
    match (place, &path.sub) {
        (Some(at), None) if value.is_null() => {
            list.remove(at);
        }
        (None, _) if value.is_null() => {}
        (place, sub) => {
            let at = place.unwrap_or_else(|| {
                list.push(Value::Object(path.terms.iter().cloned().collect()));
                list.len() - 1
            });
            fill(&mut list, at, path, sub.as_deref(), value);
        }
    }
    if !list.is_empty() {
        object.insert(key, Value::Array(list));
    }
}

fn fill(list: &mut Vec<Value>, at: usize, path: &Path, sub: Option<&str>, value: &Value) {
    let Some(element) = list.get_mut(at).and_then(Value::as_object_mut) else {
        return;
    };
    match (sub, value) {
        (Some(sub), value) => put(element, sub, value.clone()),
        (None, Value::Object(fields)) => {
            for (name, value) in fields {
                put(element, name, value.clone());
            }
        }
        (None, value) => put(element, "value", value.clone()),
    }
    if value.is_null() && !says_something(element, path) {
        list.remove(at);
    }
}

/// Whether an element holds more than what tells it from its neighbours.
fn says_something(element: &Map<String, Value>, path: &Path) -> bool {
    element.keys().any(|name| {
        let is_term = path.terms.iter().any(|(term, _)| term.eq_ignore_ascii_case(name));
        !is_term
            && !["type", "primary", "display"]
                .iter()
                .any(|n| n.eq_ignore_ascii_case(name))
    })
}

/// Drops elements that were only ever given a mark (`primary`) and no value.
fn prune(resource: &mut Map<String, Value>, path: &Path) {
    inside(resource, path.urn.as_deref(), |object| {
        let Some(key) = key_of(object, &path.name) else {
            return;
        };
        if let Some(Value::Array(list)) = object.get_mut(&key) {
            list.retain(|element| element.as_object().is_none_or(|e| says_something(e, path)));
            if list.is_empty() {
                object.remove(&key);
            }
        }
    });
}

/// The element that a value path means. A single element without the attribute that the path asks
/// about is it too: several applications leave `type` out.
pub(crate) fn position(list: &[Value], path: &Path) -> Option<usize> {
    let matches = |element: &Value| {
        path.terms.iter().all(|(name, wanted)| {
            element
                .as_object()
                .and_then(|element| member(element, name))
                .is_some_and(|found| same(found, wanted))
        })
    };
    list.iter().position(matches).or_else(|| match list {
        [Value::Object(only)] => {
            let silent = path.terms.iter().all(|(name, _)| member(only, name).is_none());
            silent.then_some(0)
        }
        _ => None,
    })
}

/// Equality as applications mean it: text without regard to letter case, booleans also as text.
pub(crate) fn same(found: &Value, wanted: &Value) -> bool {
    if let (Some(found), Some(wanted)) = (found.as_str(), wanted.as_str()) {
        use provost_scim::resource::fold;
        return fold(found.trim()) == fold(wanted.trim());
    }
    match (truth(found), truth(wanted)) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => found == wanted,
    }
}

/// The value at a path, read leniently.
pub(crate) fn at(resource: &Map<String, Value>, path: &Path) -> Option<Value> {
    let path = if path.is_manager() { &Path::manager() } else { path };
    let object = match &path.urn {
        None => resource,
        Some(urn) => member(resource, urn)?.as_object()?,
    };
    let value = member(object, &path.name)?;
    if path.is_manager() {
        // Some send the bare id.
        return match value {
            Value::Object(manager) => member(manager, "value").cloned(),
            other => Some(other.clone()),
        };
    }
    let element = match (value, path.terms.is_empty()) {
        (Value::Array(list), false) => list.get(position(list, path)?)?,
        (value, _) => value,
    };
    match &path.sub {
        None => Some(element.clone()),
        Some(sub) => match element {
            Value::Object(element) => member(element, sub).cloned(),
            Value::Array(list) => list.first()?.as_object().and_then(|e| member(e, sub)).cloned(),
            _ => None,
        },
    }
}

/// Attributes that are asked for, their paths parsed once for all resources of a page.
pub(crate) struct Wanted(Vec<(String, Path)>);

impl Wanted {
    /// What is no path is not there in any resource.
    pub(crate) fn new(attributes: &[String]) -> Self {
        let parsed = attributes
            .iter()
            .filter_map(|attribute| Some((attribute.clone(), Path::parse(attribute).ok()?)));
        Self(parsed.collect())
    }
}

/// The account that a resource is, with those of the wanted attributes that have a value. `None` when it
/// has no id.
pub(crate) fn account(resource: &Map<String, Value>, wanted: &Wanted) -> Option<Account> {
    let id = match member(resource, "id")? {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let found = wanted.0.iter().filter_map(|(attribute, path)| {
        let value = at(resource, path).filter(|value| !value.is_null())?;
        Some((attribute.clone(), value))
    });
    let mut record: Record = found.collect();
    normalize(&mut record);
    Some(Account {
        id,
        record,
        enabled: member(resource, "active").and_then(truth),
    })
}

/// Brings values into the form in which applications show them.
pub(crate) fn normalize(record: &mut Record) {
    for (attribute, value) in record.iter_mut() {
        // Spaces around a text are dropped by many, and seen by nobody.
        match value.as_str().map(|text| (text, text.trim())) {
            Some((_, "")) => *value = Value::Null,
            Some((text, trimmed)) if trimmed.len() < text.len() => *value = Value::from(trimmed),
            _ => {}
        }
        let boolean = attribute == "active" || attribute.ends_with(".primary");
        if let Some(truth) = truth(value).filter(|_| boolean) {
            *value = Value::Bool(truth);
        }
    }
}

/// Makes values equal that an application does not tell apart: names and addresses in any letter
/// case (`caseExact` is false for both, RFC 7643 section 8.7.1), lists in any order.
pub(crate) fn comparable(record: &mut Record) {
    normalize(record);
    for (attribute, value) in record.iter_mut() {
        match value {
            Value::String(text) if is_caseless(attribute) => *text = provost_scim::resource::fold(text),
            Value::Array(list) => list.sort_by_cached_key(Value::to_string),
            _ => {}
        }
    }
}

fn is_caseless(attribute: &str) -> bool {
    let head = attribute.get(.."emails".len());
    attribute.eq_ignore_ascii_case("userName") || head.is_some_and(|h| h.eq_ignore_ascii_case("emails"))
}

#[cfg(test)]
mod tests;
