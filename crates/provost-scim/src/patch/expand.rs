//! Operations without a path, or with the path of a whole schema: each key of their value becomes an
//! operation with a path of its own, as RFC 7644 sections 3.5.2.1 and 3.5.2.3 describe.

use serde_json::{Map, Value};

use super::apply::is_active;
use super::key::{self, Key};
use super::parse::{Reader, shown};
use super::{Operation, PatchOp};
use crate::error::{Error, Result};
use crate::filter::ValuePath;
use crate::leniency::Habit;
use crate::path::AttrPath;
use crate::schema::{Mutability, Schema};
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

/// One key of a value without path: an attribute, a path, or the URN of a schema.
fn keyed(reader: &mut Reader<'_>, op: PatchOp, name: &str, value: Value, number: usize) -> Result<()> {
    let rt = reader.rt;
    match key::read(rt, name, &mut reader.tolerance)? {
        Key::Extension(schema) => extension(reader, op, schema, value, number),
        Key::Core => without_path(reader, op, Some(value), number),
        Key::Unknown => unknown(reader, Place::new(None, name), name, &value),
        Key::Path(path) => attribute(
            reader,
            Operation {
                op,
                path: *path,
                value: Some(value),
                number,
            },
        ),
    }
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
        Value::Null if op == PatchOp::Add => {
            reader.understood += 1;
            return Ok(());
        }
        Value::Null => {
            reader.understood += 1;
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
    for (name, value) in object {
        match key::read_in_extension(reader.rt, schema, &name, &mut reader.tolerance)? {
            None => unknown(reader, Place::new(Some(&schema.id), &name), &name, &value)?,
            Some(path) => attribute(
                reader,
                Operation {
                    op,
                    path,
                    value: Some(value),
                    number,
                },
            )?,
        }
    }
    Ok(())
}

/// A key that names nothing: passed over by habit.
fn unknown(reader: &mut Reader<'_>, place: Place<'_>, name: &str, value: &Value) -> Result<()> {
    key::unknown(place, name, value, &mut reader.tolerance)?;
    reader.unknown = Some(name.to_owned());
    Ok(())
}

/// An operation that a key stands for. Here read-only attributes are ignored by habit, and `null` adds
/// nothing: a client that sends the whole object means what it may write.
fn attribute(reader: &mut Reader<'_>, operation: Operation) -> Result<()> {
    reader.understood += 1;
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
    let adds_nothing = operation.op == PatchOp::Add && operation.value == Some(Value::Null);
    if adds_nothing && !is_active(&operation.path.path) {
        return Ok(());
    }
    reader.push(operation)
}
