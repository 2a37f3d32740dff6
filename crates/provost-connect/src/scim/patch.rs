//! PATCH bodies (RFC 7644 section 3.5.2): one operation for each attribute, the form that the most
//! applications understand.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::lenient::member;
use super::path::Path;
use super::record::{keep_one, position, set};
use super::settings::Dialect;
use crate::{Record, Result};

/// How operations are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub dialect: Dialect,
    /// Whether `attribute[filter]` paths are used; otherwise the whole attribute is sent.
    pub value_paths: bool,
    /// Whether a list is sent with one element.
    pub one_value: bool,
    /// Whether an element that is not there is added by its path, because the application takes
    /// no path of the whole list.
    pub by_element: bool,
}

/// Whether changes name elements of multi-valued attributes, so that the current resource has to
/// be known.
pub(crate) fn names_elements(changes: &Record) -> bool {
    changes.keys().any(|attribute| attribute.contains('['))
}

/// The request body for changes to a resource, or `None` when nothing is to be sent. `current` is
/// the resource as read; needed only for changes to elements.
pub(crate) fn body(changes: &Record, current: &Map<String, Value>, style: Style) -> Result<Option<Value>> {
    let mut operations = Vec::new();
    let mut whole: BTreeMap<String, Path> = BTreeMap::new();
    let mut merged = current.clone();
    for (attribute, value) in changes {
        let path = Path::parse(attribute)?;
        if path.is_manager() {
            operations.push(manager(value, style));
        } else if path.terms.is_empty() {
            operations.push(simple(&path, value, style));
        } else if style.value_paths {
            operations.extend(element(&path, value, &merged, style));
            // Several changes to one new element must find it.
            set(&mut merged, &path, value);
        } else {
            set(&mut merged, &path, value);
            whole.insert(path.whole().to_string(), path.whole());
        }
    }
    for path in whole.values() {
        let mut list = list_of(&merged, path);
        if let Some(list) = list.as_mut().filter(|_| style.one_value) {
            keep_one(list);
        }
        let value = list.map_or(Value::Null, Value::Array);
        operations.push(simple(path, &value, style));
    }
    Ok((!operations.is_empty()).then(|| wrap(operations)))
}

/// A PATCH request with these operations.
pub(crate) fn wrap(operations: Vec<Value>) -> Value {
    json!({"schemas": [super::PATCH_OP], "Operations": operations})
}

/// One operation.
pub(crate) fn operation(op: &str, path: &str, value: Option<Value>, dialect: Dialect) -> Value {
    let op = match dialect {
        Dialect::Rfc => op.to_owned(),
        Dialect::Entra => {
            let (first, rest) = op.split_at(1);
            format!("{}{rest}", first.to_ascii_uppercase())
        }
    };
    let mut operation = json!({"op": op, "path": path});
    if let Some(value) = value {
        operation["value"] = match (dialect, value) {
            (Dialect::Entra, Value::Bool(true)) => json!("True"),
            (Dialect::Entra, Value::Bool(false)) => json!("False"),
            (_, value) => value,
        };
    }
    operation
}

fn simple(path: &Path, value: &Value, style: Style) -> Value {
    let path = path.to_string();
    match value {
        Value::Null => operation("remove", &path, None, style.dialect),
        value => operation("replace", &path, Some(value.clone()), style.dialect),
    }
}

fn manager(value: &Value, style: Style) -> Value {
    let path = Path::manager().to_string();
    if value.is_null() || value.as_str() == Some("") {
        return operation("remove", &path, None, style.dialect);
    }
    match style.dialect {
        Dialect::Rfc => operation("replace", &path, Some(json!({"value": value})), style.dialect),
        Dialect::Entra => operation("add", &path, Some(value.clone()), style.dialect),
    }
}

fn element(path: &Path, value: &Value, current: &Map<String, Value>, style: Style) -> Option<Value> {
    let list = list_of(current, path).unwrap_or_default();
    let known = position(&list, path).is_some();
    let text = path.to_string();
    match (known, value) {
        (false, Value::Null) => None,
        (true, Value::Null) => {
            // Without its value an element means nothing: the whole element goes.
            let main = path
                .sub
                .as_deref()
                .is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
            let gone = if main {
                Path {
                    sub: None,
                    ..path.clone()
                }
                .to_string()
            } else {
                text
            };
            Some(operation("remove", &gone, None, style.dialect))
        }
        (true, value) => Some(operation("replace", &text, Some(value.clone()), style.dialect)),
        // A replace that finds no element must be refused (section 3.5.2.3), so it is added.
        (false, value) if style.by_element || style.dialect == Dialect::Entra => {
            Some(operation("add", &text, Some(value.clone()), style.dialect))
        }
        (false, value) => {
            let mut made = Map::new();
            set(&mut made, path, value);
            let list = list_of(&made, path)?;
            let whole = path.whole().to_string();
            Some(operation("add", &whole, Some(Value::Array(list)), style.dialect))
        }
    }
}

fn list_of(resource: &Map<String, Value>, path: &Path) -> Option<Vec<Value>> {
    let object = match &path.urn {
        None => resource,
        Some(urn) => member(resource, urn)?.as_object()?,
    };
    member(object, &path.name)?.as_array().cloned()
}

#[cfg(test)]
mod tests;
