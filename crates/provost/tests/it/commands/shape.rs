//! The shape of an answer for programs: which fields there are, and of which type.

use crate::run::show;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Output;

/// Levels that are looked into.
const DEEP: usize = 3;

/// The shape of what a command wrote; what is no JSON, and everything of a command that failed, as it is.
pub fn of(output: &Output) -> String {
    let text = show(output);
    let Ok(value) = serde_json::from_slice::<Value>(&output.stdout) else {
        return text;
    };
    let mut lines = BTreeSet::new();
    walk(&value, "", 0, &mut lines);
    let lines: Vec<String> = lines.into_iter().collect();
    let rest = text
        .split_once("--- stderr")
        .map_or("", |(_, rest)| rest.trim_start());
    let end = text.lines().last().unwrap_or_default();
    let rest = if rest.is_empty() { end } else { rest };
    format!("{}\n{rest}", lines.join("\n"))
}

fn walk(value: &Value, path: &str, depth: usize, lines: &mut BTreeSet<String>) {
    let name = if path.is_empty() { "." } else { path };
    match value {
        Value::Object(fields) if depth < DEEP && !fields.is_empty() => {
            for (field, inner) in fields {
                walk(inner, &format!("{path}.{field}"), depth + 1, lines);
            }
        }
        Value::Array(all) if !all.is_empty() => {
            for inner in all {
                walk(inner, &format!("{path}[]"), depth, lines);
            }
        }
        other => {
            lines.insert(format!("{name}: {}", word(other)));
        }
    }
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
