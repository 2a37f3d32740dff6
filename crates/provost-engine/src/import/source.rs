//! Where a mapping's value comes from: between Entra's `attributeMappingSource` and ours.

use serde_json::{Value, json};

use super::{alias, expression, list, same, text};
use crate::expr::{self, REPLACE_KEYS};
use crate::mapping::MappingSource;
use crate::object::Kind;

/// Calls nested deeper than this are not put together from a parameter tree.
const MAX_DEPTH: usize = 40;

/// A source that was read, and the attributes in it that SCIM has no place for, with the place they got.
pub(super) struct Source {
    pub(super) source: MappingSource,
    pub(super) homeless: Vec<(String, String)>,
}

/// Reads a mapping's source; `Err` is what is wrong and what to do.
pub(super) fn read(kind: Kind, source: &Value) -> Result<Source, (String, String)> {
    let mut homeless = Vec::new();
    let mut rename = |name: &str| {
        let place = alias::to_directory(kind, name);
        if matches!(place, alias::Place::Extension(_)) {
            homeless.push((name.trim().to_owned(), place.path().to_owned()));
        }
        place.path().to_owned()
    };
    let declared = text(source, "type").unwrap_or_default();
    let source = if source.is_null() {
        MappingSource::None
    } else if same(declared, "Attribute") {
        MappingSource::Direct {
            attribute: rename(attribute_name(source).ok_or_else(nameless)?),
        }
    } else if same(declared, "Constant") {
        constant(source)?
    } else if same(declared, "Function") {
        function(source, rename)?
    } else {
        return Err((
            format!("sources of the type \"{declared}\" are not known"),
            "map the attribute from an attribute, a constant or an expression".to_owned(),
        ));
    };
    Ok(Source { source, homeless })
}

/// The expression as it is written; where only its tree is given, put together from that.
fn function(source: &Value, rename: impl FnMut(&str) -> String) -> Result<MappingSource, (String, String)> {
    let written = text(source, "expression").filter(|text| !text.trim().is_empty());
    let written = match written {
        Some(text) => text.to_owned(),
        None => from_tree(source, 0).ok_or_else(nameless)?,
    };
    let text = expression::rename(&written, rename).map_err(|errors| {
        let (messages, hints): (Vec<_>, Vec<_>) = errors
            .into_iter()
            .map(|error| (error.message, error.hint))
            .unzip();
        (messages.join("; "), hints.into_iter().next().unwrap_or_default())
    })?;
    Ok(MappingSource::Expression { text })
}

fn nameless() -> (String, String) {
    (
        "the source has neither a name nor an expression".to_owned(),
        "correct the file, or map the attribute anew".to_owned(),
    )
}

fn attribute_name(source: &Value) -> Option<&str> {
    let bare = text(source, "name").filter(|name| !name.trim().is_empty());
    bare.or_else(|| {
        text(source, "expression")?
            .trim()
            .strip_prefix('[')?
            .strip_suffix(']')
    })
}

/// `name` holds the bare value, `expression` the quoted one.
fn constant(source: &Value) -> Result<MappingSource, (String, String)> {
    let quoted = || {
        let text = text(source, "expression")?.trim();
        let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Some(inside.unwrap_or(text).replace("\\\"", "\"").replace("\\\\", "\\"))
    };
    let bare = text(source, "name").map(str::to_owned);
    match bare.or_else(quoted).filter(|value| !value.is_empty()) {
        Some(value) => Ok(MappingSource::Constant {
            value: Value::String(value),
        }),
        None => Err((
            "the constant is empty, and an empty text is no value".to_owned(),
            "leave the mapping out, or clear the attribute with a null policy".to_owned(),
        )),
    }
}

/// The text of a function that is given only as a tree of parameters.
fn from_tree(source: &Value, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let declared = text(source, "type").unwrap_or_default();
    if same(declared, "Attribute") {
        return Some(format!("[{}]", attribute_name(source)?));
    }
    let name = text(source, "name")?;
    if same(declared, "Constant") {
        return Some(quote(name));
    }
    let mut arguments: Vec<String> = Vec::new();
    for parameter in list(source, "parameters") {
        let value = from_tree(parameter.get("value")?, depth + 1)?;
        let key = text(parameter, "key").unwrap_or_default();
        // An argument that was omitted is missing from the tree, and its place has to stay empty.
        if let Some(place) = place(name, key) {
            while arguments.len() < place {
                arguments.push(String::new());
            }
        }
        arguments.push(value);
    }
    Some(format!("{name}({})", arguments.join(", ")))
}

