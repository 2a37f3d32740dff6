//! Walking through a body, with a budget for what comes out.

use serde_json::{Map, Value};

use super::rule::{self, Holder, Inside, Rule};
use super::{MAX_BYTES, OMITTED, expression, ruled, text};
use crate::schema::{GROUP, ResourceType};

/// Bytes that a list or an object sets aside for saying how much of it is missing, its brackets included.
const MARK: usize = 48;

/// Longest key that is kept.
const MAX_KEY: usize = 256;

pub(super) fn masked(rt: Option<&ResourceType>, value: &Value) -> Value {
    let mut walk = Walk { rt, left: MAX_BYTES };
    let inside = Inside {
        group: rt.is_some_and(|rt| rt.schema.id == GROUP),
        holder: Holder::Plain,
    };
    walk.value(value, Rule::Mask, inside)
        .unwrap_or_else(|| Value::from(OMITTED))
}

struct Walk<'a> {
    rt: Option<&'a ResourceType>,
    left: usize,
}

impl Walk<'_> {
    /// `rule` is for a text that stands here, `inside` for what is below. `None` when there is no room.
    fn value(&mut self, value: &Value, rule: Rule, inside: Inside) -> Option<Value> {
        match value {
            Value::Object(map) if rule != Rule::Secret => self.object(map, inside),
            Value::Array(list) if rule != Rule::Secret => self.list(list, rule, inside),
            Value::Null | Value::Bool(_) | Value::Number(_) if rule != Rule::Secret => {
                self.leaf(value.clone())
            }
            Value::String(found) => self.leaf(Value::from(ruled(self.rt, rule, found))),
            _ => self.leaf(Value::from(OMITTED)),
        }
    }

    fn leaf(&mut self, value: Value) -> Option<Value> {
        self.spend(match &value {
            Value::String(text) => length(text),
            Value::Number(number) => number.to_string().len(),
            _ => "false".len(),
        })?;
        Some(value)
    }

    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        Some(())
    }

    fn list(&mut self, list: &[Value], rule: Rule, inside: Inside) -> Option<Value> {
        self.spend(MARK)?;
        let mut out = Vec::new();
        for (index, element) in list.iter().enumerate() {
            let shown = self.spend(1).and_then(|()| self.value(element, rule, inside));
            match shown {
                Some(shown) => out.push(shown),
                None => {
                    out.push(Value::from(missing(list.len() - index)));
                    break;
                }
            }
        }
        Some(Value::Array(out))
    }

    fn object(&mut self, map: &Map<String, Value>, inside: Inside) -> Option<Value> {
        self.spend(MARK)?;
        let frame = Frame::of(map, inside);
        let mut out = Map::new();
        for (index, (key, value)) in map.iter().enumerate() {
            let name = self.key(key);
            let (rule, below) = frame.place(key);
            let shown = self
                .spend(length(&name) + 2)
                .and_then(|()| self.value(value, rule, below));
            let Some(shown) = shown else {
                out.insert(OMITTED.to_owned(), Value::from(missing(map.len() - index)));
                break;
            };
            out.insert(name, shown);
        }
        Some(Value::Object(out))
    }

    /// A key is the name of an attribute, or a path with a filter in it.
    fn key(&self, key: &str) -> String {
        if key.contains(['[', '"', ' ', '@']) {
            expression(self.rt, key)
        } else if key.len() > MAX_KEY {
            text(key)
        } else {
            key.to_owned()
        }
    }
}

/// Bytes of a text as JSON, at most.
fn length(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\'));
    text.len() + 2 + 5 * escaped.count()
}

fn missing(count: usize) -> String {
    format!("{OMITTED} {count} more")
}

/// What an object is, as far as it decides about its values.
struct Frame<'a> {
    inside: Inside,
    /// Of a PATCH operation, what its `value` is the value of.
    target: Option<&'a str>,
}

impl<'a> Frame<'a> {
    fn of(map: &'a Map<String, Value>, inside: Inside) -> Self {
        let get = |name: &str| {
            let found = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        };
        let path = get("path").and_then(Value::as_str);
        let bulk = get("method").is_some();
        let holder = if bulk {
            Holder::BulkOperation
        } else {
            inside.holder
        };
        let names_group = get("schemas").is_some_and(is_of_a_group);
        let goes_to_group = bulk && path.is_some_and(|path| path.to_ascii_lowercase().contains("/groups"));
        let group = inside.group || names_group || goes_to_group;
        let target = path.filter(|_| get("op").is_some());
        Self {
            inside: Inside { group, holder },
            target,
        }
    }

    fn place(&self, key: &str) -> (Rule, Inside) {
        match self.target {
            Some(path) if key.eq_ignore_ascii_case("value") => rule::of_path(path, self.inside),
            _ => rule::of_path(key, self.inside),
        }
    }
}

fn is_of_a_group(schemas: &Value) -> bool {
    let is_group = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(GROUP));
    schemas.as_array().is_some_and(|list| list.iter().any(is_group))
}
