//! What may be kept of a request in a log: its shape, and nothing personal that is not needed to find the
//! object again.
//!
//! Names of attributes, booleans, numbers, ids, and the few texts on the list in `rule` stay. Every other
//! text becomes its first letter and its length, `A…(12)`: enough to see that the wrong attribute was
//! mapped, not enough to know the person. What is named like a secret becomes `…`, whatever it holds.

mod expression;
mod rule;
mod walk;

use serde_json::Value;

use crate::schema::ResourceType;
use rule::Rule;

/// Longest result, in bytes of JSON. What does not fit is left out, and a mark says so.
pub const MAX_BYTES: usize = 8 * 1024;

/// Stands for something that was left out.
const OMITTED: &str = "…";

/// Longest text that is kept as it is, in characters.
const MAX_KEPT: usize = 256;

/// The body of a request, masked. The `displayName` of a group is kept where the body says by its `schemas`
/// that it is a group's.
#[must_use]
pub fn body(value: &Value) -> Value {
    walk::masked(None, value)
}

/// [`body`] for a request about resources of type `rt`: the `displayName` of a group is kept in every body,
/// and the attributes of the workspace's own extensions are known.
#[must_use]
pub fn body_of(rt: &ResourceType, value: &Value) -> Value {
    walk::masked(Some(rt), value)
}

/// The parameters of an address, decoded, as one line: `filter=…&startIndex=1`. The literals of a filter
/// follow the rules of a body.
#[must_use]
pub fn query(pairs: &[(String, String)]) -> String {
    line(None, pairs)
}

/// [`query`] for a request about resources of type `rt`.
#[must_use]
pub fn query_of(rt: &ResourceType, pairs: &[(String, String)]) -> String {
    line(Some(rt), pairs)
}

/// A filter or the path of a PATCH operation, its literals masked. It need not be well-formed: what is no
/// attribute, operator or number is masked as a text.
#[must_use]
pub fn expression(rt: Option<&ResourceType>, text: &str) -> String {
    expression::masked(rt, text)
}

/// One text that must not be read: its first letter and how many characters it has.
#[must_use]
pub fn text(text: &str) -> String {
    let length = text.chars().count();
    match text.chars().next() {
        None => String::new(),
        // The first letter of a single one would be the text itself.
        Some(_) if length == 1 => "…(1)".to_owned(),
        Some(first) => format!("{first}…({length})"),
    }
}

/// A text under a rule.
fn ruled(rt: Option<&ResourceType>, rule: Rule, found: &str) -> String {
    match rule {
        Rule::Keep => shortened(found),
        Rule::Reference | Rule::Address if rule::is_like_an_id(found) => shortened(found),
        Rule::Mask if rule::is_boolean_word(found) => found.to_owned(),
        Rule::Mask | Rule::Reference | Rule::Address => text(found),
        Rule::Secret => OMITTED.to_owned(),
        Rule::Expression => expression(rt, found),
        Rule::Names => found
            .split(',')
            .map(|name| expression(rt, name.trim()))
            .collect::<Vec<_>>()
            .join(","),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_KEPT) {
        Some((end, _)) => format!("{}{OMITTED}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn line(rt: Option<&ResourceType>, pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        let shown = match rule::of_parameter(name) {
            Some(rule) => format!("{}={}", name, ruled(rt, rule, value)),
            // A flag that a vendor adds, such as aadOptscim062020, is worth seeing; its value need not be.
            None if rule::is_like_a_name(name) => format!("{}={}", name, text(value)),
            None => format!("{}={}", text(name), text(value)),
        };
        if out.len() + shown.len() + 2 * OMITTED.len() > MAX_BYTES {
            out.push_str(OMITTED);
            break;
        }
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&shown);
    }
    out
}

#[cfg(test)]
mod tests;
