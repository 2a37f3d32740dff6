//! From what a rule wants to what is written: flow types that depend on what is there already.

use serde_json::Value;

use super::compiled::Compiled;
use super::evaluate::Evaluation;
use crate::diff;
use crate::mapping::Apply;
use crate::object::Record;

impl Compiled {
    /// The attributes of the evaluation's `update` that have to be written where `written` stands: as
    /// [`diff::changes`], but what is meant for an empty attribute only, and lists that only grow, change
    /// nothing once they are there.
    ///
    /// For an adopted account `written` is what was found.
    pub fn changes(&self, evaluation: &Evaluation, written: &Record) -> Record {
        let mut changes = diff::changes(written, &evaluation.update);
        if evaluation.if_empty.is_empty() && !self.grows() {
            return changes;
        }
        changes.retain(|attribute, value| {
            let before = written.get(attribute).unwrap_or(&Value::Null);
            if is_for_empty(evaluation, attribute) {
                is_empty(before)
            } else {
                !self.only_grows(evaluation, attribute) || grown(before, value).is_some()
            }
        });
        changes
    }

    /// Whether some change may depend on what the target holds, so that the account is read before it is
    /// written: see [`Compiled::against_target`].
    pub fn needs_target(&self) -> bool {
        self.mappings.iter().any(|mapping| {
            matches!(mapping.apply, Apply::AddOnly | Apply::IfEmpty)
                || mapping.null == crate::mapping::NullPolicy::DefaultIfEmpty
        })
    }

    /// Whether one of these changes depends on what the target holds.
    pub fn depends_on_target(&self, evaluation: &Evaluation, changes: &Record) -> bool {
        changes
            .keys()
            .any(|attribute| is_for_empty(evaluation, attribute) || self.only_grows(evaluation, attribute))
    }

    /// The changes that are left once it is known what the target holds: what is meant for an empty
    /// attribute only is dropped where there is a value, and additions to a list become the whole list.
    ///
    /// What was dropped counts as written from now on: [`Compiled::already_there`].
    pub fn against_target(&self, evaluation: &Evaluation, changes: &Record, found: &Record) -> Record {
        let mut left = Record::new();
        for (attribute, value) in changes {
            let there = found.get(attribute).unwrap_or(&Value::Null);
            if is_for_empty(evaluation, attribute) {
                if is_empty(there) {
                    left.insert(attribute.clone(), value.clone());
                }
            } else if self.only_grows(evaluation, attribute) {
                left.extend(grown(there, value).map(|whole| (attribute.clone(), whole)));
            } else {
                left.insert(attribute.clone(), value.clone());
            }
        }
        left
    }

    /// The values of the target that stand in place of the changes which [`Compiled::against_target`]
    /// dropped. They are entered in what was written, or the same changes would come up for ever.
    pub fn already_there(&self, evaluation: &Evaluation, changes: &Record, found: &Record) -> Record {
        let left = self.against_target(evaluation, changes, found);
        changes
            .keys()
            .filter(|attribute| !left.contains_key(*attribute))
            .filter_map(|attribute| found.get_key_value(attribute))
            .map(|(attribute, value)| (attribute.clone(), value.clone()))
            .collect()
    }

    /// The values that are sent along with every write (mappings with `resend`).
    ///
    /// [`crate::plan::decide`] adds them to changes of other attributes. For an object that a cycle names
    /// (it changed, or somebody asked for it) a caller may write them although nothing else differs; a look
    /// at everybody must not, or no cycle would ever be empty.
    pub fn resent(&self, evaluation: &Evaluation) -> Record {
        self.mappings
            .iter()
            .filter(|mapping| mapping.resend && !is_for_empty(evaluation, &mapping.target))
            .filter_map(|mapping| evaluation.update.get_key_value(&mapping.target))
            .filter(|(_, value)| !value.is_null())
            .map(|(attribute, value)| (attribute.clone(), value.clone()))
            .collect()
    }

    pub(crate) fn with_resent(&self, evaluation: &Evaluation, mut changes: Record) -> Record {
        if self.mappings.iter().any(|mapping| mapping.resend) {
            for (attribute, value) in self.resent(evaluation) {
                changes.entry(attribute).or_insert(value);
            }
        }
        changes
    }

    fn grows(&self) -> bool {
        self.mappings.iter().any(|m| m.apply == Apply::AddOnly)
    }

    /// Whether values of the attribute are only added; a leaver mapping replaces it nevertheless.
    fn only_grows(&self, evaluation: &Evaluation, attribute: &str) -> bool {
        self.mappings
            .iter()
            .any(|m| m.apply == Apply::AddOnly && m.target == attribute)
            && (evaluation.is_present() || !self.leaver.iter().any(|m| m.target == attribute))
    }
}

fn is_for_empty(evaluation: &Evaluation, attribute: &str) -> bool {
    evaluation.if_empty.iter().any(|name| name == attribute)
}

/// No value, empty text, or an empty list.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The list with what it lacks of the additions; `None` when it lacks nothing. A single value is a list of
/// one, but two single values make no list: then the attribute has one value, and the first one stays.
pub(crate) fn grown(before: &Value, additions: &Value) -> Option<Value> {
    if is_empty(before) {
        return (!is_empty(additions)).then(|| additions.clone());
    }
    if !before.is_array() && !additions.is_array() {
        return None;
    }
    let mut whole = elements(before).to_vec();
    let there = whole.len();
    for addition in elements(additions) {
        if !whole.iter().any(|element| is_same(element, addition)) {
            whole.push(addition.clone());
        }
    }
    (whole.len() > there).then_some(Value::Array(whole))
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// Complex elements are the same when `value` and `type` are: targets add sub-attributes of their own.
fn is_same(one: &Value, other: &Value) -> bool {
    let key = |element: &Value| {
        let value = element.get("value").cloned();
        value.map(|value| (value, element.get("type").cloned()))
    };
    one == other || key(one).is_some_and(|key_of_one| key(other) == Some(key_of_one))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
