//! Reading the body of a bulk request.

use serde_json::{Map, Value};

use super::{Method, Operation, Request, path};
use crate::error::{Error, Result};
use crate::schema::BULK_REQUEST;

/// Longest `bulkId`, in bytes. It is repeated in the answer, and in every error about it.
const MAX_BULK_ID: usize = 256;

/// Reads a `BulkRequest`. Keys and methods come in any letter case.
///
/// # Errors
/// 413, naming the limit, for more than `max_operations`. 400 `invalidSyntax` when the frame is wrong;
/// `invalidValue` for a `failOnErrors` that is no whole number from 1. Whatever is wrong inside of one
/// operation is no error here: see [`Operation::fault`].
pub fn parse(body: Value, max_operations: usize) -> Result<Request> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax(
            "the body of a bulk request must be a JSON object with Operations",
        ));
    };
    let (mut declared, mut limit, mut operations) = (false, None, Value::Null);
    for (key, value) in body {
        if key.eq_ignore_ascii_case("Operations") {
            operations = value;
        } else if key.eq_ignore_ascii_case("failOnErrors") {
            limit = fail_on_errors(&value)?;
        } else if key.eq_ignore_ascii_case("schemas") {
            declared = value.as_array().is_some_and(|list| list.iter().any(is_bulk_urn));
        }
    }
    let list = match operations {
        Value::Array(list) if !list.is_empty() => list,
        _ => {
            return Err(Error::invalid_syntax(
                "Operations must be a list of at least one operation",
            ));
        }
    };
    if list.len() > max_operations {
        return Err(Error::too_large(format!(
            "the bulk request has {} operations, and maxOperations is {max_operations}: send it in parts",
            list.len()
        )));
    }
    Ok(Request {
        operations: list.into_iter().map(operation).collect(),
        fail_on_errors: limit,
        declared,
    })
}

fn is_bulk_urn(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|urn| urn.eq_ignore_ascii_case(BULK_REQUEST))
}

/// 0 could mean "at the first error" or "never", so it is not guessed at.
fn fail_on_errors(value: &Value) -> Result<Option<u64>> {
    match value.as_u64() {
        Some(count) if count > 0 => Ok(Some(count)),
        None if value.is_null() => Ok(None),
        _ => Err(Error::invalid_value(
            "failOnErrors must be a whole number from 1: the number of failed operations after which the \
             rest is left out",
        )),
    }
}

fn operation(value: Value) -> Operation {
    let mut operation = Operation {
        method: None,
        path: String::new(),
        bulk_id: None,
        version: None,
        data: Value::Null,
        fault: None,
        written_method: None,
    };
    operation.fault = match value {
        Value::Object(parts) => fill(&mut operation, parts).err(),
        _ => Some(Error::invalid_syntax(
            "an operation must be an object with method, path and data",
        )),
    };
    operation
}

/// Takes everything over first, so that an operation with a fault is still answered under its names.
fn fill(operation: &mut Operation, parts: Map<String, Value>) -> Result<()> {
    let (mut method, mut address) = (Value::Null, Value::Null);
    let (mut bulk_id, mut version) = (Value::Null, Value::Null);
    for (key, value) in parts {
        if key.eq_ignore_ascii_case("method") {
            method = value;
        } else if key.eq_ignore_ascii_case("path") {
            address = value;
        } else if key.eq_ignore_ascii_case("bulkId") {
            bulk_id = value;
        } else if key.eq_ignore_ascii_case("version") {
            version = value;
        } else if key.eq_ignore_ascii_case("data") {
            operation.data = value;
        }
    }
    let word = method.as_str().unwrap_or_default();
    operation.written_method = method.as_str().map(|word| word.chars().take(20).collect());
    operation.method = Method::ALL
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(word));
    operation.path = address.as_str().map(path::below_base).unwrap_or_default();
    operation.bulk_id = text("bulkId", bulk_id)?.filter(|id| !id.is_empty());
    if operation
        .bulk_id
        .as_ref()
        .is_some_and(|id| id.len() > MAX_BULK_ID)
    {
        operation.bulk_id = None;
        return Err(Error::invalid_syntax(format!(
            "bulkId is longer than {MAX_BULK_ID} bytes"
        )));
    }
    operation.version = text("version", version)?;
    complete(operation)
}

fn text(name: &str, value: Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(Error::invalid_syntax(format!("{name} must be a text"))),
    }
}

/// Whether everything is there that the method needs (RFC 7644 section 3.7).
fn complete(operation: &mut Operation) -> Result<()> {
    let Some(method) = operation.method else {
        return Err(Error::invalid_syntax(
            "method must be POST, PUT, PATCH or DELETE: a bulk request reads nothing",
        ));
    };
    if operation.path.is_empty() {
        return Err(Error::invalid_syntax(
            "path is missing: it is /Users or /Groups, with the id behind it for all but POST",
        ));
    }
    path::check(&operation.path)?;
    match method {
        Method::Delete => operation.data = Value::Null,
        _ if operation.data.is_object() => {}
        _ => {
            return Err(Error::invalid_syntax(format!(
                "data is missing: {method} needs it, as an object"
            )));
        }
    }
    if method == Method::Post && operation.bulk_id.is_none() {
        return Err(Error::invalid_syntax(
            "bulkId is missing: POST needs one, so that its result can be told from the others",
        ));
    }
    Ok(())
}
