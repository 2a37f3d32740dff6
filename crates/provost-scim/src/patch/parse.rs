//! Reading a PATCH body: the frame, the operations, and their paths.

use serde_json::Value;

use super::{Operation, PatchOp, Request, expand};
use crate::error::{Error, Result};
use crate::filter::{self, Filter, ValuePath};
use crate::leniency::{Habit, Habits, Leniency, Tolerance};
use crate::path::AttrPath;
use crate::schema::{Attribute, Mutability, PATCH_OP, ResourceType};
use crate::validate::place::Place;
use crate::validate::switch;

/// Most operations in one request, those that a value without path stands for included. With the limit on
/// elements it bounds the time that one request can take.
pub const MAX_OPERATIONS: usize = 1000;

/// Reads the body of a PATCH for resources of type `rt`.
///
/// # Errors
/// 400 `invalidSyntax` for a wrong frame, a missing or unknown `op`, or no operations; `invalidPath` and
/// `invalidFilter` for a path that cannot be read or names nothing; `noTarget` for a removal without path;
/// `mutability` for a path to a read-only attribute; `invalidValue` for a value that cannot belong to its
/// path at all. 413 over [`MAX_OPERATIONS`].
pub fn parse(rt: &ResourceType, body: Value, leniency: &Leniency) -> Result<Request> {
    let mut used = Habits::default();
    let list = frame(body, &mut Tolerance::new(leniency, &mut used))?;
    let mut reader = Reader {
        rt,
        tolerance: Tolerance::new(leniency, &mut used),
        operations: Vec::new(),
        understood: 0,
        unknown: None,
    };
    for (index, operation) in list.into_iter().enumerate() {
        reader
            .operation(index + 1, operation)
            .map_err(|error| numbered(error, index + 1))?;
    }
    let operations = reader.operations;
    Ok(Request { operations, used })
}

/// The same error, naming the operation.
pub(super) fn numbered(error: Error, number: usize) -> Error {
    Error {
        detail: format!("operation {number}: {}", error.detail),
        ..error
    }
}

fn frame(body: Value, tolerance: &mut Tolerance<'_>) -> Result<Vec<Value>> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax(
            "the body of a PATCH must be a JSON object with Operations",
        ));
    };
    let (mut declared, mut operations) = (false, Value::Null);
    for (key, value) in body {
        if key.eq_ignore_ascii_case("Operations") {
            operations = value;
        } else if key.eq_ignore_ascii_case("schemas") {
            declared = value.as_array().is_some_and(|list| list.iter().any(is_patch_urn));
        } else {
            unknown_key(&key, &value, tolerance)?;
        }
    }
    if !declared && !tolerance.of(Habit::MissingSchemas) {
        return Err(Error::invalid_syntax(format!("schemas must contain {PATCH_OP}")));
    }
    match operations {
        Value::Array(list) if !list.is_empty() => Ok(list),
        _ => Err(Error::invalid_syntax(
            "Operations must be a list of at least one operation",
        )),
    }
}

fn is_patch_urn(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_OP))
}

fn unknown_key(key: &str, value: &Value, tolerance: &mut Tolerance<'_>) -> Result<()> {
    if !switch::says_off(key, value) && tolerance.of(Habit::UnknownAttribute) {
        return Ok(());
    }
    let shown: String = key.chars().take(80).collect();
    Err(Error::invalid_syntax(format!(
        "\"{shown}\" does not belong into a PATCH body"
    )))
}

/// Collects operations, each with a path that was checked.
pub(super) struct Reader<'a> {
    pub(super) rt: &'a ResourceType,
    pub(super) tolerance: Tolerance<'a>,
    operations: Vec<Operation>,
    /// How many keys of values without path were understood so far, those that change nothing included.
    pub(super) understood: usize,
    /// The last key that was not.
    pub(super) unknown: Option<String>,
}

