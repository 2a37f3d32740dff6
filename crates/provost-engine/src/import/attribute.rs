//! One attribute mapping, between Entra's shape and ours.

use serde_json::{Map, Value, json};

use super::declared::{Declared, FLOW_NULLS};
use super::{Problem, same, source, text};
use crate::mapping::{Apply, Mapping, MappingSource, NullPolicy, ValueType};
use crate::object::Kind;

/// What the mappings of one object mapping have in common.
pub(super) struct Surroundings<'v> {
    pub(super) kind: Kind,
    pub(super) source: Declared<'v>,
    pub(super) target: Declared<'v>,
}

/// A mapping that was read, with its precedence as a matching attribute; 0 is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attribute {
    pub(super) mapping: Mapping,
    pub(super) precedence: u32,
}

/// The flow types and their names.
const FLOW_TYPES: [(Apply, &str); 5] = [
    (Apply::Always, "Always"),
    (Apply::OnCreate, "ObjectAddOnly"),
    (Apply::AddOnly, "MultiValueAddOnly"),
    (Apply::ValueAddOnly, "ValueAddOnly"),
    (Apply::IfEmpty, "AttributeAddOnly"),
];

/// The target attribute of a mapping as it stands in the file.
pub(super) fn target(entry: &Value) -> &str {
    text(entry, "targetAttributeName").unwrap_or_default()
}

/// Reads one mapping; `None` when it cannot be carried over, which then stands in `problems`.
pub(super) fn read(
    entry: &Value,
    around: &Surroundings,
    place: &str,
    problems: &mut Vec<Problem>,
) -> Option<Attribute> {
    let target = target(entry);
    let place = &format!("{place} / {target}");
    let flow = text(entry, "flowType").unwrap_or("Always");
    let Some((apply, _)) = FLOW_TYPES.into_iter().find(|(_, name)| same(name, flow)) else {
        let message = format!("the flow type \"{flow}\" is not known");
        problems.push(Problem::unsupported(
            place,
            message,
            "choose when the mapping is applied",
        ));
        return None;
    };
    let found = match source::read(around.kind, entry.get("source").unwrap_or(&Value::Null)) {
        Ok(found) => found,
        Err((message, hint)) => {
            problems.push(Problem::unsupported(place, message, hint));
            return None;
        }
    };
    for (name, path) in &found.homeless {
        problems.push(homeless(place, name, path));
    }
    let raw = entry.get("source").and_then(|source| text(source, "name"));
    let reference = around.target.is_reference(target)
        || raw.is_some_and(|name| around.source.is_reference(name) || name.eq_ignore_ascii_case("manager"));
    let mut mapping = Mapping {
        apply,
        reference: reference && found.source != MappingSource::None,
        kind: value_type(around, target, &found.source, raw),
        resend: text(entry, "flowBehavior").is_some_and(|behavior| same(behavior, "FlowAlways")),
        default: default(entry),
        ..Mapping::none(target)
    };
    mapping.source = found.source;
    if flows_null(entry, around, raw) && mapping.default.is_none() && apply == Apply::Always {
        mapping.null = NullPolicy::Clear;
    }
    settle(&mut mapping, place, problems);
    Some(Attribute {
        precedence: precedence(entry),
        mapping,
    })
}

pub(super) fn homeless(place: &str, name: &str, path: &str) -> Problem {
    let message = format!("[{name}] has no place in SCIM; it is read from {path}");
    let hint = "define this extension and let Entra send the attribute there, or map another attribute";
    Problem::note(place, message, hint)
}

/// A number also as text; anything else is no matching attribute.
fn precedence(entry: &Value) -> u32 {
    let number = match entry.get("matchingPriority") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

fn default(entry: &Value) -> Option<Value> {
    let value = entry.get("defaultValue")?;
    let empty = value.is_null() || value.as_str() == Some("");
    (!empty).then(|| value.clone())
}

/// Values are converted to the declared type only where it makes a difference: `True` as text.
fn value_type(
    around: &Surroundings,
    target: &str,
    source: &MappingSource,
    raw: Option<&str>,
) -> Option<ValueType> {
    match around.target.value_type(target)? {
        ValueType::String => {
            let is_text = match source {
                MappingSource::Direct { .. } => raw.is_none_or(|name| {
                    around
                        .source
                        .value_type(name)
                        .is_none_or(|kind| kind == ValueType::String)
                }),
                MappingSource::Expression { .. } => false,
                MappingSource::Constant { .. }
                | MappingSource::Generated
                | MappingSource::Secret { .. }
                | MappingSource::None => true,
            };
            (!is_text).then_some(ValueType::String)
        }
        kind => Some(kind),
    }
}

/// Two switches, one on the source attribute and one on the mapping, both off by default.
fn flows_null(entry: &Value, around: &Surroundings, raw: Option<&str>) -> bool {
    entry.get(FLOW_NULLS) == Some(&Value::Bool(true))
        && raw.is_some_and(|name| around.source.flows_nulls(name))
}

/// Takes out what has no meaning in a reference.
fn settle(mapping: &mut Mapping, place: &str, problems: &mut Vec<Problem>) {
    if !mapping.reference {
        return;
    }
    mapping.kind = None;
    if mapping.default.take().is_some() {
        let message = "a reference has no default";
        problems.push(Problem::note(place, message, "an empty reference stays empty"));
    }
    if !matches!(mapping.apply, Apply::Always | Apply::ValueAddOnly) {
        mapping.apply = Apply::Always;
        let message = "a reference is always kept up to date";
        problems.push(Problem::note(
            place,
            message,
            "leave the mapping out if it must not be",
        ));
    }
}

/// Enters the parts of a mapping that differ from how `before` was read; everything else stays.
pub(super) fn write(entry: &mut Value, before: Option<&Attribute>, now: &Attribute, kind: Kind) {
    let Some(map) = entry.as_object_mut() else { return };
    let (was, is) = (before.map(|before| &before.mapping), &now.mapping);
    if was.is_none_or(|was| was.source != is.source) {
        map.insert("source".to_owned(), source::write(kind, &is.source));
    }
    if was.is_none_or(|was| was.default != is.default) {
        let default = is.default.as_ref().map(source::plain);
        map.insert("defaultValue".to_owned(), json!(default));
    }
    if was.is_none_or(|was| was.apply != is.apply) {
        let name = FLOW_TYPES.iter().find(|(apply, _)| *apply == is.apply);
        map.insert("flowType".to_owned(), json!(name.map(|(_, name)| name)));
    }
    if was.is_none_or(|was| was.resend != is.resend) {
        let behavior = if is.resend {
            "FlowAlways"
        } else {
            "FlowWhenChanged"
        };
        map.insert("flowBehavior".to_owned(), json!(behavior));
    }
    let clears = |mapping: &Mapping| mapping.null == NullPolicy::Clear;
    if was.map_or(clears(is), |was| clears(was) != clears(is)) {
        map.insert(FLOW_NULLS.to_owned(), json!(clears(is)));
    }
    if before.is_none_or(|before| before.precedence != now.precedence) {
        map.insert("matchingPriority".to_owned(), json!(now.precedence));
    }
}

/// A new mapping in Entra's shape.
pub(super) fn fresh(now: &Attribute, kind: Kind) -> Value {
    let mut map = Map::new();
    map.insert("targetAttributeName".to_owned(), json!(now.mapping.target));
    map.insert("exportMissingReferences".to_owned(), json!(false));
    let mut entry = Value::Object(map);
    write(&mut entry, None, now, kind);
    entry
}
