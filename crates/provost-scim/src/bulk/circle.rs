//! References that lead in a circle. A resource of the circle is created without them, and they are set by
//! a PATCH once the others exist (RFC 7644 section 3.7.1 asks for an attempt, not for a way).

use serde_json::{Map, Value, json};

use super::reference::mentions;
use crate::schema::PATCH_OP;

/// Something that was taken out of the body of a POST.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// Where it belongs: the path of a PATCH operation.
    path: String,
    /// Whether it is one element of a list.
    is_element: bool,
    value: Value,
}

impl Piece {
    /// Whether it refers to one of the names that `wanted` accepts.
    pub(super) fn mentions(&mut self, wanted: &dyn Fn(&str) -> bool) -> bool {
        mentions(&self.path, &mut self.value, wanted)
    }

    /// Whether the server's sentence is about the attribute that was taken out.
    pub(super) fn is_named_in(&self, sentence: &str) -> bool {
        let last = self.path.rsplit(':').next().unwrap_or(&self.path);
        let attribute = last.split('.').next().unwrap_or(last);
        let words = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'));
        let mut words = sentence.split(words);
        words.any(|word| word.eq_ignore_ascii_case(attribute))
    }
}

/// Takes out of the body of a POST what refers to the names that `circular` accepts: elements of lists, and
/// other attributes as a whole.
pub(super) fn take_out(data: &mut Value, circular: &dyn Fn(&str) -> bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Value::Object(body) = data {
        attributes(body, None, circular, &mut pieces);
    }
    pieces
}

fn attributes(
    body: &mut Map<String, Value>,
    urn: Option<&str>,
    circular: &dyn Fn(&str) -> bool,
    pieces: &mut Vec<Piece>,
) {
    body.retain(|key, value| {
        let path = match urn {
            Some(urn) => format!("{urn}:{key}"),
            None => key.clone(),
        };
        match value {
            Value::Array(list) => {
                list.retain_mut(|element| {
                    let leaves = mentions(key, element, circular);
                    if leaves {
                        pieces.push(Piece {
                            path: path.clone(),
                            is_element: true,
                            value: element.take(),
                        });
                    }
                    !leaves
                });
                true
            }
            Value::Object(extension) if urn.is_none() && is_extension(key, extension) => {
                attributes(extension, Some(key), circular, pieces);
                true
            }
            single => {
                let leaves = mentions(key, single, circular);
                if leaves {
                    pieces.push(Piece {
                        path,
                        is_element: false,
                        value: single.take(),
                    });
                }
                !leaves
            }
        }
    });
}

/// Whether a key names an extension, rather than an attribute of one with its URN in front.
fn is_extension(key: &str, value: &Map<String, Value>) -> bool {
    let urn = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    let is_reference =
        |name: &String| name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case("$ref");
    urn && !value.keys().any(is_reference)
}

/// The body of the PATCH that puts the pieces where they belong; elements of one list go together.
pub(super) fn patch(pieces: Vec<Piece>) -> Value {
    let mut operations: Vec<Value> = Vec::new();
    let mut open: Option<(String, Vec<Value>)> = None;
    let close = |open: Option<(String, Vec<Value>)>, operations: &mut Vec<Value>| {
        if let Some((path, list)) = open {
            operations.push(json!({"op": "add", "path": path, "value": list}));
        }
    };
    for piece in pieces {
        match &mut open {
            Some((path, list)) if piece.is_element && *path == piece.path => list.push(piece.value),
            _ => {
                close(open.take(), &mut operations);
                if piece.is_element {
                    open = Some((piece.path, vec![piece.value]));
                } else {
                    operations.push(json!({"op": "add", "path": piece.path, "value": piece.value}));
                }
            }
        }
    }
    close(open, &mut operations);
    json!({"schemas": [PATCH_OP], "Operations": operations})
}