impl Reader<'_> {
    fn operation(&mut self, number: usize, operation: Value) -> Result<()> {
        let Value::Object(operation) = operation else {
            return Err(Error::invalid_syntax(
                "it must be an object with op, path and value",
            ));
        };
        let (mut op, mut path, mut value) = (Value::Null, Value::Null, None);
        for (key, found) in operation {
            if key.eq_ignore_ascii_case("op") {
                op = found;
            } else if key.eq_ignore_ascii_case("path") {
                path = found;
            } else if key.eq_ignore_ascii_case("value") {
                value = Some(found);
            } else {
                unknown_key(&key, &found, &mut self.tolerance)?;
            }
        }
        let op = self.word(&op)?;
        match path {
            Value::Null => self.all_of(|reader| expand::without_path(reader, op, value, number)),
            Value::String(text) => self.with_path(op, &text, value, number),
            _ => Err(Error::invalid_path("path must be text")),
        }
    }

    /// Reads a value with several keys. One of which nothing at all was understood is no success.
    fn all_of(&mut self, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let before = self.understood;
        self.unknown = None;
        read(self)?;
        match &self.unknown {
            Some(key) if self.understood == before => Err(Error::invalid_path(format!(
                "nothing in the value is an attribute of a {}: {} is none",
                self.rt.name,
                Place::new(None, key)
            ))),
            _ => Ok(()),
        }
    }

    fn word(&mut self, op: &Value) -> Result<PatchOp> {
        let word = op.as_str().unwrap_or_default();
        let found = PatchOp::ALL
            .into_iter()
            .find(|op| op.as_str().eq_ignore_ascii_case(word));
        match found {
            Some(op) if op.as_str() == word || self.tolerance.of(Habit::OpLetterCase) => Ok(op),
            _ => Err(Error::invalid_syntax("op must be add, remove or replace")),
        }
    }

    fn with_path(&mut self, op: PatchOp, text: &str, value: Option<Value>, number: usize) -> Result<()> {
        let mut used = Habits::default();
        let path = filter::value_path(text, self.rt, self.tolerance.trial(&mut used))?;
        self.tolerance.adopt(&used);
        if path.path.is_whole_schema() {
            return self.all_of(|reader| expand::whole_schema(reader, op, path, value, number));
        }
        if path.path.urn.is_some() && !text.contains(':') && !self.tolerance.of(Habit::BareExtensionName) {
            return Err(not_an_attribute(self.rt, &path.path));
        }
        let attribute = self.target(&path)?;
        if attribute.mutability == Mutability::ReadOnly {
            return Err(Error::mutability(format!(
                "{} is read-only: only the server sets it",
                shown(&path)
            )));
        }
        self.push(Operation {
            op,
            path,
            value,
            number,
        })
    }

    /// Checks a path against the schema: every name in it is known, and a filter stands on a list only.
    /// The answer is the attribute that decides who may write: the sub-attribute, or a read-only parent.
    pub(super) fn target(&self, path: &ValuePath) -> Result<&Attribute> {
        let rt = self.rt;
        let Some(top) = rt.top(&path.path) else {
            return Err(not_an_attribute(rt, &path.path));
        };
        let sub = match path.path.sub.as_ref().or(path.sub.as_ref()) {
            None => None,
            Some(name) => match top.sub_attribute(name) {
                None => return Err(not_an_attribute(rt, &path.path.with_sub(name))),
                found => found,
            },
        };
        if let Some(filter) = &path.filter {
            self.selection(top, filter)?;
        }
        Ok(if top.mutability == Mutability::ReadOnly {
            top
        } else {
            sub.unwrap_or(top)
        })
    }

    fn selection(&self, top: &Attribute, filter: &Filter) -> Result<()> {
        if !top.multi_valued {
            return Err(Error::invalid_path(format!(
                "{} has one value: a filter in brackets selects among the elements of a list",
                top.name
            )));
        }
        if let Some(path) = filter.unknown_attribute() {
            return Err(Error::invalid_filter(format!(
                "{} has no sub-attribute {path}",
                top.name
            )));
        }
        Ok(())
    }

    pub(super) fn push(&mut self, operation: Operation) -> Result<()> {
        if self.operations.len() == MAX_OPERATIONS {
            return Err(Error::too_large(format!(
                "more than {MAX_OPERATIONS} operations in one PATCH: send them in several requests"
            )));
        }
        self.operations.push(operation);
        Ok(())
    }
}

pub(crate) fn not_an_attribute(rt: &ResourceType, path: &AttrPath) -> Error {
    let shown: String = path.to_string().chars().take(120).collect();
    Error::invalid_path(format!("{shown} is not an attribute of a {}", rt.name))
}

/// A path for a sentence, its filter left out: that may hold somebody's address.
pub(super) fn shown(path: &ValuePath) -> String {
    match &path.sub {
        Some(sub) => path.path.with_sub(sub).to_string(),
        None => path.path.to_string(),
    }
}
