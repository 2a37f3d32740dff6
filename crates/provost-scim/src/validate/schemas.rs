//! The `schemas` of a body (RFC 7643 section 3): the base URN, and an extension's where its object is
//! present. What is stored derives them from the document, so here they are only checked.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::leniency::{Habit, Tolerance};
use crate::resource::Document;
use crate::schema::ResourceType;

/// Checks the declared URNs against the resource type and against the extensions that are present.
pub(super) fn check(
    rt: &ResourceType,
    declared: &Value,
    document: &Document,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    let declared = urns(declared)?;
    let has = |urn: &str| {
        declared
            .iter()
            .any(|sent| sent.as_str().is_some_and(|sent| sent.eq_ignore_ascii_case(urn)))
    };
    if !has(&rt.schema.id) && !tolerance.of(Habit::MissingSchemas) {
        return Err(Error::invalid_syntax(format!(
            "schemas must contain {}",
            rt.schema.id
        )));
    }
    for sent in declared.iter().filter_map(Value::as_str) {
        let known = rt
            .all_schemas()
            .any(|schema| schema.id.eq_ignore_ascii_case(sent));
        if !known && !tolerance.of(Habit::UnknownSchema) {
            let shown: String = sent.chars().take(120).collect();
            return Err(Error::invalid_syntax(format!(
                "schemas: {shown} is not a schema of a {}",
                rt.name
            )));
        }
    }
    if declared.is_empty() {
        return Ok(());
    }
    for (extension, _) in &rt.extensions {
        let undeclared = document.contains_key(&extension.id) && !has(&extension.id);
        if undeclared && !tolerance.of(Habit::UndeclaredExtension) {
            return Err(Error::invalid_syntax(format!(
                "schemas must contain {}: its object is present",
                extension.id
            )));
        }
    }
    Ok(())
}

fn urns(declared: &Value) -> Result<&[Value]> {
    match declared {
        Value::Null => Ok(&[]),
        Value::Array(list) if list.iter().all(Value::is_string) => Ok(list),
        _ => Err(Error::invalid_syntax(
            "schemas must be a list of URNs, each as text",
        )),
    }
}
