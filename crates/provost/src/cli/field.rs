//! Changing single fields of a value by `name=value` words: preferences, the deletion guard.

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

/// The value with the words' fields in the place of its own; `none` empties a field that may be empty.
///
/// # Errors
/// When a word names no field, or its value is none of that field's.
pub(crate) fn with<T: Serialize + DeserializeOwned>(what: &str, value: &T, words: &[Setting]) -> Result<T> {
    let mut map = fields(value)?;
    for word in words {
        let Some(slot) = map.get_mut(&word.name) else {
            return Err(unknown(what, &word.name, &map));
        };
        *slot = match word.value.as_str() {
            Some("none") if !slot.is_string() => Value::Null,
            _ => word.value.clone(),
        };
        // One word after the other, so that the error is about the right one.
        serde_json::from_value::<T>(Value::Object(map.clone()))
            .map_err(|error| wrong(what, &word.name, &error))?;
    }
    serde_json::from_value(Value::Object(map)).with_context(|| format!("the {what} cannot be read"))
}

fn unknown(what: &str, name: &str, known: &Map<String, Value>) -> anyhow::Error {
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let hint = match nearest(name, names.iter().copied()) {
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
    let shown: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), shown(value)))
        .collect();
    Ok(crate::output::pairs(&shown))
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
