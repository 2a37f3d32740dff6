//! Synchronization schemas of Microsoft Entra: read as rules, and written back without loss.
//!
//! The file is what *Review your schema* in the portal downloads, what `GET …/synchronization/jobs/{id}/schema`
//! of Microsoft Graph answers (resource type `synchronizationSchema`), or a template that wraps one in
//! `schema`. Each object mapping becomes a rule. Entra's attribute names become paths of our directory
//! ([`alias`]), also inside expressions; target attributes stay as they are.
//!
//! What cannot be carried over is listed with its place and never changes who is meant: a rule whose scope
//! would grow without the missing part comes out switched off.

pub mod alias;

mod attribute;
mod declared;
mod expression;
mod loss;
mod read;
mod scope;
mod source;
mod write;

pub use loss::lost;
pub use write::export;

use serde::Serialize;
use serde_json::Value;

use crate::rule::Rule;

/// The largest file that is read, in bytes. Real ones have a few megabytes, most of them directories.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A schema that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// One rule for each object mapping that can be carried over, in the file's order. All of them compile.
    pub rules: Vec<Rule>,
    /// What is different here, or missing.
    pub problems: Vec<Problem>,
    /// The file, for [`export`]: what we do not know is kept from it.
    pub original: Value,
}

/// How much a problem matters.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is not carried over.
    Unsupported,
    /// It is carried over, but somebody should know.
    Note,
}

/// Something that was not carried over, or not as it stood.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// Where: names from the outside in, joined by " / ".
    pub place: String,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    fn unsupported(place: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Unsupported,
            place: place.to_owned(),
            message: message.into(),
            hint: hint.into(),
        }
    }

    fn note(place: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::unsupported(place, message, hint)
        }
    }
}

/// Reads a schema.
///
/// # Errors
/// Every reason why the file as a whole cannot be used: it is too large, no JSON, no synchronization
/// schema, or maps a target attribute twice.
pub fn parse(text: &str) -> Result<Import, Vec<Problem>> {
    const WHOLE: &str = "the file";
    if text.len() > MAX_BYTES {
        let message = format!("it has more than {MAX_BYTES} bytes");
        let hint = "remove the attributes of the directories that no mapping uses";
        return Err(vec![Problem::unsupported(WHOLE, message, hint)]);
    }
    let text = text.trim_start_matches('\u{feff}');
    let original: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let hint = "download the schema again and do not edit it by hand";
        vec![Problem::unsupported(&place, "the file is no correct JSON", hint)]
    })?;
    let Some(schema) = schema(&original) else {
        let message = "it has no \"synchronizationRules\"";
        let hint =
            "download it in the portal under Provisioning, Edit attribute mappings, Review your schema";
        return Err(vec![Problem::unsupported(WHOLE, message, hint)]);
    };
    let twice = read::duplicates(schema);
    if !twice.is_empty() {
        return Err(twice);
    }
    let (mappings, problems) = read::all(schema);
    Ok(Import {
        rules: mappings.into_iter().filter_map(|one| one.rule).collect(),
        problems,
        original,
    })
}

/// The schema itself, also inside a template.
fn schema(file: &Value) -> Option<&Value> {
    [file.get("schema"), Some(file)]
        .into_iter()
        .flatten()
        .find(|candidate| candidate.get(RULES).is_some_and(Value::is_array))
}

const RULES: &str = "synchronizationRules";
const MAPPINGS: &str = "objectMappings";
const ATTRIBUTES: &str = "attributeMappings";

/// A text member; absent and null are none.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// The elements of a list member; absent is empty.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Whether two names of an enumeration are the same; vendors write them in several ways.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let chars = text.chars().filter(|c| !c.is_whitespace() && *c != '_');
        chars.map(|c| c.to_ascii_lowercase()).collect()
    };
    plain(one) == plain(other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