/// The place of a parameter in functions that have optional ones in the middle.
fn place(function: &str, key: &str) -> Option<usize> {
    match function {
        "Replace" => REPLACE_KEYS.iter().position(|name| same(name, key)),
        "Switch" if same(key, "switchValue") => Some(2),
        _ => None,
    }
}

/// A text as a string constant of the expression language.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Writes a mapping's source in Entra's shape.
pub(super) fn write(kind: Kind, source: &MappingSource) -> Value {
    match source {
        // Entra's schemas make up nothing and keep nothing sealed; see `super::lost`.
        MappingSource::None | MappingSource::Generated | MappingSource::Secret { .. } => Value::Null,
        MappingSource::Direct { attribute } => {
            let name = alias::to_entra(kind, attribute);
            json!({"type": "Attribute", "expression": format!("[{name}]"), "name": name, "parameters": []})
        }
        MappingSource::Constant { value } => {
            let name = plain(value);
            json!({"type": "Constant", "expression": quote(&name), "name": name, "parameters": []})
        }
        MappingSource::Expression { text } => {
            let renamed = expression::rename(text, |path| alias::to_entra(kind, path));
            let text = renamed.unwrap_or_else(|_| text.clone());
            let mut tree = match expr::parse(&text) {
                Ok(expr) => expr::tree(&expr),
                Err(_) => json!({"type": "Function", "name": "", "parameters": []}),
            };
            tree["expression"] = Value::String(text);
            tree
        }
    }
}

/// A value as the text that Entra keeps.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown(source: &Value) -> String {
        match read(Kind::Person, source) {
            Ok(found) => match found.source {
                MappingSource::None => "none".to_owned(),
                MappingSource::Direct { attribute } => format!("direct {attribute}"),
                MappingSource::Constant { value } => format!("constant {value}"),
                MappingSource::Expression { text } => text,
                other => panic!("a schema has no {other:?}"),
            },
            Err((message, _)) => format!("! {message}"),
        }
    }

    #[test]
    fn every_type_of_source_is_read() {
        let attribute = |name: &str| json!({"type": "Attribute", "name": name});
        let replace = json!({"type": "Function", "name": "Replace", "parameters": [
            {"key": "source", "value": attribute("mobile")},
            {"key": "RegularExpression", "value": {"type": "Constant", "name": "^\\+"}},
            {"key": "Replacement", "value": {"type": "Constant", "name": "00"}}
        ]});
        let switch = json!({"type": "function", "name": "Switch", "expression": "", "parameters": [
            {"key": "source", "value": attribute("IsSoftDeleted")},
            {"key": "switchValue", "value": {"type": "Constant", "name": "False"}},
            {"key": "switchValue", "value": {"type": "Constant", "name": "True"}}
        ]});
        for (source, expected) in [
            (Value::Null, "none"),
            (attribute("surname"), "direct name.familyName"),
            (
                json!({"type": "attribute", "expression": "[city]"}),
                "direct addresses[type eq \"work\"].locality",
            ),
            (
                json!({"type": "Constant", "name": "1", "expression": "\"1\""}),
                "constant \"1\"",
            ),
            (
                json!({"type": "Constant", "expression": "\"a \\\"b\\\"\""}),
                "constant \"a \\\"b\\\"\"",
            ),
            (
                json!({"type": "Constant", "name": ""}),
                "! the constant is empty, and an empty text is no value",
            ),
            (
                json!({"type": "Function", "expression": "Not([IsSoftDeleted])", "name": "ignored"}),
                "Not([IsSoftDeleted])",
            ),
            (
                replace,
                "Replace([phoneNumbers[type eq \"mobile\"].value], , \"^\\\\+\", , \"00\")",
            ),
            (switch, "Switch([IsSoftDeleted], , \"False\", \"True\")"),
            (
                json!({"type": "Function", "expression": "Jion(1)"}),
                "! there is no function Jion",
            ),
            (
                json!({"type": "Workflow"}),
                "! sources of the type \"Workflow\" are not known",
            ),
        ] {
            assert_eq!(shown(&source), expected);
        }
    }
}
