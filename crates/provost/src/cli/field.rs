//! Changing single fields of a value by `name=value` words: preferences, the deletion guard. A field of a field has
//! both names with a dot between: `allowed.create`.

use crate::cli::setting::Setting;
use crate::failure::Failure;
use crate::nearest::nearest;
use anyhow::{Context as _, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A value's fields by name.
pub(crate) fn fields(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value)? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// The value with the words' fields in the place of its own; `none` empties a field that may be empty. A list is
/// written with commas.
///
/// # Errors
/// When a word names no field, or its value is none of that field's.
pub(crate) fn with<T: Serialize + DeserializeOwned>(what: &str, value: &T, words: &[Setting]) -> Result<T> {
    let mut map = fields(value)?;
    for word in words {
        let may_be_empty = takes_null::<T>(&map, &word.name);
        let Some(slot) = slot::<T>(&mut map, &word.name) else {
            return Err(unknown(what, &word.name, &map));
        };
        *slot = match word.value.as_str() {
            Some("none" | "") if slot.is_array() => Value::Array(Vec::new()),
            Some(list) if slot.is_array() => list.split(',').map(|one| Value::from(one.trim())).collect(),
            Some("none") if !slot.is_string() || may_be_empty => Value::Null,
            _ => word.value.clone(),
        };
        // One word after the other, so that the error is about the right one.
        serde_json::from_value::<T>(Value::Object(map.clone()))
            .map_err(|error| wrong(what, &word.name, &error))?;
    }
    serde_json::from_value(Value::Object(map)).with_context(|| format!("the {what} cannot be read"))
}

/// Whether a word can be about this value.
pub(crate) fn has<T: Serialize + DeserializeOwned>(value: &T, name: &str) -> Result<bool> {
    Ok(slot::<T>(&mut fields(value)?, name).is_some())
}

/// The place of a field. One that is left out while it is empty is made there, where the value takes it.
fn slot<'m, T: DeserializeOwned>(map: &'m mut Map<String, Value>, name: &str) -> Option<&'m mut Value> {
    let Some((outer, inner)) = name.split_once('.') else {
        return map.get_mut(name);
    };
    if map.get(outer)?.get(inner).is_none() {
        let mut tried = map.clone();
        tried
            .get_mut(outer)?
            .as_object_mut()?
            .insert(inner.to_owned(), Value::Null);
        serde_json::from_value::<T>(Value::Object(tried)).ok()?;
    }
    Some(
        map.get_mut(outer)?
            .as_object_mut()?
            .entry(inner)
            .or_insert(Value::Null),
    )
}

/// Whether a field can be without a value, and is not a text that happens to be "none".
fn takes_null<T: DeserializeOwned>(map: &Map<String, Value>, name: &str) -> bool {
    let mut tried = map.clone();
    let emptied = slot::<T>(&mut tried, name).map(|slot| *slot = Value::Null);
    emptied.is_some() && serde_json::from_value::<T>(Value::Object(tried)).is_ok()
}

/// Fields by name, those of inner values with both names.
fn flat(map: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (name, value) in map {
        match value {
            Value::Object(inner) => {
                all.extend(flat(inner).into_iter().map(|(n, v)| (format!("{name}.{n}"), v)))
            }
            value => all.push((name.clone(), value)),
        }
    }
    all
}

fn unknown(what: &str, name: &str, known: &Map<String, Value>) -> anyhow::Error {
    let names: Vec<String> = flat(known).into_iter().map(|(name, _)| name).collect();
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean {meant}? There are: {}", names.join(", ")),
        None => format!("There are: {}", names.join(", ")),
    };
    Failure::new(format!("the {what} has no {name}"), hint).into()
}

fn wrong(what: &str, name: &str, error: &serde_json::Error) -> anyhow::Error {
    let hint =
        "Write true or false, a number, or one of the words that the field takes; none empties a limit.";
    Failure::new(
        format!("the {what}'s {name} cannot have this value: {error}"),
        hint,
    )
    .into()
}

/// Fields for people, one under the other.
pub(crate) fn text(value: &impl Serialize) -> Result<String> {
    let fields = fields(value)?;
    let flat = flat(&fields);
    let shown: Vec<(&str, String)> = flat
        .iter()
        .map(|(name, value)| {
            (
                name.as_str(),
                if is_empty(value) {
                    shown(&Value::Null)
                } else {
                    shown(value)
                },
            )
        })
        .collect();
    Ok(crate::output::pairs(&shown))
}

fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

/// A value for people: a text without its quotes, nothing as a word.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_engine::policy::Guard;

    fn words(all: &[&str]) -> Vec<Setting> {
        all.iter().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn words_change_their_fields_and_no_other() {
        let guard = Guard::default();
        let after = with("guard", &guard, &words(&["minimum=12", "percent=1.5"])).unwrap();
        assert_eq!((after.minimum, after.percent), (12, 1.5));
        assert_eq!(after.members_minimum, guard.members_minimum);
    }

    #[test]
    fn a_field_of_a_field_has_both_names() {
        use provost_store::connection::Preferences;
        let all = words(&[
            "allowed.create=false",
            "allowed.remove_action=delete",
            "leaver.groups=true",
        ]);
        let after = with("connection", &Preferences::default(), &all).unwrap();
        assert!(!after.allowed.create && after.leaver.groups && after.allowed.update);
        assert!(text(&after).unwrap().contains("allowed.remove_action"));
        let listed = with(
            "connection",
            &after,
            &words(&["protected_accounts=a@contoso.example, b"]),
        )
        .unwrap();
        assert_eq!(listed.protected_accounts, ["a@contoso.example", "b"]);
        let back = with("connection", &after, &words(&["allowed.remove_action=none"])).unwrap();
        assert_eq!(back.allowed.remove_action, None);
        assert!(has(&back, "allowed.remove_action").unwrap() && !has(&back, "allowed.remove").unwrap());
        let error = with("connection", &back, &words(&["allowed.creat=false"])).unwrap_err();
        assert_eq!(error.to_string(), "the connection has no allowed.creat");
    }

    #[test]
    fn a_wrong_word_is_named_with_what_there_is() {
        let guard = Guard::default();
        let error = with("guard", &guard, &words(&["minmum=1"])).unwrap_err();
        assert_eq!(error.to_string(), "the guard has no minmum");
        let error = with("guard", &guard, &words(&["minimum=many"]))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("the guard's minimum cannot have this value:"),
            "{error}"
        );
    }
}
