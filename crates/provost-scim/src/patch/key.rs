//! One key of an object that stands for several attributes: of a PATCH value without path, of a whole
//! resource, or of an extension's object in either. Most are names of attributes; some clients write paths.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter::{self, ValuePath};
use crate::leniency::{Habit, Habits, Tolerance};
use crate::path;
use crate::schema::{ResourceType, Schema};
use crate::validate::place::Place;
use crate::validate::{coerce, switch};

/// What a key means.
pub(crate) enum Key<'a> {
    /// The core schema: the value holds attributes of it.
    Core,
    /// An extension: the value holds attributes of it.
    Extension(&'a Schema),
    /// An attribute, a part of one, or elements of one. The attribute exists.
    Path(Box<ValuePath>),
    /// Nothing. By habit it is passed over.
    Unknown,
}

/// Reads a key of a resource or of a PATCH value.
///
/// # Errors
/// 400 `invalidFilter` and `invalidPath` for brackets that cannot be read and for a bare name that several
/// extensions define; 400 `invalidSyntax` for a habit that is not tolerated.
pub(crate) fn read<'a>(rt: &'a ResourceType, key: &str, tolerance: &mut Tolerance<'_>) -> Result<Key<'a>> {
    if let Some(schema) = rt.extension(key) {
        return Ok(Key::Extension(schema));
    }
    let mut used = Habits::default();
    let path = match filter::value_path(key, rt, tolerance.trial(&mut used)) {
        Ok(path) => path,
        Err(error) if key.contains('[') || rt.is_ambiguous(first_name(key)) => return Err(error),
        Err(_) => return Ok(Key::Unknown),
    };
    if path.path.is_whole_schema() {
        allow(&path, [Habit::UrnKey], tolerance)?;
        return Ok(Key::Core);
    }
    if rt.top(&path.path).is_none() {
        return Ok(Key::Unknown);
    }
    tolerance.adopt(&used);
    allow(&path, habits(key, &path), tolerance)?;
    Ok(Key::Path(Box::new(path)))
}

/// Reads a key of an extension's object: the name of an attribute, perhaps with a sub-attribute. `None`
/// when the extension has no such attribute.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_in_extension(
    rt: &ResourceType,
    schema: &Schema,
    key: &str,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<ValuePath>> {
    if schema.attribute(first_name(key)).is_none() {
        return Ok(None);
    }
    let path = ValuePath {
        path: path::parse(&format!("{}:{key}", schema.id), rt)?,
        filter: None,
        sub: None,
    };
    let dotted = path.path.sub.is_some().then_some(Habit::DottedKey);
    allow(&path, dotted, tolerance)?;
    Ok(Some(path))
}

/// The name of a key up to its sub-attribute.
fn first_name(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

fn allow(
    path: &ValuePath,
    habits: impl IntoIterator<Item = Habit>,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    for habit in habits {
        if !tolerance.of(habit) {
            return Err(Error::invalid_syntax(format!(
                "{} is a path, not the name of an attribute: a PATCH has it in path, a resource as an object",
                super::parse::shown(path)
            )));
        }
    }
    Ok(())
}

/// In which ways a key is more than a name.
fn habits(key: &str, path: &ValuePath) -> Vec<Habit> {
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

/// A key that means nothing is passed over by habit, but never one that would switch somebody off.
///
/// # Errors
/// 400 `invalidValue` for such a one; 400 `invalidSyntax` where unknown names are not tolerated.
pub(crate) fn unknown(
    place: Place<'_>,
    key: &str,
    value: &Value,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    if switch::says_off(key, value) {
        return Err(Error::invalid_value(format!(
            "{place} is not an attribute here, and it reads as if somebody is to be switched off: send active, \
             which is true or false"
        )));
    }
    coerce::unknown(place, tolerance).map(|_| ())
}
