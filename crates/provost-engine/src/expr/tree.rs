//! An expression as a tree in JSON, in the shape of Microsoft Graph's `attributeMappingSource`: `type`,
//! `name`, `expression` and `parameters` with their keys.

use serde_json::{Value as Json, json};

use super::{Call, Expr, Node};

/// The tree of an expression.
///
/// A part is `{"type": "Attribute" | "Constant" | "Function", "name", "expression", "parameters"}`, where
/// `name` is the attribute's path, the constant's bare text, the function's name or a comparison's sign.
/// Omitted arguments are missing from the parameters, and repeated ones repeat their key, as in Graph.
pub fn tree(expr: &Expr) -> Json {
    let (kind, name, parameters) = match &expr.node {
        Node::Attribute(lookup) => ("Attribute", lookup.text().to_owned(), Vec::new()),
        Node::Text(text) => ("Constant", text.clone(), Vec::new()),
        Node::Integer(number) => ("Constant", number.to_string(), Vec::new()),
        Node::Keyword(keyword) => ("Constant", keyword.name().to_owned(), Vec::new()),
        Node::Omitted | Node::Broken => ("Constant", String::new(), Vec::new()),
        Node::Call(call) => ("Function", call.function.doc.name.to_owned(), arguments(call)),
        Node::Compare(how, sides) => (
            "Function",
            how.sign().to_owned(),
            vec![parameter("left", &sides.0), parameter("right", &sides.1)],
        ),
        Node::Concat(parts) => (
            "Function",
            "&".to_owned(),
            parts.iter().map(|part| parameter("source", part)).collect(),
        ),
    };
    json!({
        "type": kind,
        "name": name,
        "expression": expr.to_string(),
        "parameters": parameters,
    })
}

fn arguments(call: &Call) -> Vec<Json> {
    let total = call.arguments.len();
    call.arguments
        .iter()
        .enumerate()
        .filter(|(_, argument)| !matches!(argument.node, Node::Omitted))
        .map(|(index, argument)| parameter(&key(call, index, total), argument))
        .collect()
}

fn parameter(key: &str, value: &Expr) -> Json {
    json!({"key": key, "value": tree(value)})
}

/// The keys of Replace's arguments in their order: Graph's, which are not those of the function's documentation.
pub(crate) const REPLACE_KEYS: [&str; 7] = [
    "source",
    "Find",
    "RegularExpression",
    "RegularExpressionGroupName",
    "Replacement",
    "ReplacementPropertyName",
    "Template",
];

/// The key of an argument: Graph's where it differs from the name in the function's signature.
fn key(call: &Call, index: usize, total: usize) -> String {
    match (call.function.doc.name, index) {
        ("Replace", _) => REPLACE_KEYS.get(index).copied().unwrap_or("source").to_owned(),
        ("Switch", 1) => "defaultValue".to_owned(),
        ("Switch", 2..) => "switchValue".to_owned(),
        ("FormatDateTime", 1..) if total < 4 => call.function.parameter(index + 1),
        _ => call.function.parameter(index),
    }
}
