//! The words for bodies that change something.

use serde_json::Value;

use crate::filter::{Filter, ValuePath};
use crate::mask;
use crate::patch::{Operation, PatchOp};
use crate::path::AttrPath;
use crate::schema::{ResourceType, USER};

/// Longest name of an object in a line, in characters.
const MAX_LABEL: usize = 100;

/// `3 creates`, `1 create`.
pub(super) fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

/// Who or what a body describes: `ada@contoso.com`, `group "Crew" with 2 members`.
pub(super) fn described(rt: &ResourceType, body: &Value) -> String {
    if is_person(rt) {
        let name = label(body, "userName").unwrap_or_else(|| "a person".to_owned());
        let activity = if active(body) == Some(false) {
            ", deactivated"
        } else {
            ""
        };
        return format!("{name}{activity}");
    }
    let name = label(body, "displayName").map_or("a group".to_owned(), |name| format!("group \"{name}\""));
    match members(body) {
        Some(count) if count > 0 => format!("{name} with {}", counted(count, "member")),
        _ => name,
    }
}

/// `replace`, and what of it an administrator has to know.
pub(super) fn replacement(rt: &ResourceType, body: &Value) -> String {
    if is_person(rt) {
        match active(body) {
            Some(false) => "replace; deactivate".to_owned(),
            _ => "replace".to_owned(),
        }
    } else {
        match members(body) {
            Some(count) => format!("replace with {}", counted(count, "member")),
            // A body without the list empties the group.
            None => "replace without members".to_owned(),
        }
    }
}

fn is_person(rt: &ResourceType) -> bool {
    rt.schema.id == USER
}

fn get<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let found = body
        .as_object()?
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

fn label(body: &Value, name: &str) -> Option<String> {
    let text = get(body, name)?.as_str()?;
    let text: String = text.chars().take(MAX_LABEL).collect();
    (!text.is_empty()).then_some(text)
}

fn active(body: &Value) -> Option<bool> {
    boolean(get(body, "active")?)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn members(body: &Value) -> Option<usize> {
    get(body, "members").map(elements)
}

fn elements(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(list) => list.len(),
        _ => 1,
    }
}

/// A path for people: the attribute of an extension without its URN where the name alone says enough.
pub(super) fn short(rt: &ResourceType, path: &AttrPath) -> String {
    let Some(urn) = &path.urn else {
        return path.to_string();
    };
    if path.is_whole_schema() {
        return rt.extension(urn).map_or(urn, |schema| &schema.name).clone();
    }
    let alone = rt.core_attribute(&path.name).is_none()
        && rt
            .extension_of(&path.name)
            .is_some_and(|(schema, _)| schema.id == *urn);
    if alone {
        AttrPath {
            urn: None,
            ..path.clone()
        }
        .to_string()
    } else {
        path.to_string()
    }
}

/// A filter for people: `manager eq "7c2"`, whatever extension the manager is in.
pub(super) fn without_urns(rt: &ResourceType, filter: String) -> String {
    let urns = rt.extensions.iter().map(|(schema, _)| format!("{}:", schema.id));
    urns.fold(filter, |filter, urn| filter.replace(&urn, ""))
}

fn target(rt: &ResourceType, path: &ValuePath) -> String {
    let mut text = short(rt, &path.path);
    if let Some(filter) = &path.filter {
        text.push_str(&format!("[{filter}]"));
    }
    if let Some(sub) = &path.sub {
        text.push_str(&format!(".{sub}"));
    }
    match &path.filter {
        Some(_) => mask::expression(Some(rt), &text),
        None => text,
    }
}

/// A PATCH: `deactivate; set title; clear manager; add 2 members`.
pub(super) fn operations(rt: &ResourceType, operations: &[Operation]) -> String {
    let mut words = Words::default();
    for operation in operations {
        words.note(rt, operation);
    }
    words.line()
}

/// What the operations do, each kind of change once.
#[derive(Default)]
struct Words {
    activity: Option<&'static str>,
    set: Vec<String>,
    clear: Vec<String>,
    lists: Vec<String>,
    members: Members,
}

#[derive(Default)]
struct Members {
    added: usize,
    removed: usize,
    emptied: bool,
    replaced: Option<usize>,
}

impl Words {
    fn note(&mut self, rt: &ResourceType, operation: &Operation) {
        let path = &operation.path;
        let core = path.path.urn.is_none() && path.path.sub.is_none();
        if core && path.path.name == "members" {
            return self.members.note(operation);
        }
        let name = || target(rt, path);
        let value = operation.value.as_ref();
        let empty = value.is_none_or(|value| value.is_null() || value.as_str() == Some(""));
        let whole_list = path.filter.is_none()
            && path.path.sub.is_none()
            && rt.top(&path.path).is_some_and(|top| top.multi_valued);
        let count = || value.map_or(0, elements);
        match operation.op {
            PatchOp::Remove if whole_list && !empty => {
                self.lists.push(format!("remove {} from {}", count(), name()));
            }
            PatchOp::Add if whole_list && !empty => {
                self.lists.push(format!("add {} to {}", count(), name()));
            }
            PatchOp::Remove => once(&mut self.clear, name()),
            PatchOp::Add | PatchOp::Replace if empty => once(&mut self.clear, name()),
            PatchOp::Add | PatchOp::Replace => match value.and_then(boolean) {
                Some(active) if core && path.path.name == "active" => {
                    self.activity = Some(if active { "activate" } else { "deactivate" });
                }
                _ => once(&mut self.set, name()),
            },
        }
    }

    fn line(self) -> String {
        let named = |verb: &str, names: Vec<String>| {
            (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")))
        };
        let parts = [
            self.activity.map(str::to_owned),
            named("set", self.set),
            named("clear", self.clear),
            (!self.lists.is_empty()).then(|| self.lists.join(", ")),
            self.members.phrase(),
        ];
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        if line.is_empty() {
            "change nothing".to_owned()
        } else {
            line
        }
    }
}

fn once(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

impl Members {
    fn note(&mut self, operation: &Operation) {
        let named = operation.value.as_ref().map_or(0, elements);
        let selected = operation.path.filter.as_ref().map(selected);
        match (operation.op, selected) {
            (PatchOp::Add, selected) => self.added += selected.unwrap_or(named),
            (PatchOp::Remove, None) if operation.value.as_ref().is_none_or(Value::is_null) => {
                self.emptied = true;
            }
            (PatchOp::Remove, selected) => self.removed += selected.unwrap_or(named),
            (PatchOp::Replace, Some(selected)) => self.removed += selected,
            (PatchOp::Replace, None) => self.replaced = Some(named),
        }
    }

    fn phrase(&self) -> Option<String> {
        let counted =
            |verb: &str, count: usize| (count > 0).then(|| format!("{verb} {}", counted(count, "member")));
        let parts = [
            self.emptied.then(|| "remove all members".to_owned()),
            self.replaced
                .map(|count| format!("replace the members with {count}")),
            counted("add", self.added),
            counted("remove", self.removed),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// How many elements a filter by id selects at most.
fn selected(filter: &Filter) -> usize {
    match filter {
        Filter::Or(list) | Filter::And(list) => list.iter().map(selected).sum(),
        _ => 1,
    }
}
