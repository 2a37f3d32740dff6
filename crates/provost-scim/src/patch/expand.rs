//! Operations without a path, or with the path of a whole schema: each key of their value becomes an
//! operation with a path of its own, as RFC 7644 sections 3.5.2.1 and 3.5.2.3 describe.

use serde_json::{Map, Value};

use super::parse::{Reader, shown};
use super::{Operation, PatchOp};
use crate::error::{Error, Result};
use crate::filter::{self, ValuePath};
use crate::leniency::Habit;
use crate::path::{self, AttrPath};
use crate::schema::{Mutability, Schema};
use crate::validate::coerce;
use crate::validate::place::Place;
use crate::validate::simple::wrong;

/// An operation without a path.
pub(super) fn without_path(
    reader: &mut Reader<'_>,
    op: PatchOp,
    value: Option<Value>,
    number: usize,
) -> Result<()> {
    match (op, value) {
        (PatchOp::Remove, _) => Err(Error::no_target(
            "a removal needs a path that says what to remove",
        )),
        (_, Some(Value::Object(object))) => object
            .into_iter()
            .try_for_each(|(key, value)| keyed(reader, op, &key, value, number)),
        _ => Err(Error::invalid_value(format!(
            "without a path, the value of {op} must be an object whose keys are attributes"
        ))),
    }
}

/// An operation whose path is a schema URN.
pub(super) fn whole_schema(
    reader: &mut Reader<'_>,
    op: PatchOp,
    path: ValuePath,
    value: Option<Value>,
    number: usize,
) -> Result<()> {
    let rt = reader.rt;
    let named = path.path.urn.as_deref().and_then(|urn| rt.extension(urn));
    match (op, named) {
        // The core schema: its attributes are those that a value without path has.
        (_, None) => without_path(reader, op, value, number),
        (PatchOp::Remove, Some(_)) => reader.push(Operation {
            op,
            path,
            value: None,
            number,
        }),
        (_, Some(schema)) => match value {
            Some(Value::Null) | None if op == PatchOp::Add => Err(Error::invalid_value(format!(
                "add needs a value for {}",
                schema.id
            ))),
            None => Err(Error::invalid_value(format!(
                "replace needs a value for {}",
                schema.id
            ))),
            Some(value) => extension(reader, op, schema, value, number),
        },
    }
}

/// One key of a value without path: an attribute, a path, or the URN of an extension.
fn keyed(reader: &mut Reader<'_>, op: PatchOp, key: &str, value: Value, number: usize) -> Result<()> {
    if let Some(schema) = reader.rt.extension(key) {
        return extension(reader, op, schema, value, number);
    }
    let path = match filter::parse_value_path(key, reader.rt) {
        Ok(path) => path,
        Err(error) if key.contains('[') => return Err(error),
        Err(_) => return unknown(reader, Place::new(None, key)),
    };
    if path.path.is_whole_schema() {
        return without_path(reader, op, Some(value), number);
    }
    if reader.rt.top(&path.path).is_none() {
        return unknown(reader, Place::new(None, key));
    }
    for habit in key_habits(key, &path) {
        if !reader.tolerance.of(habit) {
            return Err(Error::invalid_syntax(format!(
                "{} is a path, not the name of an attribute: put it into path",
                shown(&path)
            )));
        }
    }
    attribute(
        reader,
        Operation {
            op,
            path,
            value: Some(value),
            number,
        },
    )
}

/// In which ways a key is more than a name.
fn key_habits(key: &str, path: &ValuePath) -> Vec<Habit> {
    let mut habits = Vec::new();
    if path.filter.is_some() {
        habits.push(Habit::ValuePathKey);
    } else if path.path.sub.is_some() {
        habits.push(Habit::DottedKey);
    }
    let outside = key.split('[').next().unwrap_or_default();
    if outside.contains(':') {
        habits.push(Habit::UrnKey);
    } else if path.path.urn.is_some() {
        habits.push(Habit::BareExtensionName);
    }
    habits
}

/// The object of an extension: each key is one of its attributes, or one with a sub-attribute.
fn extension(
    reader: &mut Reader<'_>,
    op: PatchOp,
    schema: &Schema,
    value: Value,
    number: usize,
) -> Result<()> {
    let object: Map<String, Value> = match value {
        Value::Object(object) => object,
        Value::Null if op == PatchOp::Add => return Ok(()),
        Value::Null => {
            let path = AttrPath {
                urn: Some(schema.id.clone()),
                name: String::new(),
                sub: None,
            };
            let path = ValuePath {
                path,
                filter: None,
                sub: None,
            };
            return reader.push(Operation {
                op: PatchOp::Remove,
                path,
                value: None,
                number,
            });
        }
        other => return Err(wrong(Place::new(None, &schema.id), "an object", &other)),
    };
    for (key, value) in object {
        let place = Place::new(Some(&schema.id), &key);
        let name = key.split_once('.').map_or(key.as_str(), |(name, _)| name);
        if schema.attribute(name).is_none() {
            unknown(reader, place)?;
            continue;
        }
        let path = path::parse(&format!("{}:{key}", schema.id), reader.rt)?;
        if path.sub.is_some() && !reader.tolerance.of(Habit::DottedKey) {
            return Err(Error::invalid_syntax(format!(
                "{place} is a path, not the name of an attribute"
            )));
        }
        let path = ValuePath {
            path,
            filter: None,
            sub: None,
        };
        attribute(
            reader,
            Operation {
                op,
                path,
                value: Some(value),
                number,
            },
        )?;
    }
    Ok(())
}

/// A key that names nothing: ignored by habit.
fn unknown(reader: &mut Reader<'_>, place: Place<'_>) -> Result<()> {
    coerce::unknown(place, &mut reader.tolerance).map(|_| ())
}

/// An operation that a key stands for. Here read-only attributes are ignored by habit, and `null` adds
/// nothing: a client that sends the whole object means what it may write.
fn attribute(reader: &mut Reader<'_>, operation: Operation) -> Result<()> {
    if operation.path.path.urn.is_none() && operation.path.path.name == "schemas" {
        return Ok(());
    }
    let read_only = reader.target(&operation.path)?.mutability == Mutability::ReadOnly;
    if read_only {
        if reader.tolerance.of(Habit::ReadOnlyKey) {
            return Ok(());
        }
        let path = shown(&operation.path);
        return Err(Error::mutability(format!(
            "{path} is read-only: only the server sets it"
        )));
    }
    if operation.op == PatchOp::Add && operation.value == Some(Value::Null) {
        return Ok(());
    }
    reader.push(operation)
}
