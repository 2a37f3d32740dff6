//! Checking the properties of a create or update against the schema.

use serde_json::{Map, Value};

use crate::directory::{Kind, Object};
use crate::error::{Error, Result};
use crate::moment;
use crate::schema::{self, Access, Property, Shape};
use crate::settings::Settings;

/// The most characters in one text of a list or record.
const MAX_PART: usize = 1_024;

/// Names of this form are instructions or annotations, not properties.
fn is_annotation(name: &str) -> bool {
    name.contains('@')
}

/// The properties of a body under their exact names, checked for type, length and writability. Instructions such as
/// `members@odata.bind` are left out; only those in `binds` are allowed.
///
/// # Errors
/// 400 for unknown and read-only properties and wrong values, 403 for those that an application may never write, 501
/// for those that this simulator lacks.
pub(super) fn accept(
    settings: &Settings,
    kind: Kind,
    body: &Map<String, Value>,
    current: Option<&Object>,
    binds: &[&str],
) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (name, value) in body {
        if is_annotation(name) {
            annotation(kind, name, value, binds)?;
        } else if let Some(property) = schema::property(kind, name) {
            if writable(kind, property, value, current)? {
                let value = check(kind, property, value, current)?;
                out.insert(property.name.to_owned(), value);
            }
        } else if name.starts_with("extension_") && settings.extensions.contains(name) {
            out.insert(name.clone(), value.clone());
        } else {
            return Err(Error::bad_request(format!("Invalid property '{name}'.")).at(name));
        }
    }
    Ok(out)
}

fn annotation(kind: Kind, name: &str, value: &Value, binds: &[&str]) -> Result<()> {
    let is_type = name == "@odata.type" && value.as_str() == Some(kind.odata_type());
    let is_item_type = !name.starts_with('@') && name.ends_with("@odata.type");
    if is_type || is_item_type || name == "@odata.id" || name == "@odata.context" || binds.contains(&name) {
        return Ok(());
    }
    Err(Error::bad_request(format!("Invalid property '{name}'.")).at(name))
}

/// Whether the property is to be written. Values that may not change are passed over when they would not.
fn writable(kind: Kind, property: &Property, value: &Value, current: Option<&Object>) -> Result<bool> {
    let name = property.name;
    let same = current.is_some_and(|object| object.properties.get(name).unwrap_or(&Value::Null) == value);
    let unset = current.is_some_and(|object| object.properties.get(name).is_none_or(Value::is_null));
    let fixed = || {
        Error::bad_request(format!(
            "Property '{name}' cannot be changed once the object exists."
        ))
        .at(name)
    };
    match property.access {
        Access::Write => Ok(true),
        Access::Read => {
            Err(Error::bad_request(format!("Property '{name}' is read-only and cannot be set.")).at(name))
        }
        Access::Create | Access::Once if current.is_none() => Ok(true),
        Access::Once if unset => Ok(true),
        Access::Create | Access::Once if same => Ok(false),
        Access::Create | Access::Once => Err(fixed()),
        Access::Update if current.is_some() => Ok(true),
        Access::Update => Err(Error::bad_request(format!(
            "Property '{name}' can only be set once the {} exists.",
            kind.type_name()
        ))
        .at(name)),
        Access::Delegated => Err(Error::denied(format!(
            "Property '{name}' can only be set on behalf of a signed-in user."
        ))),
        Access::Unoffered => Err(Error::unoffered(&format!("writing the property '{name}'"))),
    }
}

/// The value to keep.
fn check(kind: Kind, property: &Property, value: &Value, current: Option<&Object>) -> Result<Value> {
    let resource = if kind == Kind::User { "User" } else { "Group" };
    let wrong = || Error::invalid_value(resource, property.name);
    if value.is_null() {
        return if property.clears {
            Ok(Value::Null)
        } else {
            Err(wrong())
        };
    }
    let fits = match property.shape {
        Shape::Text(max) => value.as_str().is_some_and(|text| is_text(text, max)),
        Shape::Flag => value.is_boolean(),
        Shape::Number => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Shape::Moment => value.as_str().is_some_and(moment::is_valid),
        Shape::Texts(max) => value.as_array().is_some_and(|list| {
            list.len() <= max
                && list
                    .iter()
                    .all(|item| item.as_str().is_some_and(|text| is_text(text, MAX_PART)))
        }),
        Shape::Record(parts) => return record(property, parts, value, current).ok_or_else(wrong),
        Shape::Composite => value.is_object(),
        Shape::Composites => value.is_array(),
    };
    if fits { Ok(value.clone()) } else { Err(wrong()) }
}

/// An empty text is not null, and is refused.
fn is_text(text: &str, max: usize) -> bool {
    !text.is_empty() && text.chars().count() <= max && !text.contains('\0')
}

/// The extension attributes keep those that a request does not mention; other records are replaced.
fn record(property: &Property, parts: &[&str], value: &Value, current: Option<&Object>) -> Option<Value> {
    let given = value.as_object()?;
    let merges = property.name == "onPremisesExtensionAttributes";
    let before = current
        .filter(|_| merges)
        .and_then(|object| object.properties.get(property.name));
    let mut out = before.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in given.iter().filter(|(name, _)| !is_annotation(name)) {
        let fits = parts.contains(&name.as_str())
            && (value.is_null() || value.as_str().is_some_and(|text| is_text(text, MAX_PART)));
        if !fits {
            return None;
        }
        out.insert(name.clone(), value.clone());
    }
    for part in parts {
        out.entry(*part).or_insert(Value::Null);
    }
    Some(Value::Object(out))
}

/// # Errors
/// 400 that names the first of these properties that is missing or null.
pub(super) fn require(resource: &str, properties: &Map<String, Value>, names: &[&str]) -> Result<()> {
    match names
        .iter()
        .find(|name| properties.get(**name).is_none_or(Value::is_null))
    {
        None => Ok(()),
        Some(name) => {
            let text = format!("A value is required for property '{name}' of resource '{resource}'.");
            Err(Error::bad_request(text).at(name))
        }
    }
}

/// Only what differs from what the object has.
pub(super) fn changed(current: &Object, properties: Map<String, Value>) -> Map<String, Value> {
    let differs =
        |(name, value): &(String, Value)| current.properties.get(name).unwrap_or(&Value::Null) != value;
    properties.into_iter().filter(differs).collect()
}

/// The references of an instruction such as `members@odata.bind`.
///
/// # Errors
/// 400 when it is not a list of texts.
pub(super) fn references<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Vec<&'a str>> {
    let Some(value) = body.get(name) else {
        return Ok(Vec::new());
    };
    let texts = value
        .as_array()
        .and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts.ok_or_else(|| Error::malformed(format!("The value of '{name}' must be a list of addresses.")))
}
